package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/opikgen/opikgen/local/internal/api"
)

const otelJSON = `{"resourceSpans":[{"scopeSpans":[{"spans":[
 {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"agent","startTimeUnixNano":"1767323045000000000","endTimeUnixNano":"1767323047000000000",
  "attributes":[{"key":"thread_id","value":{"stringValue":"talk"}},{"key":"opik.tags","value":{"stringValue":"a, b"}},{"key":"custom","value":{"intValue":"7"}}],
  "events":[{"name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"Timeout"}},{"key":"exception.message","value":{"stringValue":"slow"}}]}]},
 {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b175","parentSpanId":"eee19b7ec3c1b174","name":"chat","startTimeUnixNano":"1767323046000000000","endTimeUnixNano":"1767323047000000000",
  "attributes":[{"key":"gen_ai.system","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},
   {"key":"gen_ai.usage.input_tokens","value":{"intValue":"10"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"5"}},
   {"key":"gen_ai.input.messages","value":{"stringValue":"[{\"role\":\"user\",\"content\":\"hi\"}]"}},
   {"key":"gen_ai.completion","value":{"stringValue":"hello"}},{"key":"gen_ai.request.temperature","value":{"doubleValue":0.5}}]}
]}]}]}`

func TestOpenTelemetryJSON(t *testing.T) {
	c := newClient(t, api.Options{})
	c.header = http.Header{"Content-Type": {"application/json"}, "Projectname": {"p"}}
	for range 2 { // an exporter that tries again changes nothing
		assert.JSONEq(t, `{}`, c.call(200, http.MethodPost, "/otel/v1/traces", otelJSON))
	}
	traces := c.search("/traces/search", object{"project_name": "p"})
	require.Len(t, traces, 1)
	trace := traces[0]
	assert.Equal(t, "agent", trace["name"])
	assert.Equal(t, "talk", trace["thread_id"])
	assert.Equal(t, []any{"a", "b"}, trace["tags"])
	assert.Equal(t, "Timeout", trace["error_info"].(object)["exception_type"])
	assert.Equal(t, object{"custom": 7.0}, trace["input"], "what nobody knows is input")

	spans := c.search("/spans/search", object{"project_name": "p", "trace_id": trace["id"], "type": "llm"})
	require.Len(t, spans, 1)
	span := spans[0]
	assert.Equal(t, "gpt-4o-mini", span["model"])
	assert.Equal(t, "openai", span["provider"])
	assert.Equal(t, object{"prompt_tokens": 10.0, "completion_tokens": 5.0, "total_tokens": 15.0}, span["usage"])
	assert.Equal(t, object{"gen_ai.input.messages": []any{object{"role": "user", "content": "hi"}}}, span["input"])
	assert.Equal(t, object{"gen_ai.completion": "hello"}, span["output"])
	assert.Equal(t, object{"gen_ai.request.temperature": 0.5}, span["metadata"])
	assert.Positive(t, span["total_estimated_cost"])
	parent := c.read("/spans/" + span["parent_span_id"].(string))
	assert.Equal(t, "agent", parent["name"])
}

func TestOpenTelemetryProtobufInTwoRequests(t *testing.T) {
	c := newClient(t, api.Options{})
	trace, root, child := []byte("0123456789abcdef"), []byte("rootroot"), []byte("childchi")
	send := func(span *tracepb.Span) {
		span.TraceId = trace
		body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{span}}}}}})
		require.NoError(t, err)
		c.header = http.Header{"Content-Type": {"application/x-protobuf"}}
		c.call(200, http.MethodPost, "/otel/v1/traces", string(body))
		c.header = http.Header{}
	}
	send(&tracepb.Span{SpanId: child, ParentSpanId: root, Name: "child", StartTimeUnixNano: 2e18, EndTimeUnixNano: 2e18 + 1})
	send(&tracepb.Span{SpanId: root, Name: "root", StartTimeUnixNano: 1.9e18, EndTimeUnixNano: 2e18 + 2})
	spans := c.search("/spans/search", object{"project_name": "Default Project"})
	require.Len(t, spans, 2)
	byName := map[any]object{spans[0]["name"]: spans[0], spans[1]["name"]: spans[1]}
	assert.Equal(t, byName["root"]["id"], byName["child"]["parent_span_id"])
	assert.Equal(t, byName["root"]["trace_id"], byName["child"]["trace_id"])
	assert.Len(t, c.search("/traces/search", object{"project_name": "Default Project"}), 1)
}

func TestOpenTelemetryJoinsATraceOfOpik(t *testing.T) {
	c, trace, parent, id := newClient(t, api.Options{}), newID(), newID(), newID()
	attribute := func(key, value string) *commonpb.KeyValue {
		return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
	}
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{{
		TraceId: []byte("0123456789abcdef"), SpanId: []byte("12345678"), Name: "joined", StartTimeUnixNano: 2e18, EndTimeUnixNano: 2e18 + 1,
		Attributes: []*commonpb.KeyValue{attribute("opik.trace_id", trace), attribute("opik.parent_span_id", parent), attribute("opik.span_id", id)},
	}}}}}}})
	require.NoError(t, err)
	c.call(200, http.MethodPost, "/otel/v1/traces", string(body))
	span := c.read("/spans/" + id)
	assert.Equal(t, trace, span["trace_id"])
	assert.Equal(t, parent, span["parent_span_id"])
	c.call(404, http.MethodGet, "/traces/"+trace, nil)
}

func TestBadOpenTelemetry(t *testing.T) {
	c := newClient(t, api.Options{})
	c.call(400, http.MethodPost, "/otel/v1/traces", "no protobuf")
	c.header = http.Header{"Content-Type": {"application/json"}}
	for _, body := range []string{"", "{", `[]`, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}`, strings.Repeat("[", 1000)} {
		c.call(400, http.MethodPost, "/otel/v1/traces", body)
	}
}
