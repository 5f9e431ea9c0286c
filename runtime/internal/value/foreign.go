package value

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"io"
	"net/http"
	"net/textproto"
	"reflect"
)

// rawJSONer is a value that still knows the JSON from which it was decoded, as the responses of OpenAI's and
// Anthropic's SDKs do. To write that is cheap and exact, where encoding/json would write dozens of zero fields.
type rawJSONer interface{ RawJSON() string }

var rawJSONerType = reflect.TypeFor[rawJSONer]()

// knowsJSON reports whether RawJSON of t speaks for the whole of a value: one that comes from an embedded struct
// does not know the fields around it.
func knowsJSON(t reflect.Type) bool {
	if !t.Implements(rawJSONerType) {
		return false
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return true
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && (f.Type.Implements(rawJSONerType) || reflect.PointerTo(f.Type).Implements(rawJSONerType)) {
			return false
		}
	}
	return true
}

// newRawEncode writes the JSON that a value knows. otherwise writes one that knows none, because the program made it.
func newRawEncode(otherwise func(*encoder, reflect.Value)) func(*encoder, reflect.Value) {
	return func(e *encoder, v reflect.Value) {
		if nilPointer(v) {
			e.null()
			return
		}
		text, err := guard(func() (string, error) { return v.Interface().(rawJSONer).RawJSON(), nil })
		if err != nil || text == "" || !e.raw([]byte(text)) {
			otherwise(e, v)
		}
	}
}

var readerType = reflect.TypeFor[io.Reader]()

// secrets are the types that carry keys and cookies, or a connection. A private key has exported fields.
var secrets = map[reflect.Type]bool{
	reflect.TypeFor[http.Header]():          true,
	reflect.TypeFor[textproto.MIMEHeader](): true,
	reflect.TypeFor[http.Request]():         true,
	reflect.TypeFor[http.Response]():        true,
	reflect.TypeFor[http.Client]():          true,
	reflect.TypeFor[http.Cookie]():          true,
	reflect.TypeFor[http.CookieJar]():       true,
	reflect.TypeFor[http.RoundTripper]():    true,
	reflect.TypeFor[tls.Config]():           true,
	reflect.TypeFor[tls.Certificate]():      true,
	reflect.TypeFor[rsa.PrivateKey]():       true,
	reflect.TypeFor[ecdsa.PrivateKey]():     true,
	reflect.TypeFor[ed25519.PrivateKey]():   true,
}

// foreignSecrets are the types of other modules that carry keys, by their path and name.
var foreignSecrets = map[[2]string]bool{
	{"github.com/aws/aws-sdk-go-v2/aws", "Credentials"}: true,
	{"github.com/aws/smithy-go/auth/bearer", "Token"}:   true,
	{"golang.org/x/oauth2", "Token"}:                    true,
	{"github.com/aws/smithy-go/middleware", "Metadata"}: true, // of responses: has them as they came
}

// secret reports whether values of t, or those that it points to or lists, are never written.
func secret(t reflect.Type) bool {
	for t.Name() == "" && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	return secrets[t] || foreignSecrets[[2]string{t.PkgPath(), t.Name()}]
}

// foreign reports whether a field of type t is left out: what it holds is no data of the program.
func foreign(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Func, reflect.Chan:
		return true
	case reflect.Interface:
		return t.Implements(readerType) || secret(t)
	default:
		return secret(t)
	}
}
