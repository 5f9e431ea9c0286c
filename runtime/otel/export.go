package opikotel

import (
	"context"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	opik "github.com/opikgen/opikgen/runtime"
)

// Export returns what sends the traces and spans of package opik by an exporter of OpenTelemetry, such as the official one
// for OTLP over HTTP, to whoever takes them: a collector that a company runs anyway, for one.
//
//	exporter, err := otlptracehttp.New(ctx)
//	...
//	client, err := opik.New(opik.Options{Export: opikotel.Export(exporter, nil)})
//	...
//	defer func() { err = errors.Join(err, client.Close(ctx), exporter.Shutdown(ctx)) }()
//
// The queue, the batches and the bounds are those of the client, so there is no second pipeline in the program, and what
// the exporter does not deliver is exported again later. from says which service the spans are of; nil is
// resource.Default(), which reads OTEL_SERVICE_NAME.
//
// Trace ids are the same 16 bytes on both sides, and the id of a span is the second half of its UUID. A trace that is
// shown by a span of its own is not exported beside that; another is the root of the tree. Attributes are those of
// OpenTelemetry's conventions for generative AI, of version 1.41; what those have no name for begins with "opik.". A span
// that changed after its end is exported again, and it is the receiver's to keep the later one.
func Export(to sdktrace.SpanExporter, from *resource.Resource) func(context.Context, []opik.Finished) error {
	if from == nil {
		from = resource.Default()
	}
	return func(ctx context.Context, rows []opik.Finished) error {
		if spans := spansOf(rows, from); len(spans) > 0 {
			return to.ExportSpans(ctx, spans)
		}
		return nil
	}
}

// spansOf returns rows as OpenTelemetry has them.
func spansOf(rows []opik.Finished, from *resource.Resource) []sdktrace.ReadOnlySpan {
	threads := threadsOf(rows)
	spans := make([]sdktrace.ReadOnlySpan, 0, len(rows))
	for _, row := range rows {
		if isTrace(row) && !row.Root {
			continue
		}
		row.ThreadID = threads[row.TraceID]
		span := spanOf(row)
		span.Resource = from
		spans = append(spans, span.Snapshot())
	}
	return spans
}

func isTrace(row opik.Finished) bool { return row.Type == "" }

// threadsOf returns the conversations by the id of the trace. Only the trace knows its conversation; it comes directly
// before the span that shows it.
func threadsOf(rows []opik.Finished) map[string]string {
	threads := map[string]string{}
	for _, row := range rows {
		if isTrace(row) {
			threads[row.TraceID] = row.ThreadID
		}
	}
	return threads
}

// spanOf returns a row as OpenTelemetry has it.
func spanOf(row opik.Finished) tracetest.SpanStub {
	span := tracetest.SpanStub{
		Name:                 row.Name,
		SpanContext:          contextOf(row.TraceID, row.ID),
		Parent:               parentOf(row),
		SpanKind:             trace.SpanKindInternal,
		StartTime:            row.Start,
		EndTime:              row.End,
		Attributes:           attributesOf(row),
		Links:                linksOf(row),
		InstrumentationScope: instrumentation.Scope{Name: "github.com/opikgen/opikgen/runtime", SchemaURL: semconv.SchemaURL},
	}
	if row.Type == opik.TypeLLM {
		span.SpanKind = trace.SpanKindClient
	}
	if row.End.IsZero() { // it was open when the client closed
		span.EndTime = row.Start
	}
	if row.Failure != nil {
		span.Status = sdktrace.Status{Code: codes.Error, Description: row.Failure.Message}
		span.Events = []sdktrace.Event{exception(row, span)}
	}
	return span
}

// exception returns a failure as OpenTelemetry has it.
func exception(row opik.Finished, span tracetest.SpanStub) sdktrace.Event {
	return sdktrace.Event{
		Name: semconv.ExceptionEventName,
		Time: span.EndTime,
		Attributes: []attribute.KeyValue{
			semconv.ExceptionType(row.Failure.Type),
			semconv.ExceptionMessage(row.Failure.Message),
			semconv.ExceptionStacktrace(row.Failure.Traceback),
		},
	}
}

// parentOf returns the parent of a row: what is directly below a trace is below the span of that.
func parentOf(row opik.Finished) trace.SpanContext {
	switch {
	case row.Root:
		return trace.SpanContext{}
	case row.ParentID == "":
		return contextOf(row.TraceID, row.TraceID)
	default:
		return contextOf(row.TraceID, row.ParentID)
	}
}

// contextOf returns the ids of OpenTelemetry for those of Opik. The second half of a UUIDv7 is random.
func contextOf(traceID, id string) trace.SpanContext {
	config := trace.SpanContextConfig{TraceFlags: trace.FlagsSampled}
	if parsed, err := uuid.Parse(traceID); err == nil {
		config.TraceID = trace.TraceID(parsed)
	}
	if parsed, err := uuid.Parse(id); err == nil {
		config.SpanID = trace.SpanID(parsed[8:])
	}
	return trace.NewSpanContext(config)
}

// linksOf returns the link to the span that [Link] noted.
func linksOf(row opik.Finished) []sdktrace.Link {
	metadata := membersOf(row.Metadata)
	traceID, err := trace.TraceIDFromHex(textOf(metadata[linkTrace]))
	if err != nil {
		return nil
	}
	spanID, err := trace.SpanIDFromHex(textOf(metadata[linkSpan]))
	if err != nil {
		return nil
	}
	return []sdktrace.Link{{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID, TraceFlags: trace.FlagsSampled})}}
}
