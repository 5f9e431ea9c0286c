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
var secretNames = []string{"authorization", "authorizationtoken", "headers", "extraheaders", "httpoptions", "apikey"}

func isSecret(name string) bool {
	return slices.Contains(secretNames, strings.ToLower(strings.ReplaceAll(name, "_", "")))
}

// withoutSecrets removes the keys from the list of tools of a request: a tool may be a server that wants one. Deeper
// there are only descriptions of parameters.
func withoutSecrets(text []byte) []byte {
	if !bytes.HasPrefix(text, []byte("[{")) || !bytes.Contains(text, []byte(`"authorization`)) && !bytes.Contains(text, []byte(`"headers"`)) {
		return text
	}
	var elements []map[string]json.RawMessage
	if json.Unmarshal(text, &elements) != nil {
		return text
	}
	for _, element := range elements {
		for name := range element {
			if isSecret(name) {
				element[name] = json.RawMessage(`"` + value.Redacted + `"`)
			}
		}
	}
	return value.Append(nil, elements, len(text)+len(elements)*len(value.Redacted))
}
