package otlp

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/opikgen/opikgen/local/internal/store"
)

// mapping is what the attributes of a span say in Opik's terms.
type mapping struct {
	input, output, metadata map[string]any
	usage                   map[string]int64
	model, provider, thread string
	kind                    string
	cost                    *float64
	tags                    []string
	ids                     map[string]string // opik.trace_id and so on
	failure                 json.RawMessage
	joined                  bool // the span belongs to a trace that Opik's SDK made
}

// newMapping reads attributes and events.
func newMapping(span *tracepb.Span) *mapping {
	m := &mapping{
		input: map[string]any{}, output: map[string]any{}, metadata: map[string]any{}, usage: map[string]int64{}, ids: map[string]string{}, kind: "general",
	}
	for _, attribute := range span.GetAttributes() {
		m.take(attribute.GetKey(), plain(attribute.GetValue()))
	}
	for _, event := range span.GetEvents() {
		m.takeEvent(event)
	}
	if status := span.GetStatus(); m.failure == nil && status.GetCode() == tracepb.Status_STATUS_CODE_ERROR {
		m.failure = failure("Error", status.GetMessage(), "")
	}
	if m.metadata["gen_ai.operation.name"] == "execute_tool" || m.metadata["gen_ai.tool.name"] != nil {
		m.kind = "tool"
	}
	return m
}

// plain is an attribute's value as JSON has it.
func plain(value *commonpb.AnyValue) any {
	switch v := value.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_DoubleValue:
		return finite(v.DoubleValue)
	case *commonpb.AnyValue_BytesValue:
		return v.BytesValue
	case *commonpb.AnyValue_ArrayValue:
		list := make([]any, len(v.ArrayValue.GetValues()))
		for i, item := range v.ArrayValue.GetValues() {
			list[i] = plain(item)
		}
		return list
	case *commonpb.AnyValue_KvlistValue:
		object := map[string]any{}
		for _, item := range v.KvlistValue.GetValues() {
			object[item.GetKey()] = plain(item.GetValue())
		}
		return object
	}
	return nil
}

// finite is a number, or the name of one that JSON has no word for.
func finite(number float64) any {
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return strconv.FormatFloat(number, 'g', -1, 64)
	}
	return number
}

// A rule says where the attributes of a prefix belong. The first that fits counts.
type rule struct {
	prefix string
	take   func(m *mapping, key string, value any)
}

// rules map the attributes of the GenAI conventions and of Opik. What none of them knows is input, as in Opik.
var rules = []rule{
	{"opik.trace_id", takeID}, {"opik.span_id", takeID}, {"opik.parent_span_id", takeID},
	{"opik.tags", func(m *mapping, _ string, value any) { m.tags = append(m.tags, texts(value)...) }},
	{"opik.metadata.", func(m *mapping, key string, value any) { m.metadata[strings.TrimPrefix(key, "opik.metadata.")] = value }},
	{"gen_ai.usage.cost", func(m *mapping, _ string, value any) {
		if cost, ok := number(value); ok {
			m.cost = &cost
		}
	}},
	{"gen_ai.usage.", takeUsage},
	{"gen_ai.request.model", takeModel}, {"gen_ai.response.model", takeModel},
	{"gen_ai.system_instructions", takeInput}, {"gen_ai.prompt", takeInput}, {"gen_ai.input", takeInput}, {"gen_ai.tool.call.arguments", takeInput},
	{"gen_ai.completion", takeOutput}, {"gen_ai.output", takeOutput}, {"gen_ai.response.text", takeOutput}, {"gen_ai.tool.call.result", takeOutput},
	{"gen_ai.system", takeProvider}, {"gen_ai.provider.name", takeProvider},
	{"gen_ai.conversation.id", takeThread}, {"thread_id", takeThread},
	{"gen_ai.request.", takeMetadata}, {"gen_ai.response.", takeMetadata}, {"gen_ai.tool.", takeMetadata}, {"gen_ai.agent.", takeMetadata},
	{"gen_ai.operation.name", takeMetadata},
}

// take puts one attribute where it belongs.
func (m *mapping) take(key string, value any) {
	for _, rule := range rules {
		if strings.HasPrefix(key, rule.prefix) {
			rule.take(m, key, value)
			return
		}
	}
	m.input[key] = value
}

func takeInput(m *mapping, key string, value any)    { m.input[key] = document(value) }
func takeOutput(m *mapping, key string, value any)   { m.output[key] = document(value) }
func takeMetadata(m *mapping, key string, value any) { m.metadata[key] = value }

// takeModel keeps the model that answered, or else the one that was asked.
func takeModel(m *mapping, key string, value any) {
	if name, ok := value.(string); ok && (m.model == "" || key == "gen_ai.response.model") {
		m.model, m.kind = name, "llm"
	}
}

func takeProvider(m *mapping, _ string, value any) {
	if name, ok := value.(string); ok {
		m.provider = name
	}
}

func takeThread(m *mapping, _ string, value any) {
	if name, ok := value.(string); ok {
		m.thread = name
	}
}

// takeID keeps an id of Opik's. One that is not of version 7 is ignored.
func takeID(m *mapping, key string, value any) {
	name, _ := value.(string)
	if id, err := uuid.Parse(name); err == nil && id.Version() == 7 {
		m.ids[key] = id.String()
	}
}

// usageNames are Opik's names of token counts.
var usageNames = map[string]string{
	"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens", "cache_read_tokens": "cache_read_input_tokens",
}

// takeUsage counts tokens.
func takeUsage(m *mapping, key string, value any) {
	name := strings.TrimPrefix(key, "gen_ai.usage.")
	if count, ok := number(value); ok {
		m.usage[cmp.Or(usageNames[name], name)] = int64(count)
	}
}

// number is a value that is one.
func number(value any) (float64, bool) {
	switch value := value.(type) {
	case int64:
		return float64(value), true
	case float64:
		return value, true
	}
	return 0, false
}

// document is the JSON in a text, or the text.
func document(value any) any {
	text, ok := value.(string)
	if ok && (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return value
}

// texts reads a list, a list in JSON, or one with commas.
func texts(value any) (list []string) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			if text, ok := item.(string); ok {
				list = append(list, text)
			}
		}
	case string:
		if json.Unmarshal([]byte(value), &list) == nil {
			return list
		}
		for part := range strings.SplitSeq(value, ",") {
			list = append(list, strings.TrimSpace(part))
		}
	}
	return list
}

// takeEvent reads an exception.
func (m *mapping) takeEvent(event *tracepb.Span_Event) {
	if event.GetName() != "exception" {
		return
	}
	said := map[string]string{}
	for _, attribute := range event.GetAttributes() {
		said[attribute.GetKey()] = attribute.GetValue().GetStringValue()
	}
	m.failure = failure(said["exception.type"], said["exception.message"], said["exception.stacktrace"])
}

// failure is Opik's error_info.
func failure(kind, message, traceback string) json.RawMessage {
	return encode(map[string]any{"exception_type": cmp.Or(kind, "Error"), "message": message, "traceback": cmp.Or(traceback, message, "unknown")})
}

// encode is the JSON of an object, and nothing for an empty one.
func encode(object map[string]any) json.RawMessage {
	if len(object) == 0 {
		return nil
	}
	text, _ := json.Marshal(object) // it was made of what protobuf can hold, besides numbers that JSON has no word for
	return text
}

// span is the row of a span.
func (m *mapping) span(span *tracepb.Span, trace string) store.Row {
	row := store.Row{
		ID: spanID(trace, span.GetSpanId()), TraceID: trace, ParentID: spanID(trace, span.GetParentSpanId()),
		Name: span.GetName(), Type: m.kind, Start: moment(span.GetStartTimeUnixNano()), End: moment(span.GetEndTimeUnixNano()),
		Input: encode(m.input), Output: encode(m.output), Metadata: encode(m.metadata), Error: m.failure,
		Model: m.model, Provider: m.provider, Usage: m.total(), Cost: m.cost, Tags: m.tags, Source: "sdk",
	}
	m.join(&row)
	return row
}

// moment is a time of OpenTelemetry's.
func moment(nanos uint64) store.Time {
	return store.Time(min(nanos, 1<<63-1)) //nolint:gosec // it is within the bounds now
}

// join hangs the span into a trace that Opik's own SDK made, where its attributes say so.
func (m *mapping) join(row *store.Row) {
	trace, ok := m.ids["opik.trace_id"]
	if !ok {
		return
	}
	m.joined = true
	row.TraceID = trace
	row.ID = cmp.Or(m.ids["opik.span_id"], row.ID)
	if parent := m.ids["opik.parent_span_id"]; parent != "" {
		row.ParentID = parent
	}
	if row.ParentID == trace {
		row.ParentID = ""
	}
}

// total adds the sum where only the parts were counted.
func (m *mapping) total() map[string]int64 {
	if _, ok := m.usage["total_tokens"]; !ok && len(m.usage) > 0 {
		m.usage["total_tokens"] = m.usage["prompt_tokens"] + m.usage["completion_tokens"]
	}
	return maps.Clone(m.usage)
}

// trace is the row of the trace that a root span makes.
func (m *mapping) trace(root store.Row) store.Row {
	return store.Row{
		ID: root.TraceID, ProjectName: root.ProjectName, Name: root.Name, Start: root.Start, End: root.End, ThreadID: m.thread,
		Input: root.Input, Output: root.Output, Metadata: root.Metadata, Error: root.Error, Tags: slices.Clone(root.Tags), Source: root.Source,
	}
}
