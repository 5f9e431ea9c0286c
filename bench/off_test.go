package bench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:noinline
func answer(_ context.Context, question string) (string, error) { return question, nil }

// traced is what a generated wrapper does around answer.
func traced(ctx context.Context, question string) (string, error) {
	if opik.Off(ctx) {
		return answer(ctx, question)
	}
	ctx, span := opik.StartSpan(ctx, "answer", opik.SpanOptions{Type: opik.TypeLLM})
	defer span.End()
	opik.CaptureInput(span, "question", question)
	reply, err := answer(ctx, question)
	span.Returned(err)
	opik.CaptureOutput(span, "output", reply)
	return reply, err
}

// BenchmarkOff is what a wrapper costs where nothing is recorded, beside the bare call: in a program without a
// client, and below a trace that was not sampled.
func BenchmarkOff(b *testing.B) {
	previous := opik.SetDefault(&opik.Client{})
	defer opik.SetDefault(previous)
	ctx := context.Background()
	b.Run("bare", func(b *testing.B) { benchmarkCalls(ctx, b, answer) })
	b.Run("opik", func(b *testing.B) { benchmarkCalls(ctx, b, traced) })
	b.Run("opik-unsampled", func(b *testing.B) { benchmarkCalls(unsampled(b), b, traced) })
}

func benchmarkCalls(ctx context.Context, b *testing.B, call func(context.Context, string) (string, error)) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = call(ctx, "why")
	}
}

// unsampled returns the context of a trace that is not recorded, of a client that would record others.
func unsampled(b *testing.B) context.Context {
	b.Helper()
	client, err := opik.New(opik.Options{
		URL: "http://localhost/api", Isolated: true, Delivery: opik.Delivery{NoSpool: true},
		SampleRule: func(opik.TraceStart) float64 { return 0 },
	})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, client.Close(context.Background())) })
	ctx, span := client.StartSpan(b.Context(), "answer", opik.SpanOptions{})
	require.Nil(b, span)
	return ctx
}
