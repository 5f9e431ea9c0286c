package opik_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// toldBeside wraps three callbacks beside a stream of text, as generated code does.
func toldBeside(s *opik.Stream[string, struct{}], fn func(int) error, noError func(int), withContext func(context.Context, int) error) (
	func(int) error, func(int), func(context.Context, int) error,
) {
	each := func(span *opik.Span, _ *struct{}, n int) { opik.CaptureUsage(span, "total_tokens", n) }
	return opik.BesideFunc(s, fn, each), opik.BesideFuncNoError(s, noError, each), opik.BesideFuncContext(s, withContext, nil)
}

func TestCallbacksBesideAStream(t *testing.T) {
	rec := opiktest.New(t)
	var got []int
	add := func(n int) { got = append(got, n) }
	func() {
		ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{Type: opik.TypeLLM})
		defer span.End()
		stream := textStream(ctx, span)
		text := stream.FuncNoError(func(string) {})
		fn, noError, withContext := toldBeside(stream, func(n int) error { add(n); return errBroken }, add,
			func(_ context.Context, n int) error { add(n); return nil })
		text("a")
		assert.Same(t, errBroken, fn(1))
		noError(2)
		require.NoError(t, withContext(ctx, 3))
		span.Returned()
	}()
	assert.Equal(t, []int{1, 2, 3}, got)
	assert.Equal(t, went(4, ""), said(t, rec).Metadata, "one end, and all elements")
	assert.Equal(t, 2, said(t, rec).Usage["total_tokens"])
}

func TestCallbacksBesideNothing(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	defer span.End()
	fn, noError, withContext := toldBeside(textStream(ctx, span), nil, nil, nil)
	assert.Nil(t, fn)
	assert.Nil(t, noError)
	assert.Nil(t, withContext)
	called := 0
	fn, _, _ = toldBeside(nil, func(int) error { called++; return nil }, nil, nil)
	require.NoError(t, fn(1))
	assert.Equal(t, 1, called)
}

func TestCallbackBesideAfterTheEnd(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	stream := textStream(ctx, span)
	_ = stream.FuncNoError(func(string) {})
	_, late, _ := toldBeside(stream, nil, func(int) {}, nil)
	span.End()
	late(7)
	assert.Empty(t, said(t, rec).Usage)
}

func TestHidingUnless(t *testing.T) {
	for asked, want := range map[bool]int{true: 2, false: 1} {
		rec := opiktest.New(t)
		ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
		stream := textStream(ctx, span).HidingUnless(asked, func(w string) bool { return w == "usage" })
		seen := 0
		for range stream.Seq(func(yield func(string) bool) { _ = yield("a") && yield("usage") }) {
			seen++
		}
		assert.Equal(t, want, seen)
		span.End()
	}
	assert.Nil(t, (*opik.Stream[string, struct{}])(nil).HidingUnless(false, nil))
}

func TestRequestContext(t *testing.T) {
	assert.Equal(t, context.Background(), opik.RequestContext(nil))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", nil)
	require.NoError(t, err)
	assert.Equal(t, t.Context(), opik.RequestContext(request))
}

func TestCaptureModelOf(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{Type: opik.TypeLLM})
	opik.CaptureModelOf(span, func() string { return "m-1" })
	opik.CaptureModelOf(span, func() string { panic(errors.New("no client")) })
	opik.CaptureModelOf[string](span, nil)
	span.End()
	assert.Equal(t, "m-1", rec.Traces()[0].Spans[0].Model)
	opik.CaptureModelOf(nil, func() string { panic("nothing is recorded") })
}
