package opik_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// chatFunc is a callback type of an SDK's own.
type chatFunc func(string) error

// chat calls back, as ollama's client does, and with nil answers without a stream.
func chat(_ context.Context, fn chatFunc) error {
	for _, word := range []string{"a", "b", "c"} {
		if fn == nil {
			return nil
		}
		if err := fn(word); err != nil {
			return err
		}
	}
	return nil
}

// trackedChat is what generated code does around chat.
func trackedChat(ctx context.Context, fn chatFunc) error {
	ctx, span := opik.StartSpan(ctx, "chat", opik.SpanOptions{Type: opik.TypeLLM})
	defer span.End()
	stream := textStream(ctx, span)
	err := chat(ctx, stream.Func(fn))
	span.Returned(err)
	return err
}

func TestFunc(t *testing.T) {
	rec := opiktest.New(t)
	var got []string
	require.NoError(t, trackedChat(rec.Context(), func(w string) error { got = append(got, w); return nil }))
	assert.Equal(t, []string{"a", "b", "c"}, got)
	assert.Equal(t, map[string]any{"text": "abc"}, said(t, rec).Output)
	assert.Equal(t, went(3, ""), said(t, rec).Metadata)
	assert.Positive(t, said(t, rec).TTFT)
	assert.LessOrEqual(t, said(t, rec).TTFT, said(t, rec).End.Sub(said(t, rec).Start))
}

func TestFuncThatFails(t *testing.T) {
	rec := opiktest.New(t)
	err := trackedChat(rec.Context(), func(string) error { return errBroken })
	assert.Same(t, errBroken, err)
	assert.Equal(t, errBroken.Error(), said(t, rec).Error.Message)
	assert.Equal(t, went(1, "error"), said(t, rec).Metadata)

	assert.PanicsWithValue(t, "mine", func() { _ = trackedChat(rec.Context(), func(string) error { panic("mine") }) })
	assert.Equal(t, "mine", said(t, rec).Error.Message)
}

func TestNilCallbackStaysNil(t *testing.T) {
	rec := opiktest.New(t)
	require.NoError(t, trackedChat(rec.Context(), nil))
	assert.False(t, said(t, rec).End.IsZero())
	assert.Nil(t, said(t, rec).Output)
	assert.NotContains(t, said(t, rec).Metadata, "stream", "it is a call like any other")
}

func TestOtherCallbacks(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	stream := textStream(ctx, span)
	var got []string
	see := func(w string) { got = append(got, w) }
	stream.FuncNoError(see)("a")
	assert.Same(t, errBroken, stream.FuncContext(func(_ context.Context, w string) error { see(w); return errBroken })(ctx, "b"))
	assert.True(t, stream.FuncBool(func(w string) bool { see(w); return true })("c"))
	assert.Nil(t, stream.FuncNoError(nil))
	assert.Nil(t, stream.FuncContext(nil))
	assert.Nil(t, stream.FuncBool(nil))
	span.End()
	assert.Equal(t, []string{"a", "b", "c"}, got)
	assert.Equal(t, map[string]any{"text": "abc"}, said(t, rec).Output)
}

func TestDeltas(t *testing.T) {
	type chunk struct {
		Choices []map[string]any `json:"choices"`
	}
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	stream := opik.StreamOf(ctx, span,
		func(span *opik.Span, acc *opik.Deltas, c any) { acc.Add(span, c) },
		func(span *opik.Span, acc *opik.Deltas) {
			opik.CaptureOutput(span, "choices", acc.Member("choices"))
			opik.CaptureOutput(span, "none", acc.Member("none"))
			opik.CaptureMetadata(span, "whole", acc.JSON())
		})
	span.End()
	for _, c := range []any{
		chunk{[]map[string]any{{"index": 0, "delta": map[string]any{"role": "assistant", "content": "Lis"}}}},
		[]byte(`{"choices":[{"index":0,"delta":{"content":"bo"}}]}`),
		json.RawMessage(`{"choices":[{"index":0,"delta":{"content":"n"},"finish_reason":"stop"}]}`),
	} {
		stream.Observe(c)
	}
	require.NoError(t, stream.Closed(nil))
	message := map[string]any{"role": "assistant", "content": "Lisbon"}
	choices := []any{map[string]any{"index": 0.0, "message": message, "finish_reason": "stop"}}
	assert.Equal(t, map[string]any{"choices": choices}, said(t, rec).Output)
	assert.Equal(t, map[string]any{"choices": choices}, said(t, rec).Metadata["whole"])

	var none opik.Deltas
	none.Add(nil, chunk{})
	assert.Nil(t, none.JSON())
}
