package bench

import (
	"context"
	"encoding/json"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// otelTracer is OpenTelemetry's SDK with its batch processor and its OTLP exporter over HTTP.
type otelTracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

func newOTel(ctx context.Context, url string, compress bool, o ...sdktrace.BatchSpanProcessorOption) (*otelTracer, error) {
	compression := otlptracehttp.NoCompression
	if compress {
		compression = otlptracehttp.GzipCompression
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(url+"/v1/traces"), otlptracehttp.WithCompression(compression))
	if err != nil {
		return nil, err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, o...))
	return &otelTracer{provider: provider, tracer: provider.Tracer("bench")}, nil
}

func (o *otelTracer) unit(ctx context.Context) {
	ctx, root := o.tracer.Start(ctx, "answer")
	defer root.End()
	o.record(root)
	for range spansPerUnit - 1 {
		_, child := o.tracer.Start(ctx, "complete")
		o.record(child)
		child.End()
	}
}

// record sets what OpenTelemetry's conventions for generative models name.
func (o *otelTracer) record(span trace.Span) {
	question, reply := nextCall()
	input, _ := json.Marshal(question) // neither can fail: they are strings
	output, _ := json.Marshal(reply)
	span.SetAttributes(
		attribute.String("gen_ai.input.messages", string(input)),
		attribute.String("gen_ai.output.messages", string(output)),
		attribute.Int("gen_ai.usage.input_tokens", tokens.prompt),
		attribute.Int("gen_ai.usage.output_tokens", tokens.completion),
	)
}

func (o *otelTracer) flush(ctx context.Context) error { return o.provider.ForceFlush(ctx) }
func (o *otelTracer) close(ctx context.Context) error { return o.provider.Shutdown(ctx) }
