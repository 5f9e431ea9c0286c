package opikotel

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	opik "github.com/opikgen/opikgen/runtime"
)

// SpanProcessor puts spans of OpenTelemetry into Opik traces when they start, by the first of these that is there:
//
//   - the place of the parent, if that is a span of this process: the new span is below it;
//   - the members opik.trace_id and opik.span_id of the baggage: the new span is below that of the caller;
//   - the current span of package opik: the new span is below it.
//
// All other spans stay as they are, and so does one that starts with a place of its own. The spans get attributes, so the
// processor must be added before the one that exports.
type SpanProcessor struct{}

var _ sdktrace.SpanProcessor = SpanProcessor{}

// OnStart puts a span where it belongs.
func (SpanProcessor) OnStart(parent context.Context, span sdktrace.ReadWriteSpan) {
	if value(span.Attributes(), traceKey) != "" {
		return
	}
	for _, find := range []func(context.Context) (place, bool){ofParent, ofBaggage, ofOpik} {
		if p, ok := find(parent); ok {
			p.attach(span)
			return
		}
	}
}

// OnEnd does nothing.
func (SpanProcessor) OnEnd(sdktrace.ReadOnlySpan) {}

// Shutdown does nothing.
func (SpanProcessor) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (SpanProcessor) ForceFlush(context.Context) error { return nil }

// ofParent returns the place below the span of OpenTelemetry that a context is in.
func ofParent(ctx context.Context) (place, bool) {
	parent, ok := trace.SpanFromContext(ctx).(sdktrace.ReadOnlySpan)
	if !ok {
		return place{}, false
	}
	attributes := parent.Attributes()
	p := place{idOf(value(attributes, traceKey)), idOf(value(attributes, spanKey))}
	return p, p.trace != "" && p.parent != ""
}

// ofBaggage returns the place below the span of a caller.
func ofBaggage(ctx context.Context) (place, bool) {
	members := baggage.FromContext(ctx)
	p := place{idOf(members.Member(string(traceKey)).Value()), idOf(members.Member(string(spanKey)).Value())}
	return p, p.trace != "" && p.parent != ""
}

// ofOpik returns the place below what is current in package opik.
func ofOpik(ctx context.Context) (place, bool) {
	headers := opik.Headers(ctx)
	p := place{headers["opik_trace_id"], headers["opik_parent_span_id"]}
	return p, p.trace != ""
}

// value returns the text under a key.
func value(attributes []attribute.KeyValue, key attribute.Key) string {
	for _, a := range attributes {
		if a.Key == key {
			return a.Value.AsString()
		}
	}
	return ""
}
