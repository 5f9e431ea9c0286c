package opikotel

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	opik "github.com/opikgen/opikgen/runtime"
)

// The metadata of a span of package opik that ran in a span of OpenTelemetry.
const (
	linkTrace = "otel.trace_id"
	linkSpan  = "otel.span_id"
)

// Link notes in the metadata of a span of package opik in which span of OpenTelemetry it starts, as otel.trace_id and
// otel.span_id, if it starts in one:
//
//	client, err := opik.New(opik.Options{SpanStarted: opikotel.Link})
func Link(ctx context.Context, span *opik.Span) {
	if in := trace.SpanContextFromContext(ctx); in.IsValid() {
		opik.CaptureMetadata(span, linkTrace, in.TraceID().String())
		opik.CaptureMetadata(span, linkSpan, in.SpanID().String())
	}
}

// Below returns a context in which spans of package opik are below the span of OpenTelemetry that ctx is in, if
// [AttachToParent] or [SpanProcessor] put that into an Opik trace, else ctx. The trace is sent by whoever started it.
func Below(ctx context.Context) context.Context {
	p, ok := ofParent(ctx)
	if !ok {
		return ctx
	}
	return opik.ExtractMap(ctx, map[string]string{"opik_trace_id": p.trace, "opik_parent_span_id": p.parent})
}
