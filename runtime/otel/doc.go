// Package opikotel joins the traces of OpenTelemetry and of Opik, in every direction.
//
// # Spans of OpenTelemetry in an Opik trace
//
// Opik takes spans of OpenTelemetry over OTLP, at /v1/private/otel/v1/traces below its URL. [AttachToParent] puts a span
// below that of a caller who sent Opik's headers. [SpanProcessor] puts all others where they belong: below a span of
// OpenTelemetry that is in an Opik trace, or below the span of package opik that is current.
//
//	provider := sdktrace.NewTracerProvider(
//		sdktrace.WithSpanProcessor(opikotel.SpanProcessor{}),
//		sdktrace.WithBatcher(exporter),
//	)
//
// # Spans of opik in a trace of OpenTelemetry
//
// [Link], as SpanStarted of [opik.Options], notes in a span of package opik in which span of OpenTelemetry it ran. [Below]
// makes it a child of that span, where that span is in an Opik trace.
//
// # Spans of opik sent over OTLP
//
// [Export], as Export of [opik.Options], sends what package opik records to any collector that takes OTLP, and not to
// Opik, with the attributes of OpenTelemetry's conventions for generative AI.
package opikotel
