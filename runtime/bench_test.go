package opik_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
)

var text = strings.Repeat("The quick brown fox jumps over the lazy dog.\n", 23)

//go:noinline
func work(_ context.Context, s string) (string, error) { return s[:10], nil }

// traced is what generated code does around work.
//
//nolint:unparam // it has the results of what it wraps
func traced(ctx context.Context, s string) (string, error) {
	ctx, span := opik.StartSpan(ctx, "work", opik.SpanOptions{})
	defer span.End()
	opik.CaptureInput(span, "s", s)
	output, err := work(ctx, s)
	span.Returned(err)
	opik.CaptureOutput(span, "output", output)
	return output, err
}

// BenchmarkOff is what a traced call costs where nothing is recorded, beside the bare call.
func BenchmarkOff(b *testing.B) {
	previous := opik.SetDefault(&opik.Client{})
	defer opik.SetDefault(previous)
	ctx := context.Background()
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			_, _ = work(ctx, text)
		}
	})
	b.Run("traced", func(b *testing.B) {
		for b.Loop() {
			_, _ = traced(ctx, text)
		}
	})
	type key struct{}
	for range 5 {
		ctx = context.WithValue(ctx, key{}, 1)
	}
	b.Run("traced below five contexts", func(b *testing.B) {
		for b.Loop() {
			_, _ = traced(ctx, text)
		}
	})
}

// discard is an Opik that takes everything and keeps nothing.
type discard struct{}

func (discard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
}

// BenchmarkUnit is the caller's part of a root span with three children, each with 1 KiB in and 1 KiB out.
func BenchmarkUnit(b *testing.B) {
	client, err := opik.New(opik.Options{
		URL: "http://localhost/api", HTTPClient: &http.Client{Transport: discard{}},
		Delivery: opik.Delivery{NoSpool: true, Uncompressed: true},
	})
	require.NoError(b, err)
	ctx := opik.WithClient(context.Background(), client)
	b.ReportAllocs()
	for b.Loop() {
		unit(ctx)
	}
	b.StopTimer()
	_ = client.Close(context.Background())
}

func unit(ctx context.Context) {
	ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{})
	defer root.End()
	opik.CaptureInput(root, "input", text)
	for range 3 {
		_, span := opik.StartSpan(ctx, "child", opik.SpanOptions{Type: opik.TypeLLM})
		opik.CaptureInput(span, "input", text)
		span.AddTags("a", "b")
		opik.CaptureUsage(span, "prompt_tokens", 100)
		opik.CaptureUsage(span, "completion_tokens", 50)
		opik.CaptureModel(span, "model")
		span.Returned(nil)
		opik.CaptureOutput(span, "output", text)
		span.End()
	}
	root.Returned(error(nil))
	opik.CaptureOutput(root, "output", text)
}
