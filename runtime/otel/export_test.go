package opikotel_test

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	opik "github.com/opikgen/opikgen/runtime"
	opikotel "github.com/opikgen/opikgen/runtime/otel"
)

// fleet is a collector of OTLP over HTTP.
type fleet struct {
	*httptest.Server
	mu     sync.Mutex
	refuse int // requests, before it takes any
	spans  map[string]*otlp.Span
	about  []*common.KeyValue
}

func newFleet(t *testing.T, refuse int) *fleet {
	t.Helper()
	f := &fleet{refuse: refuse, spans: map[string]*otlp.Span{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.refuse--; f.refuse >= 0 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		f.take(t, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fleet) take(t *testing.T, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if assert.NoError(t, err) {
			body = z
		}
	}
	text, err := io.ReadAll(body)
	assert.NoError(t, err)
	var request collector.ExportTraceServiceRequest
	assert.NoError(t, proto.Unmarshal(text, &request))
	for _, of := range request.ResourceSpans {
		f.about = of.Resource.Attributes
		for _, scope := range of.ScopeSpans {
			for _, span := range scope.Spans {
				f.spans[span.Name] = span
			}
		}
	}
}

// attributes returns the attributes of a span as Go has them.
func attributes(all []*common.KeyValue) map[string]any {
	values := map[string]any{}
	for _, a := range all {
		switch v := a.Value.Value.(type) {
		case *common.AnyValue_StringValue:
			values[a.Key] = v.StringValue
		case *common.AnyValue_IntValue:
			values[a.Key] = v.IntValue
		case *common.AnyValue_DoubleValue:
			values[a.Key] = v.DoubleValue
		case *common.AnyValue_ArrayValue:
			values[a.Key] = len(v.ArrayValue.Values)
		}
	}
	return values
}

// exportTo records what f does and sends it by the official exporter.
func exportTo(t *testing.T, to *fleet, f func(ctx context.Context)) opik.Stats {
	t.Helper()
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(to.URL), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	require.NoError(t, err)
	about := resource.NewSchemaless(semconv.ServiceName("agent"))
	client, err := opik.New(opik.Options{
		Isolated: true, Project: "p", Environment: "staging", Logger: slog.New(slog.DiscardHandler),
		SpanStarted: opikotel.Link, Export: opikotel.Export(exporter, about),
	})
	require.NoError(t, err)
	f(opik.WithClient(t.Context(), client))
	require.NoError(t, client.Close(t.Context()))
	require.NoError(t, exporter.Shutdown(t.Context()))
	to.mu.Lock()
	defer to.mu.Unlock()
	return client.Stats()
}

func TestExportSendsWhatWasRecorded(t *testing.T) {
	to := newFleet(t, 0)
	tracer, _ := tracerOf(t)
	var root, chat *opik.Span
	var outer [16]byte
	exportTo(t, to, func(ctx context.Context) {
		ctx, otelSpan := tracer.Start(ctx, "otel")
		outer = otelSpan.SpanContext().TraceID()
		defer otelSpan.End()
		ctx, root = opik.StartSpan(ctx, "agent", opik.SpanOptions{ThreadID: "thread"})
		opik.CaptureInput(root, "question", "why?")
		_, chat = opik.StartSpan(ctx, "chat", opik.SpanOptions{Type: opik.TypeLLM})
		opik.CaptureInput(chat, "messages", []map[string]any{{"role": "user", "content": "why?"}})
		opik.CaptureInput(chat, "temperature", 0.5)
		opik.CaptureOutput(chat, "choices", []map[string]any{{"finish_reason": "stop", "message": map[string]any{"role": "assistant", "content": "42", "refusal": nil}}})
		opik.CaptureModel(chat, "gpt")
		chat.SetProvider("google_ai")
		opik.CaptureUsage(chat, "prompt_tokens", 3)
		opik.CaptureUsage(chat, "completion_tokens", 4)
		opik.CaptureMetadata(chat, "tier", "gold")
		chat.AddTags("a", "b")
		chat.End()
		_, tool := opik.StartSpan(ctx, "search", opik.SpanOptions{Type: opik.TypeTool})
		opik.CaptureInput(tool, "q", "x")
		opik.CaptureOutput(tool, "hits", 2)
		tool.SetError(errBoom)
		tool.End()
		root.End()
	})
	require.Len(t, to.spans, 3, "the trace is shown by its root")
	assert.Equal(t, map[string]any{"service.name": "agent"}, attributes(to.about))

	got := attributes(to.spans["chat"].Attributes)
	want := map[string]any{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "gcp.gemini", "gen_ai.request.model": "gpt", "gen_ai.response.model": "gpt",
		"gen_ai.usage.input_tokens": int64(3), "gen_ai.usage.output_tokens": int64(4),
		"gen_ai.input.messages":  `[{"role":"user","parts":[{"type":"text","content":"why?"}]}]`,
		"gen_ai.output.messages": `[{"role":"assistant","parts":[{"type":"text","content":"42"}],"finish_reason":"stop"}]`,
		"gen_ai.conversation.id": "thread",
		"opik.input":             `{"temperature":0.5}`, "opik.metadata.tier": "gold", "opik.tags": 2, "opik.project_name": "p",
		"deployment.environment.name": "staging",
	}
	for key, value := range want {
		assert.Equal(t, value, got[key], key)
	}
	assert.NotContains(t, got, "opik.output")
	assert.NotContains(t, got, "opik.metadata.otel.trace_id")
	assert.NotContains(t, got, "opik.metadata.otel.span_id")
	assert.Equal(t, otlp.Span_SPAN_KIND_CLIENT, to.spans["chat"].Kind)
	require.Len(t, to.spans["chat"].Links, 1)
	assert.Equal(t, outer[:], to.spans["chat"].Links[0].TraceId)

	search := to.spans["search"]
	assert.Equal(t, "boom", search.Status.Message)
	assert.Equal(t, "exception", search.Events[0].Name)
	got = attributes(search.Attributes)
	assert.Equal(t, "search", got["gen_ai.tool.name"])
	assert.NotContains(t, got, "opik.tags", "it has none")
	assert.Equal(t, `{"q":"x"}`, got["gen_ai.tool.call.arguments"])
	assert.Equal(t, `{"hits":2}`, got["gen_ai.tool.call.result"])
	assert.Equal(t, "*errors.errorString", got["error.type"])
	assert.Equal(t, `{"question":"why?"}`, attributes(to.spans["agent"].Attributes)["opik.input"])

	traceID, rootID := uuid.MustParse(root.TraceID()), uuid.MustParse(root.ID())
	for name, span := range to.spans {
		assert.Equal(t, traceID[:], span.TraceId, name)
	}
	assert.Equal(t, rootID[8:], to.spans["agent"].SpanId)
	assert.Empty(t, to.spans["agent"].ParentSpanId)
	assert.Equal(t, rootID[8:], to.spans["chat"].ParentSpanId)
	assert.Equal(t, rootID[8:], search.ParentSpanId)
}

func TestExportMakesASpanOfATraceThatNoneShows(t *testing.T) {
	to := newFleet(t, 0)
	exportTo(t, to, func(ctx context.Context) {
		ctx, trace := opik.StartTrace(ctx, "trace", opik.TraceOptions{})
		_, span := opik.StartSpan(ctx, "span", opik.SpanOptions{})
		span.End()
		trace.End()
		opik.StartSpan(ctx, "left open", opik.SpanOptions{})
	})
	require.Len(t, to.spans, 3)
	assert.Empty(t, to.spans["trace"].ParentSpanId)
	assert.Equal(t, to.spans["trace"].SpanId, to.spans["span"].ParentSpanId)
	open := to.spans["left open"]
	assert.Equal(t, open.StartTimeUnixNano, open.EndTimeUnixNano)
	assert.Equal(t, "true", attributes(open.Attributes)["opik.metadata.unfinished"])
}

// The official exporter gives up at a status of 500, which costs whoever relies on it alone every span of that time.
func TestACollectorThatFailsCostsNothing(t *testing.T) {
	to := newFleet(t, 2)
	stats := exportTo(t, to, func(ctx context.Context) {
		_, span := opik.StartSpan(ctx, "span", opik.SpanOptions{})
		span.End()
	})
	assert.Len(t, to.spans, 1)
	assert.Empty(t, stats.Dropped)
	assert.NotZero(t, stats.Retried)
}

func TestMessagesOfAnUnknownFormStayAsTheyAre(t *testing.T) {
	tests := map[string]struct {
		messages any
		want     string // "" stays
	}{
		"parts":      {[]any{map[string]any{"role": "user", "content": []any{map[string]any{"type": "text", "text": "a"}, map[string]any{"type": "image", "url": "b"}}}}, `[{"role":"user","parts":[{"type":"text","content":"a"},{"type":"image","url":"b"}]}]`},
		"no role":    {[]any{map[string]any{"content": "a"}}, ""},
		"tool calls": {[]any{map[string]any{"role": "assistant", "content": "a", "tool_calls": []int{1}}}, ""},
		"odd parts":  {[]any{map[string]any{"role": "user", "content": []any{"a"}}}, ""},
		"no content": {[]any{map[string]any{"role": "user"}}, ""},
		"a text":     {"why?", ""},
		"none":       {[]any{}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			to := newFleet(t, 0)
			exportTo(t, to, func(ctx context.Context) {
				_, span := opik.StartSpan(ctx, "chat", opik.SpanOptions{Type: opik.TypeLLM})
				opik.CaptureInput(span, "messages", test.messages)
				opik.CaptureOutput(span, "content", test.messages)
				span.End()
			})
			got := attributes(to.spans["chat"].Attributes)
			if test.want != "" {
				assert.Equal(t, test.want, got["gen_ai.input.messages"])
				return
			}
			assert.NotContains(t, got, "gen_ai.input.messages")
			assert.Contains(t, got, "opik.input")
		})
	}
}
