package opikotel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	opikotel "github.com/opikgen/opikgen/runtime/otel"
)

// A span of OpenTelemetry is put below the span of a caller who sent Opik's headers.
func ExampleAttachToParent() {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(opikotel.SpanProcessor{}))
	_, span := provider.Tracer("example").Start(context.Background(), "handle")
	defer span.End()
	fmt.Println(opikotel.AttachToParent(span, map[string]string{"opik_trace_id": remoteTrace, "opik_parent_span_id": remoteParent}))
	fmt.Println(opikotel.AttachToParent(span, map[string]string{"Accept": "*/*"}))
	// Output:
	// true
	// false
}

func TestAttachToParent(t *testing.T) {
	tests := []struct {
		name          string
		headers       map[string]string
		trace, parent string
	}{
		{"both", map[string]string{"opik_trace_id": remoteTrace, "opik_parent_span_id": remoteParent}, remoteTrace, remoteParent},
		{"another case", map[string]string{"Opik_Trace_ID": " " + strings.ToUpper(remoteTrace) + " "}, remoteTrace, ""},
		{"none", nil, "", ""},
		{"no trace", map[string]string{"opik_parent_span_id": remoteParent}, "", ""},
		{"version 4", map[string]string{"opik_trace_id": version4, "opik_parent_span_id": remoteParent}, "", ""},
		{"a bad parent", map[string]string{"opik_trace_id": remoteTrace, "opik_parent_span_id": "urn:uuid:" + remoteParent}, remoteTrace, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tracer, finished := tracerOf(t)
			ctx, span := tracer.Start(t.Context(), "handle")
			assert.Equal(t, test.trace != "", opikotel.AttachToParent(span, test.headers))
			_, child := tracer.Start(ctx, "child")
			child.End()
			span.End()
			assertPlace(t, finished()["handle"], test.trace, test.parent)
			assertPlace(t, finished()["child"], test.trace, finished()["handle"]["opik.span_id"])
		})
	}
}

// assertPlace checks where attributes put a span.
func assertPlace(t *testing.T, attributes map[string]string, trace, parent string) {
	t.Helper()
	if trace == "" {
		assert.Empty(t, attributes)
		return
	}
	assert.Equal(t, trace, attributes["opik.trace_id"])
	assert.Equal(t, parent, attributes["opik.parent_span_id"])
	id, err := uuid.Parse(attributes["opik.span_id"])
	require.NoError(t, err)
	assert.EqualValues(t, 7, id.Version())
	assert.NotEqual(t, parent, id.String())
}

func TestASpanThatIsNotRecordedIsNotAttached(t *testing.T) {
	headers := map[string]string{"opik_trace_id": remoteTrace}
	_, span := noop.NewTracerProvider().Tracer("").Start(t.Context(), "s")
	assert.False(t, opikotel.AttachToParent(span, headers))
	assert.False(t, opikotel.AttachToParent(nil, headers))
}

func TestBadHeadersAreToldOnce(t *testing.T) {
	var told []error
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { told = append(told, err) }))
	defer otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { slog.Error(err.Error()) }))
	opikotel.ForgetWarning()
	tracer, _ := tracerOf(t)
	_, span := tracer.Start(t.Context(), "s")
	defer span.End()
	for range 100 {
		opikotel.AttachToParent(span, map[string]string{"opik_trace_id": strings.Repeat("x\n", 1000)})
	}
	require.Len(t, told, 1)
	assert.Less(t, len(told[0].Error()), 250)
	assert.NotContains(t, told[0].Error(), "\n")

	opikotel.ForgetWarning()
	assert.False(t, opikotel.AttachToParent(span, map[string]string{"Opik_Parent_Span_ID": remoteTrace}))
	require.EqualError(t, told[1], "opikotel: there is opik_parent_span_id, and no opik_trace_id")
	opikotel.ForgetWarning()
	assert.False(t, opikotel.AttachToParent(span, map[string]string{"other": "x", "opik_trace_id": " "}))
	assert.Len(t, told, 2, "nothing was said, so that nothing is wrong")
}

func baggageOf(t *testing.T, members ...string) context.Context {
	t.Helper()
	b, err := baggage.Parse(strings.Join(members, ","))
	require.NoError(t, err)
	return baggage.ContextWithBaggage(t.Context(), b)
}

func TestSpanProcessor(t *testing.T) {
	rec := opiktest.New(t)
	tracer, finished := tracerOf(t)
	active, span := opik.StartSpan(rec.Context(), "opik", opik.SpanOptions{})
	trace, _ := opik.StartTrace(rec.Context(), "opik", opik.TraceOptions{})
	both := baggageOf(t, "opik.trace_id="+remoteTrace, "opik.span_id="+remoteParent)
	attached, parent := tracer.Start(both, "parent")
	mixed := baggage.ContextWithBaggage(active, baggage.FromContext(both))

	tests := map[string]struct {
		ctx           context.Context
		trace, parent string
	}{
		"baggage":               {both, remoteTrace, remoteParent},
		"baggage before opik":   {mixed, remoteTrace, remoteParent},
		"half a baggage":        {baggageOf(t, "opik.trace_id="+remoteTrace), "", ""},
		"a bad baggage":         {baggageOf(t, "opik.trace_id="+version4, "opik.span_id="+remoteParent), "", ""},
		"opik":                  {active, span.TraceID(), span.ID()},
		"a trace of opik":       {trace, opik.CurrentTrace(trace).ID(), ""},
		"a caller of opik":      {opik.ExtractMap(rec.Context(), map[string]string{"opik_trace_id": remoteTrace}), remoteTrace, ""},
		"a parent":              {attached, remoteTrace, "parent"},
		"a parent before opik":  {opikSpanIn(attached, rec), remoteTrace, "parent"},
		"nothing":               {t.Context(), "", ""},
		"a place of its own":    {both, version4, ""},
		"an unsampled opik one": {unsampled(t), "", ""},
	}
	parent.End()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.trace == version4 {
				_, own := tracer.Start(test.ctx, name, traceAttribute("opik.trace_id", version4))
				own.End()
				assert.Equal(t, map[string]string{"opik.trace_id": version4}, finished()[name])
				return
			}
			_, otelSpan := tracer.Start(test.ctx, name)
			otelSpan.End()
			want := test.parent
			if want == "parent" {
				want = finished()["parent"]["opik.span_id"]
			}
			assertPlace(t, finished()[name], test.trace, want)
		})
	}
	span.End()
	opik.CurrentTrace(trace).End()
}

func traceAttribute(key, value string) trace.SpanStartOption {
	return trace.WithAttributes(attribute.String(key, value))
}

// opikSpanIn returns a context in which there is a span of opik in one of OpenTelemetry.
func opikSpanIn(ctx context.Context, rec *opiktest.Recorder) context.Context {
	ctx, span := opik.StartSpan(opik.WithClient(ctx, rec.Client), "within", opik.SpanOptions{})
	span.End()
	return ctx
}

func unsampled(t *testing.T) context.Context {
	t.Helper()
	rec := opiktest.Open(opik.Options{SampleRule: func(opik.TraceStart) float64 { return 0 }})
	t.Cleanup(func() { require.NoError(t, rec.Close()) })
	ctx, _ := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	return ctx
}

func TestLinkAndBelow(t *testing.T) {
	rec := opiktest.Open(opik.Options{SpanStarted: opikotel.Link})
	defer func() { require.NoError(t, rec.Close()) }()
	tracer, finished := tracerOf(t)
	ctx, otelSpan := tracer.Start(rec.Context(), "otel")
	_, alone := opik.StartSpan(opikotel.Below(ctx), "alone", opik.SpanOptions{})
	alone.End()
	opikotel.AttachToParent(otelSpan, map[string]string{"opik_trace_id": remoteTrace})
	_, below := opik.StartSpan(opikotel.Below(ctx), "below", opik.SpanOptions{})
	below.End()
	_, plain := opik.StartSpan(rec.Context(), "plain", opik.SpanOptions{})
	plain.End()
	otelSpan.End()

	link := map[string]any{"otel.trace_id": otelSpan.SpanContext().TraceID().String(), "otel.span_id": otelSpan.SpanContext().SpanID().String()}
	for _, trace := range rec.Traces() {
		switch {
		case trace.Find("below") != nil:
			assert.Equal(t, remoteTrace, trace.ID)
			assert.Equal(t, finished()["otel"]["opik.span_id"], trace.Find("below").ParentID)
			assert.Equal(t, link, trace.Find("below").Metadata)
		case trace.Find("alone") != nil:
			assert.Equal(t, "alone", trace.Name)
			assert.Equal(t, link, trace.Find("alone").Metadata)
		default:
			assert.Empty(t, trace.Find("plain").Metadata)
		}
	}
	assert.Len(t, rec.Traces(), 3)
}

func FuzzAttachToParent(f *testing.F) {
	f.Add("opik_trace_id", remoteTrace, "opik_parent_span_id", remoteParent)
	f.Add("OPIK_trace_id", "{"+remoteTrace+"}", "opik_parent_span_id", "\x00\xff")
	f.Add("opik_trace_id", version4, "", "")
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		tracer, finished := tracerOf(t)
		_, span := tracer.Start(t.Context(), "s")
		attached := opikotel.AttachToParent(span, map[string]string{name1: value1, name2: value2})
		span.End()
		assert.Equal(t, attached, len(finished()["s"]) > 0)
		for _, id := range finished()["s"] {
			parsed, err := uuid.Parse(id)
			require.NoError(t, err)
			assert.EqualValues(t, 7, parsed.Version())
		}
	})
}

var errBoom = errors.New("boom")
