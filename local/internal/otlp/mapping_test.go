package otlp_test

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/opikgen/opikgen/local/internal/otlp"
	"github.com/opikgen/opikgen/local/internal/store"
)

// attribute makes an attribute of a value of Go's.
func attribute(key string, value any) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: anyValue(value)}
}

// anyValue is a value in OpenTelemetry's form.
func anyValue(value any) *commonpb.AnyValue {
	switch v := value.(type) {
	case string:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v}}
	case bool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: v}}
	case int:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: int64(v)}}
	case float64:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v}}
	case []byte:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: v}}
	case []any:
		list := &commonpb.ArrayValue{}
		for _, item := range v {
			list.Values = append(list.Values, anyValue(item))
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}
	case map[string]any:
		object := &commonpb.KeyValueList{}
		for key, item := range v {
			object.Values = append(object.Values, attribute(key, item))
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: object}}
	}
	return nil
}

// request wraps spans.
func request(spans ...*tracepb.Span) *tracepb.TracesData {
	return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}}}}
}

// span makes a span of a trace.
func span(id, parent string, attributes ...*commonpb.KeyValue) *tracepb.Span {
	return &tracepb.Span{TraceId: []byte("0123456789abcdef"), SpanId: []byte(id), ParentSpanId: []byte(parent), Name: id,
		StartTimeUnixNano: 2e18, EndTimeUnixNano: 2e18 + 5, Attributes: attributes}
}

// mapped returns the rows of a request.
func mapped(spans ...*tracepb.Span) (traces, rows []store.Row) {
	data := request(spans...)
	return otlp.Rows(data, otlp.Propose(data), "p")
}

func TestValuesOfEveryType(t *testing.T) {
	tests := map[string]struct {
		value any
		want  string
	}{
		"text": {"a", `{"x":"a"}`}, "a truth": {true, `{"x":true}`}, "whole": {7, `{"x":7}`}, "broken": {0.5, `{"x":0.5}`}, "bytes": {[]byte("ab"), `{"x":"YWI="}`},
		"a list": {[]any{"a", 1, []any{}}, `{"x":["a",1,[]]}`}, "an object": {map[string]any{"a": map[string]any{"b": 1}}, `{"x":{"a":{"b":1}}}`}, "nothing": {nil, `{"x":null}`},
		"JSON that nobody asked to read": {`{"a":1}`, `{"x":"{\"a\":1}"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, rows := mapped(span("1", "", attribute("x", test.value)))
			assert.JSONEq(t, test.want, string(rows[0].Input))
		})
	}
	_, rows := mapped(span("1", "", attribute("x", math.NaN()), attribute("y", math.Inf(-1)), attribute("z", "kept")))
	assert.JSONEq(t, `{"x":"NaN","y":"-Inf","z":"kept"}`, string(rows[0].Input), "what JSON has no word for costs nothing else")
}

func TestWhereAttributesGo(t *testing.T) {
	tests := []struct {
		key   string
		value any
		got   func(store.Row) any
		want  any
	}{
		{"gen_ai.prompt", "p", inputOf, `{"gen_ai.prompt":"p"}`}, {"gen_ai.input.messages", `[{"role":"user"}]`, inputOf, `{"gen_ai.input.messages":[{"role":"user"}]}`},
		{"gen_ai.system_instructions", "[broken", inputOf, `{"gen_ai.system_instructions":"[broken"}`}, {"gen_ai.tool.call.arguments", `{"a":1}`, inputOf, `{"gen_ai.tool.call.arguments":{"a":1}}`},
		{"gen_ai.completion", "c", outputOf, `{"gen_ai.completion":"c"}`}, {"gen_ai.output.messages", "[]", outputOf, `{"gen_ai.output.messages":[]}`},
		{"gen_ai.response.text", "t", outputOf, `{"gen_ai.response.text":"t"}`}, {"gen_ai.tool.call.result", "r", outputOf, `{"gen_ai.tool.call.result":"r"}`},
		{"gen_ai.request.temperature", 0.5, metadataOf, `{"gen_ai.request.temperature":0.5}`}, {"gen_ai.response.id", "i", metadataOf, `{"gen_ai.response.id":"i"}`},
		{"gen_ai.response.finish_reasons", []any{"stop"}, metadataOf, `{"gen_ai.response.finish_reasons":["stop"]}`}, {"gen_ai.agent.name", "a", metadataOf, `{"gen_ai.agent.name":"a"}`},
		{"gen_ai.operation.name", "chat", metadataOf, `{"gen_ai.operation.name":"chat"}`}, {"opik.metadata.version", 3, metadataOf, `{"version":3}`},
		{"gen_ai.request.model", "m", func(r store.Row) any { return r.Model + r.Type }, "mllm"}, {"gen_ai.system", "openai", func(r store.Row) any { return r.Provider }, "openai"},
		{"gen_ai.provider.name", "groq", func(r store.Row) any { return r.Provider }, "groq"}, {"gen_ai.system", 7, func(r store.Row) any { return r.Provider }, ""},
		{"gen_ai.usage.cost", 0.25, func(r store.Row) any { return *r.Cost }, 0.25}, {"gen_ai.usage.cost", 1, func(r store.Row) any { return *r.Cost }, 1.0},
		{"gen_ai.usage.cost", "free", func(r store.Row) any { return r.Cost }, (*float64)(nil)},
		{"gen_ai.usage.output_tokens", 4, func(r store.Row) any { return r.Usage }, map[string]int64{"completion_tokens": 4, "total_tokens": 4}},
		{"gen_ai.usage.total_tokens", 9.0, func(r store.Row) any { return r.Usage }, map[string]int64{"total_tokens": 9}},
		{"gen_ai.usage.reasoning_tokens", "many", func(r store.Row) any { return len(r.Usage) }, 0},
		{"gen_ai.tool.name", "search", func(r store.Row) any { return r.Type }, "tool"}, {"gen_ai.operation.name", "execute_tool", func(r store.Row) any { return r.Type }, "tool"},
		{"opik.tags", []any{"a", 1, "b"}, func(r store.Row) any { return r.Tags }, []string{"a", "b"}}, {"opik.tags", `["a"]`, func(r store.Row) any { return r.Tags }, []string{"a"}},
		{"opik.tags", "a, b", func(r store.Row) any { return r.Tags }, []string{"a", "b"}}, {"http.method", "GET", inputOf, `{"http.method":"GET"}`},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			_, rows := mapped(span("1", "", attribute(test.key, test.value)))
			assert.Equal(t, test.want, test.got(rows[0]))
		})
	}
}

func inputOf(r store.Row) any    { return string(r.Input) }
func outputOf(r store.Row) any   { return string(r.Output) }
func metadataOf(r store.Row) any { return string(r.Metadata) }

func TestErrors(t *testing.T) {
	exception := &tracepb.Span_Event{Name: "exception", Attributes: []*commonpb.KeyValue{
		attribute("exception.type", "Timeout"), attribute("exception.message", "slow"), attribute("exception.stacktrace", "line 1")}}
	failed := &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: "no"}
	tests := map[string]struct {
		events []*tracepb.Span_Event
		status *tracepb.Status
		want   string // empty is none
	}{
		"fine":                   {nil, &tracepb.Status{Code: tracepb.Status_STATUS_CODE_OK}, ""},
		"an exception":           {[]*tracepb.Span_Event{{Name: "log"}, exception}, nil, `{"exception_type":"Timeout","message":"slow","traceback":"line 1"}`},
		"a status":               {nil, failed, `{"exception_type":"Error","message":"no","traceback":"no"}`},
		"both":                   {[]*tracepb.Span_Event{exception}, failed, `{"exception_type":"Timeout","message":"slow","traceback":"line 1"}`},
		"an exception of nobody": {[]*tracepb.Span_Event{{Name: "exception"}}, nil, `{"exception_type":"Error","message":"","traceback":"unknown"}`},
		"a status without words": {nil, &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}, `{"exception_type":"Error","message":"","traceback":"unknown"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sent := span("1", "")
			sent.Events, sent.Status = test.events, test.status
			traces, rows := mapped(sent)
			if test.want == "" {
				assert.Empty(t, rows[0].Error)
				return
			}
			assert.JSONEq(t, test.want, string(rows[0].Error))
			assert.JSONEq(t, test.want, string(traces[0].Error), "the trace failed with its root")
		})
	}
}

func TestIdsAreTheSameInEveryRequest(t *testing.T) {
	together, all := mapped(span("root", ""), span("child", "root"))
	require.Len(t, together, 1)
	data := request(span("child", "root"))
	ids := map[string]string{hex.EncodeToString([]byte("0123456789abcdef")): together[0].ID}
	none, alone := otlp.Rows(data, ids, "p")
	assert.Empty(t, none, "only a root makes the trace")
	assert.Equal(t, all[1].ID, alone[0].ID)
	assert.Equal(t, all[0].ID, alone[0].ParentID, "a parent is known without having been seen")
	for _, row := range all {
		id := uuid.MustParse(row.ID)
		assert.EqualValues(t, 7, id.Version())
		seconds, _ := id.Time().UnixTime()
		assert.InDelta(t, 2e9, seconds, 1, "the id carries the clock of the span")
	}
}

func TestUsageIsCountedOnce(t *testing.T) {
	tokens := attribute("gen_ai.usage.input_tokens", 5)
	_, rows := mapped(span("root", "", tokens), span("child", "root", tokens), span("other", "", tokens))
	assert.Empty(t, rows[0].Usage, "its child counted it")
	assert.EqualValues(t, 5, rows[1].Usage["prompt_tokens"])
	assert.EqualValues(t, 5, rows[2].Usage["prompt_tokens"])
}

func TestStrangeTimes(t *testing.T) {
	for nanos, want := range map[uint64]store.Time{0: 0, 1: 1, math.MaxInt64: math.MaxInt64, math.MaxUint64: math.MaxInt64} {
		sent := span("1", "")
		sent.StartTimeUnixNano = nanos
		_, rows := mapped(sent)
		assert.Equal(t, want, rows[0].Start)
	}
}

func TestBothFormsSayTheSame(t *testing.T) {
	data := request(span("root-id1", "", attribute("gen_ai.request.model", "m"), attribute("list", []any{1, "a"})), span("child-id", "root-id1"))
	binary, err := proto.Marshal(data)
	require.NoError(t, err)
	text, err := protojson.Marshal(data)
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, json.Unmarshal(text, &document))
	spans := document["resourceSpans"].([]any)[0].(map[string]any)["scopeSpans"].([]any)[0].(map[string]any)["spans"].([]any)
	for i, sent := range data.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans() { // OTLP's JSON has ids in hex
		object := spans[i].(map[string]any)
		object["traceId"], object["spanId"] = hex.EncodeToString(sent.GetTraceId()), hex.EncodeToString(sent.GetSpanId())
		object["parentSpanId"] = hex.EncodeToString(sent.GetParentSpanId())
		object["unknownMember"] = 1
	}
	text, err = json.Marshal(document)
	require.NoError(t, err)
	first, err := otlp.Parse(binary, false)
	require.NoError(t, err)
	second, err := otlp.Parse(text, true)
	require.NoError(t, err)
	wantTraces, wantSpans := otlp.Rows(first, otlp.Propose(first), "p")
	gotTraces, gotSpans := otlp.Rows(second, otlp.Propose(second), "p")
	assert.Equal(t, wantTraces, gotTraces)
	assert.Equal(t, wantSpans, gotSpans)
	assert.Equal(t, "p", gotSpans[0].ProjectName)
}

func TestWhatCannotBeParsed(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"resourceSpans":1}`, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}`} {
		_, err := otlp.Parse([]byte(text), true)
		require.Error(t, err, text)
	}
	_, err := otlp.Parse([]byte{0xff, 0xff}, false)
	require.Error(t, err)
	for header, want := range map[string]bool{"application/json": true, "application/json; charset=utf-8": true, "application/x-protobuf": false, "": false} {
		assert.Equal(t, want, otlp.IsJSON(header), header)
	}
}
