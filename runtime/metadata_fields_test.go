package opik_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

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
