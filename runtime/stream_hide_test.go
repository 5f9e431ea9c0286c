package opik_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// hiding follows words that add up to a text, and keeps "usage" from their reader.
func hiding(ctx context.Context) *opik.Stream[string, struct{}] {
	return chanStream(ctx).Hiding(func(word string) bool { return word == "usage" })
}

// TestNextOf reads streams of which elements are kept back, at any place.
func TestNextOf(t *testing.T) {
	cases := map[string]struct {
		words, want []string
		err         error
		text        any
	}{
		"at the end":  {[]string{"a", "b", "usage"}, []string{"a", "b"}, nil, "abusage"},
		"in between":  {[]string{"usage", "a", "usage", "usage", "b"}, []string{"a", "b"}, nil, "usageausageusageb"},
		"nothing":     {[]string{"a"}, []string{"a"}, nil, "a"},
		"that only":   {[]string{"usage"}, nil, nil, "usage"},
		"then broken": {[]string{"a", "usage"}, []string{"a"}, errBroken, "ausage"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			stream, inner := hiding(rec.Context()), newReader(c.err, c.words...)
			var got []string
			for stream.NextOf(inner.Next, inner.Current, inner.Err) {
				got = append(got, inner.Current())
			}
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.text, said(t, rec).Output["text"])
			assert.Equal(t, c.err != nil, said(t, rec).Error != nil)
			assert.False(t, said(t, rec).End.IsZero())
		})
	}
}

// pulled is the Recv of a stream.
func pulled(end error, words ...string) func() (string, error) {
	return func() (string, error) {
		if len(words) == 0 {
			return "", end
		}
		word := words[0]
		words = words[1:]
		return word, nil
	}
}

func TestRecvOf(t *testing.T) {
	for _, end := range []error{io.EOF, errBroken} {
		rec := opiktest.New(t)
		stream, recv := hiding(rec.Context()), pulled(end, "a", "usage", "b", "usage")
		var got []string
		word, err := stream.RecvOf(recv)
		for ; err == nil; word, err = stream.RecvOf(recv) {
			got = append(got, word)
		}
		assert.Equal(t, end, err)
		assert.Equal(t, []string{"a", "b"}, got)
		assert.Equal(t, "ausagebusage", said(t, rec).Output["text"])
		assert.Equal(t, errors.Is(end, errBroken), said(t, rec).Error != nil)
	}
}

// TestKeepingBackNothing has no span, and so no stream.
func TestKeepingBackNothing(t *testing.T) {
	var stream *opik.Stream[string, struct{}]
	inner := newReader(nil, "usage")
	assert.True(t, stream.NextOf(inner.Next, inner.Current, inner.Err))
	assert.False(t, stream.NextOf(inner.Next, inner.Current, inner.Err))
	word, err := stream.RecvOf(pulled(io.EOF, "usage"))
	assert.Equal(t, "usage", word)
	assert.NoError(t, err)
}

// TestFuncPair follows a callback that gets two pieces, beside one that gets one.
func TestFuncPair(t *testing.T) {
	cases := map[string]struct {
		one, pair bool
		text      any
		elements  any
	}{
		"both": {true, true, "inhmLisbon", map[string]any{"elements": 3.0}},
		"pair": {false, true, "hmLisbon", map[string]any{"elements": 2.0}},
		"one":  {true, false, "in", map[string]any{"elements": 1.0}},
		"none": {false, false, nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			speak(rec.Context(), c.one, c.pair)
			assert.Equal(t, c.text, said(t, rec).Output["text"])
			assert.Equal(t, c.elements, said(t, rec).Metadata["stream"])
		})
	}
	assert.Nil(t, opik.FuncPair[struct{}](nil, nil))
}

func TestFuncPairThatFails(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "speak", opik.SpanOptions{})
	var seen string
	stream := opik.StreamOf(ctx, span, func(_ *opik.Span, _ *struct{}, piece []byte) { seen += string(piece) }, nil)
	f := opik.FuncPair(stream, func(context.Context, []byte, []byte) error { return errBroken })
	assert.Same(t, errBroken, f(ctx, []byte("hm"), []byte("7")))
	span.End()
	assert.Equal(t, "7", seen, "the second counts, however short it is")
}

// TestFurtherRangesHide ranges twice over a sequence with elements that only tracing asked for.
func TestFurtherRangesHide(t *testing.T) {
	rec := opiktest.New(t)
	seq := hiding(rec.Context()).Seq(slices.Values([]string{"a", "usage", "b"}))
	for range 2 {
		assert.Equal(t, []string{"a", "b"}, slices.Collect(seq))
	}
	for _, trace := range rec.Traces() {
		assert.Equal(t, map[string]any{"text": "ausageb"}, trace.Output)
	}
}

// speak is a call with callbacks that get "in" and the pair "hm" and "Lisbon", piece by piece.
func speak(ctx context.Context, one, pair bool) {
	ctx, span := opik.StartSpan(ctx, "speak", opik.SpanOptions{Type: opik.TypeLLM})
	defer span.End()
	stream := opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, piece []byte) { opik.AppendOutput(span, "text", string(piece)) }, nil)
	var onText func(context.Context, []byte) error
	var onBoth func(context.Context, []byte, []byte) error
	if one {
		onText = func(context.Context, []byte) error { return nil }
	}
	if pair {
		onBoth = func(context.Context, []byte, []byte) error { return nil }
	}
	onText, onBoth = stream.FuncContext(onText), opik.FuncPair(stream, onBoth)
	if onText != nil {
		_ = onText(ctx, []byte("in"))
	}
	if onBoth != nil {
		_ = onBoth(ctx, []byte("hm"), nil)
		_ = onBoth(ctx, nil, []byte("Lisbon"))
	}
}
