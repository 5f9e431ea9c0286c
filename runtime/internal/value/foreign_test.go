package value_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"io"
	"math"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

// response is built like the responses of OpenAI's SDK.
type response struct {
	ID    string `json:"id"`
	Usage int    `json:"usage"`
	raw   string
}

func (r response) RawJSON() string { return r.raw }

// byPointer has the method on the pointer, and it may panic.
type byPointer struct{ raw *string }

func (r *byPointer) RawJSON() string { return *r.raw }

// reply holds more than the response that it embeds.
type reply struct {
	response
	Cost float64 `json:"cost"`
}

func TestAppendWritesTheJSONThatAValueKnows(t *testing.T) {
	raw := ` {"id":"r1",` + "\n" + ` "vendor": true}`
	known, made := response{ID: "r1", raw: raw}, response{ID: "r2"}
	cases := map[string]struct {
		v    any
		want string
	}{
		"value":                     {known, `{"id":"r1","vendor":true}`},
		"pointer":                   {&known, `{"id":"r1","vendor":true}`},
		"in a slice":                {[]response{known, made}, `[{"id":"r1","vendor":true},{"id":"r2","usage":0}]`},
		"in an interface":           {[]any{known}, `[{"id":"r1","vendor":true}]`},
		"made by the program":       {made, `{"id":"r2","usage":0}`},
		"no JSON":                   {response{ID: "r3", raw: "{"}, `{"id":"r3","usage":0}`},
		"nil pointer":               {[]*response{nil}, `[null]`},
		"method on the pointer":     {&byPointer{raw: &raw}, `{"id":"r1","vendor":true}`},
		"panic":                     {&byPointer{}, `{}`},
		"embedded, with more":       {reply{known, 0.5}, `{"id":"r1","usage":0,"cost":0.5}`},
		"a pointer to such a thing": {&reply{known, 0.5}, `{"id":"r1","usage":0,"cost":0.5}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, string(value.Append(nil, c.v, math.MaxInt32)))
		})
	}
}

// TestPrivateKeysAreNotWritten is about keys that have exported fields: a configuration that a traced call gets may hold
// them, deep down.
func TestPrivateKeysAreNotWritten(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	prime := &rsa.PrivateKey{D: big.NewInt(7_777_777), Primes: []*big.Int{big.NewInt(7_777_777)}}
	got := string(value.Append(nil, map[string]any{
		"edwards": edwards, "elliptic": elliptic, "rsa": prime, "signer": crypto.Signer(prime),
		"tls": &tls.Config{ServerName: "secret", Certificates: []tls.Certificate{{PrivateKey: prime}}},
		"config": struct {
			TLS  *tls.Config
			Keys []ed25519.PrivateKey
			Name string
		}{Name: "n", TLS: &tls.Config{ServerName: "secret"}},
	}, math.MaxInt32))
	assert.JSONEq(t, `{"config":{"Name":"n"},"edwards":"[ed25519.PrivateKey]","elliptic":"[*ecdsa.PrivateKey]","rsa":"[*rsa.PrivateKey]",`+
		`"signer":"[*rsa.PrivateKey]","tls":"[*tls.Config]"}`, got)
}

func TestAppendLeavesOutWhatIsNoData(t *testing.T) {
	type request struct {
		Prompt   string
		Body     io.Reader
		Closer   io.ReadCloser
		Callback func()
		Events   chan int
		Header   http.Header
		Response *http.Response
		Cookies  []*http.Cookie
		Jar      http.CookieJar
		Client   *http.Client
	}
	secret := http.Header{"Authorization": {"Bearer sk-1"}}
	body := strings.NewReader("untouched")
	full := request{
		Prompt: "Hi", Body: body, Closer: io.NopCloser(body), Callback: func() {}, Events: make(chan int), Header: secret,
		Response: &http.Response{Header: secret}, Cookies: []*http.Cookie{{Value: "sk-1"}}, Client: http.DefaultClient,
	}
	cases := map[string]struct {
		v    any
		want string
	}{
		"fields":     {full, `{"Prompt":"Hi"}`},
		"embedded":   {struct{ *http.Response }{full.Response}, `{}`},
		"header":     {secret, `"[http.Header]"`},
		"response":   {full.Response, `"[*http.Response]"`},
		"cookies":    {[]any{full.Cookies, http.Cookie{Value: "sk-1"}}, `["[[]*http.Cookie]","[http.Cookie]"]`},
		"map":        {map[string]http.Header{"a": secret, "b": nil}, `{"a":"[http.Header]","b":null}`},
		"plain maps": {map[string][]string{"a": {"b"}}, `{"a":["b"]}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := value.Append(nil, c.v, math.MaxInt32)
			assert.Equal(t, c.want, string(got))
			assert.False(t, bytes.Contains(got, []byte("sk-1")))
		})
	}
	assert.Equal(t, len("untouched"), body.Len())
}
