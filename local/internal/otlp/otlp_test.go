package otlp_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/opikgen/opikgen/local/internal/otlp"
	"github.com/opikgen/opikgen/local/internal/store"
)

// text and number make attributes.
func text(key, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

func number(key string, value int64) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: value}}}
}

// rows maps one span.
func rows(t *testing.T, attributes ...*commonpb.KeyValue) (traces, spans []store.Row) {
	t.Helper()
	request := &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{{
		TraceId: []byte("0123456789abcdef"), SpanId: []byte("12345678"), Name: "s", StartTimeUnixNano: 2e18, EndTimeUnixNano: 2e18 + 1, Attributes: attributes,
	}}}}}}}
	traces, spans = otlp.Rows(request, otlp.Propose(request), "p")
	require.Len(t, spans, 1)
	id, err := uuid.Parse(spans[0].ID)
	require.NoError(t, err)
	require.EqualValues(t, 7, id.Version())
	return traces, spans
}

func TestAttributes(t *testing.T) {
	const id = "01900000-0000-7000-8000-000000000001"
	tests := []struct {
		name string
		of   []*commonpb.KeyValue
		want func(t *testing.T, trace, span store.Row)
	}{
		{"the model that answered", []*commonpb.KeyValue{text("gen_ai.request.model", "a"), text("gen_ai.response.model", "b"), text("gen_ai.provider.name", "openai")},
			func(t *testing.T, _, span store.Row) {
				assert.Equal(t, []string{"b", "llm", "openai"}, []string{span.Model, span.Type, span.Provider})
			}},
		{"token counts", []*commonpb.KeyValue{number("gen_ai.usage.input_tokens", 3), number("gen_ai.usage.output_tokens", 4), number("gen_ai.usage.cache_read_tokens", 1)},
			func(t *testing.T, _, span store.Row) {
				assert.Equal(t, map[string]int64{"prompt_tokens": 3, "completion_tokens": 4, "cache_read_input_tokens": 1, "total_tokens": 7}, span.Usage)
			}},
		{"a tool", []*commonpb.KeyValue{text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.call.arguments", `{"a":1}`), text("gen_ai.tool.call.result", "r")},
			func(t *testing.T, _, span store.Row) {
				assert.Equal(t, "tool", span.Type)
				assert.JSONEq(t, `{"gen_ai.tool.call.arguments":{"a":1}}`, string(span.Input))
				assert.JSONEq(t, `{"gen_ai.tool.call.result":"r"}`, string(span.Output))
			}},
		{"a conversation", []*commonpb.KeyValue{text("gen_ai.conversation.id", "talk"), text("opik.tags", `["a","b"]`), text("opik.metadata.version", "3")},
			func(t *testing.T, trace, span store.Row) {
				assert.Equal(t, "talk", trace.ThreadID)
				assert.Equal(t, []string{"a", "b"}, trace.Tags)
				assert.JSONEq(t, `{"version":"3"}`, string(span.Metadata))
			}},
		{"an id that is not of version 7 is ignored", []*commonpb.KeyValue{text("opik.trace_id", "7b2f9d3e-4a55-4b0e-8f7e-0c6b1a2d3e4f")},
			func(t *testing.T, trace, span store.Row) { assert.Equal(t, trace.ID, span.TraceID) }},
		{"a parent that is the trace is none", []*commonpb.KeyValue{text("opik.trace_id", id), text("opik.parent_span_id", id)},
			func(t *testing.T, trace, span store.Row) {
				assert.Equal(t, id, span.TraceID)
				assert.Empty(t, span.ParentID)
				assert.Empty(t, trace.ID, "the trace is Opik's own")
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			traces, spans := rows(t, test.of...)
			test.want(t, append(traces, store.Row{})[0], spans[0])
		})
	}
}

// FuzzParse checks that whatever is sent, mapping it does not panic.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00","spanId":"01","attributes":[{"key":"a","value":{"arrayValue":{}}}]}]}]}]}`), true)
	f.Add([]byte("\x0a\x00"), false)
	f.Fuzz(func(_ *testing.T, body []byte, asJSON bool) {
		request, err := otlp.Parse(body, asJSON)
		if err != nil {
			return
		}
		otlp.Rows(request, otlp.Propose(request), "")
	})
}
