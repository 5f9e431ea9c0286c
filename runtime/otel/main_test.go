package opikotel_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	opikotel "github.com/opikgen/opikgen/runtime/otel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	remoteTrace  = "019f3a5e-0000-7000-8000-00000000000a"
	remoteParent = "019f3a5e-0000-7000-8000-00000000000b"
	version4     = "3f0a7c56-51b5-4d0c-9c53-3d0f7b1b2c4d"
)

// tracerOf returns a tracer of OpenTelemetry with our processor, and what returns the attributes of its finished spans.
func tracerOf(t *testing.T) (trace.Tracer, func() map[string]map[string]string) {
	t.Helper()
	finished := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(opikotel.SpanProcessor{}), sdktrace.WithSyncer(finished))
	t.Cleanup(func() { require.NoError(t, provider.Shutdown(context.Background())) })
	return provider.Tracer("test"), func() map[string]map[string]string {
		spans := map[string]map[string]string{}
		for _, span := range finished.GetSpans() {
			spans[span.Name] = textsOf(span.Attributes)
		}
		return spans
	}
}

func textsOf(attributes []attribute.KeyValue) map[string]string {
	texts := map[string]string{}
	for _, a := range attributes {
		texts[string(a.Key)] = a.Value.String()
	}
	return texts
}
