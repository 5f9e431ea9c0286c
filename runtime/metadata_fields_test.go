package opik_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// request has what requests to models have, and what must not be recorded of them.
type request struct {
	Model       string            `json:"model"`
	Messages    []string          `json:"messages"`
	Temperature *float64          `json:"temperature,omitempty"`
	TopP        *float64          `json:"top_p"`
	Seed        int               `json:"seed,omitzero"`
	Stop        []string          `json:"stop,omitempty"`
	Tools       []map[string]any  `json:"tools,omitempty"`
	Header      http.Header       `json:"header"`
	Extra       map[string]string `json:"extra_headers"`
	Key         string            `json:"api_key"`
	HTTPOptions struct{ Key string }
	Note        string `json:"-"`
	Broken      broken `json:"broken"`
}

type broken struct{}

func (broken) MarshalJSON() ([]byte, error) { panic("broken") }

// MarshalJSON of a request is what its SDK sends. The fields are looked at one by one.
func (request) MarshalJSON() ([]byte, error) { panic("not asked") }

func TestMetadataFieldsAreTheRestOfTheRequest(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{})
	opik.CaptureInput(span, "messages", []string{"hi"})
	half := 0.5
	opik.CaptureMetadataFields(span, &request{
		Model: "m", Messages: []string{"hi"}, Temperature: &half,
		Tools: []map[string]any{{
			"type": "mcp", "server_url": "http://example.com", "authorization": "canary", "headers": map[string]string{"X-Key": "canary"},
		}, {"type": "function", "parameters": map[string]any{"headers": "kept"}}},
		Header: http.Header{"Authorization": {"canary"}}, Extra: map[string]string{"X-Key": "canary"}, Key: "canary",
		HTTPOptions: struct{ Key string }{"canary"}, Note: "canary",
	})
	opik.CaptureMetadataFields(span, map[string]any{"seed": 7, "authorization": "canary"})
	opik.CaptureMetadataFields(span, (*request)(nil))
	opik.CaptureMetadataFields(span, 7)
	span.End()
	assert.Equal(t, map[string]any{
		"model": "m", "temperature": 0.5, "seed": 7.0,
		"tools": []any{
			map[string]any{"type": "mcp", "server_url": "http://example.com", "authorization": "[redacted]", "headers": "[redacted]"},
			map[string]any{"type": "function", "parameters": map[string]any{"headers": "kept"}},
		},
		"broken": "[opik_test.broken: MarshalJSON: panic: broken]",
	}, rec.Traces()[0].Spans[0].Metadata)
	opik.CaptureMetadataFields((*opik.Span)(nil), request{})
}

// sent is a request as of an SDK that lets the program replace what is sent, or add to it.
type sent struct {
	Model    string   `json:"model"`
	Messages []string `json:"messages"`
	Seed     int      `json:"seed,omitzero"`
	override any
	extra    map[string]any
}

func (s sent) Overrides() (any, bool) { return s.override, s.override != nil }

func (s sent) ExtraFields() map[string]any { return s.extra }

func (s sent) MarshalJSON() ([]byte, error) {
	if s.override != nil {
		return json.Marshal(s.override)
	}
	all := map[string]any{"model": s.Model, "messages": s.Messages, "seed": s.Seed}
	maps.Copy(all, s.extra)
	return json.Marshal(all)
}

// TestKeysOfToolsAreRedactedAtAnyDepth has tools as they are told of keys by the SDKs of several providers.
func TestKeysOfToolsAreRedactedAtAnyDepth(t *testing.T) {
	for given, want := range map[string]string{
		`[{"type":"mcp","authorization":"canary"}]`:                                     `[{"authorization":"[redacted]","type":"mcp"}]`,
		`[{"exaAiSearch":{"apiKey":"canary","customConfigs":{"n":1}}}]`:                 `[{"exaAiSearch":{"apiKey":"[redacted]","customConfigs":{"n":1}}}]`,
		`[{"googleMaps":{"authConfig":{"apiKeyConfig":{"apiKeyString":"canary"}}}}]`:    `[{"googleMaps":{"authConfig":{"apiKeyConfig":{"apiKeyString":"[redacted]"}}}}]`,
		`[{"mcpServers":[{"streamableHttpTransport":{"headers":{"X-Key":"canary"}}}]}]`: `[{"mcpServers":[{"streamableHttpTransport":{"headers":"[redacted]"}}]}]`,
		`{"server":{"api_key":"canary","n":1234567890123456}}`:                          `{"server":{"api_key":"[redacted]","n":1234567890123456}}`,
		`[{"HTTPOptions":1}]`: `[{"HTTPOptions":"[redacted]"}]`,
		`[{"input_schema":{"properties":{"headers":{"type":"string"}}}}]`: `[{"input_schema":{"properties":{"headers":{"type":"string"}}}}]`,
		`[{"parameters":{"apiKey":"kept"},"key":"kept"}]`:                 `[{"parameters":{"apiKey":"kept"},"key":"kept"}]`,
		`["apikey","headers"]`: `["apikey","headers"]`,
	} {
		span := recordSpan(t, func(s *opik.Span) { opik.CaptureMetadataFields(s, map[string]any{"tools": json.RawMessage(given)}) })
		got, err := json.Marshal(span.Metadata["tools"])
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

// TestFieldsThatAreOutputsAreNoMetadata holds that nothing is recorded twice.
func TestFieldsThatAreOutputsAreNoMetadata(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) {
		opik.CaptureOutput(s, "usage", 1)
		opik.CaptureMetadataFields(s, map[string]any{"usage": 2, "seed": 7})
		opik.CaptureMetadataFields(s, map[int]string{1: "has no names"})
	})
	assert.Equal(t, map[string]any{"seed": 7.0}, span.Metadata)
}

func TestMetadataFieldsOfARequestThatIsSentOtherwise(t *testing.T) {
	raw := json.RawMessage(`{"model":"real","messages":["real"],"system":"be kind","top_k":5,"stop":null,"user":"","api_key":"canary"}`)
	for name, c := range map[string]struct {
		request         any
		redacted        bool
		model           string
		input, metadata map[string]any
	}{
		"fields": {
			sent{Model: "m", Messages: []string{"hi"}, Seed: 7}, false, "m",
			map[string]any{"messages": []any{"hi"}}, map[string]any{"model": "m", "seed": 7.0},
		},
		"replaced": {
			sent{override: raw}, false, "real",
			map[string]any{"messages": []any{"real"}, "system": "be kind"}, map[string]any{"model": "real", "top_k": 5.0},
		},
		"replaced behind a pointer": {
			&sent{Messages: []string{"ignored"}, override: map[string]any{"model": "real", "messages": "one"}}, false, "real",
			map[string]any{"messages": "one"}, map[string]any{"model": "real"},
		},
		"more": {
			sent{Model: "m", Messages: []string{"hi"}, extra: map[string]any{"top_k": 5, "messages": []string{"real"}}}, false, "m",
			map[string]any{"messages": []any{"real"}}, map[string]any{"model": "m", "seed": 0.0, "top_k": 5.0},
		},
		"redacted": {
			sent{override: raw}, true, "real",
			map[string]any{"messages": "[redacted]", "system": "be kind"}, map[string]any{"model": "real", "top_k": 5.0},
		},
		"no object": {
			sent{Model: "m", Messages: []string{"hi"}, override: "text"}, false, "m",
			map[string]any{"messages": []any{"hi"}}, map[string]any{"model": "m"},
		},
		"null": {sent{override: json.RawMessage("null")}, false, "", nil, nil},
		"nil":  {(*sent)(nil), false, "", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
			request, ok := c.request.(sent)
			if pointer, isPointer := c.request.(*sent); isPointer && pointer != nil {
				request, ok = *pointer, true
			}
			if c.redacted {
				span.RedactInput("messages")
			} else if ok {
				opik.CaptureInput(span, "messages", request.Messages)
			}
			opik.CaptureMetadataFields(span, c.request)
			opik.CaptureModel(span, request.Model)
			span.End()
			got := rec.Traces()[0].Spans[0]
			assert.Equal(t, c.model, got.Model)
			assert.Equal(t, c.input, got.Input)
			assert.Equal(t, c.metadata, got.Metadata)
		})
	}
}

func TestMetadataFieldsThatAMaskTakesAway(t *testing.T) {
	rec := opiktest.Open(opik.Options{Mask: func(field string, v []byte) []byte {
		if field == "metadata.seed" {
			return nil
		}
		return v
	}})
	defer rec.Close()
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{})
	opik.CaptureMetadataFields(span, sent{Model: "m", Seed: 7})
	span.End()
	assert.Equal(t, map[string]any{"model": "m"}, rec.Traces()[0].Spans[0].Metadata)
}

func TestModelOfAResourceName(t *testing.T) {
	for model, want := range map[string]string{
		"gpt-4o": "gpt-4o", "openai/gpt-4o": "openai/gpt-4o", "models/gemini-2.5-flash": "gemini-2.5-flash",
		"publishers/google/models/gemini-2.5-flash": "gemini-2.5-flash", "accounts/fireworks/models/llama": "accounts/fireworks/models/llama",
	} {
		rec := opiktest.New(t)
		_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
		opik.CaptureModel(span, model)
		span.End()
		assert.Equal(t, want, rec.Traces()[0].Spans[0].Model)
	}
}
