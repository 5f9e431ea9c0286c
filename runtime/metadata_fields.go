package opik

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// CaptureMetadataFields records the fields of a struct, most often the request to a model, each under its name in
// JSON, but for those that are empty or that the span has as inputs or outputs. Fields that say how to authenticate are left out.
//
// Of a request that an SDK is told to send as other JSON than its fields are, as by param.Override, that JSON is recorded,
// its inputs as such.
func CaptureMetadataFields[T any](s *Span, v T) {
	if s != nil {
		s.captureMetadataFields(v)
	}
}

func (s *Span) captureMetadataFields(v any) {
	if members, ok := value.Overridden(v); ok {
		s.captureOverridden(members)
		return
	}
	value.Members(v, s.client.maximum, s.holds, func(name string, text []byte) {
		if string(text) != `""` {
			s.captureMember(record.Metadata, name, text)
		}
	})
}

// captureMember records the field of a request.
func (s *Span) captureMember(section record.Section, name string, text []byte) {
	if text = s.extract(section, s.client.masking(section, name, withoutSecrets(text))); text != nil {
		s.change(func() { s.fields().Set(section, name, s.fitting(text)) })
	}
}

// holds reports whether a field is recorded elsewhere, or must not be.
func (s *Span) holds(name string) bool {
	if isSecret(name) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, input := s.fields().Get(record.Input, name)
	_, output := s.fields().Get(record.Output, name)
	return input || output
}

// secretNames are the fields of requests that hold keys, in small letters without underscores.
var secretNames = []string{"authorization", "authorizationtoken", "headers", "extraheaders", "httpoptions", "apikey", "apikeystring"}

// secretMarks are in all of secretNames, in whatever form they are written.
var secretMarks = [][]byte{[]byte("uthorization"), []byte(`eaders"`), []byte(`ptions"`), []byte("ey\""), []byte("tring\"")}

func isSecret(name string) bool {
	return slices.Contains(secretNames, strings.ToLower(strings.ReplaceAll(name, "_", "")))
}

// withoutSecrets removes the keys from a member of a request, as from the list of tools: a tool may be a server that wants
// one, and say so at any depth. Only what describes parameters is left alone, which may have any name.
func withoutSecrets(text []byte) []byte {
	if !mayHoldSecrets(text) {
		return text
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var member any
	if decoder.Decode(&member) != nil || !redact(member) {
		return text
	}
	return value.Append(nil, member, 2*len(text)) // a placeholder is no longer than the shortest member that it is in
}

// mayHoldSecrets spares the decoding of what holds none.
func mayHoldSecrets(text []byte) bool {
	if len(text) == 0 || text[0] != '[' && text[0] != '{' {
		return false
	}
	return slices.ContainsFunc(secretMarks, func(mark []byte) bool { return bytes.Contains(text, mark) })
}

// redact removes the keys from a decoded value, and reports whether there were any.
func redact(v any) (found bool) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			found = redact(element) || found
		}
	case map[string]any:
		for name := range v {
			found = redactMember(v, name) || found
		}
	}
	return found
}

func redactMember(object map[string]any, name string) (found bool) {
	switch {
	case isSecret(name):
		object[name] = value.Redacted
		return true
	case name == "parameters" || name == "properties": // of functions, and of JSON schemas wherever they are
		return false
	}
	return redact(object[name])
}
