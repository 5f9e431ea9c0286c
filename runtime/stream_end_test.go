package opik_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// talk is what generated code does around a call whose stream is read by Recv.
func talk(ctx context.Context, err error) (stream *opik.Stream[string, []string]) {
	ctx, span := opik.StartSpan(ctx, "talk", opik.SpanOptions{Type: opik.TypeLLM})
	defer span.End()
	span.Returned(err)
	return opik.StreamOf(ctx, span,
		func(span *opik.Span, acc *[]string, word string) {
			*acc = append(*acc, word)
			opik.CaptureModel(span, word)
			opik.CaptureUsage(span, "prompt_tokens", len(word))
			opik.CaptureUsage(span, "completion_tokens", len(*acc)%2)
		},
		func(span *opik.Span, acc *[]string) { opik.CaptureOutput(span, "words", *acc) },
	)
}

func TestRecv(t *testing.T) {
	rec := opiktest.New(t)
	stream := talk(rec.Context(), nil)
	for _, word := range []string{"model", "model", ""} {
		v, err := stream.Recv(word, nil)
		assert.Equal(t, word, v)
		require.NoError(t, err)
	}
	wrapped := fmt.Errorf("no more: %w", io.EOF)
	_, err := stream.Recv("", wrapped)
	assert.Same(t, wrapped, err)
	span := said(t, rec)
	assert.Nil(t, span.Error)
	assert.Equal(t, went(3, ""), span.Metadata)
	assert.Equal(t, map[string]any{"words": []any{"model", "model", ""}}, span.Output)
	assert.Equal(t, "model", span.Model)
	assert.Equal(t, map[string]int{"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}, span.Usage, "the last counts that are not 0, added up")

	_, _ = stream.Recv("late", nil)
	require.NoError(t, stream.Closed(nil))
	assert.Equal(t, span.Metadata, said(t, rec).Metadata, "what comes after the end changes nothing")
}

func TestRecvOfOtherEnds(t *testing.T) {
	cases := map[string]struct {
		err   error
		ended string
	}{
		"unexpected":        {io.ErrUnexpectedEOF, "error"},
		"cancelled":         {context.Canceled, "error"},
		"google's iterator": {errors.New("no more items in iterator"), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			_, _ = talk(rec.Context(), nil).Recv("", c.err)
			assert.Equal(t, went(0, c.ended), said(t, rec).Metadata)
			assert.Equal(t, c.ended == "error", said(t, rec).Error != nil)
		})
	}
}

func TestOneRowForOneStream(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, c *opik.Client) {
		stream := talk(ctx, nil)
		for range 3 {
			_, _ = stream.Recv("a", nil)
			require.NoError(t, c.Flush(ctx))
		}
		_, _ = stream.Recv("", io.EOF)
		require.NoError(t, c.Flush(ctx))
		_ = stream.Closed(nil)
		_, _ = stream.Recv("", errBroken)
	})
	require.Len(t, rows, 2, "the trace and the span")
}

func TestACallThatFailedHasNoStream(t *testing.T) {
	rec := opiktest.New(t)
	assert.Nil(t, talk(rec.Context(), errBroken))
	assert.Equal(t, errBroken.Error(), said(t, rec).Error.Message)

	assert.PanicsWithValue(t, "after the call", func() {
		ctx, span := opik.StartSpan(rec.Context(), "panics", opik.SpanOptions{})
		defer span.End()
		textStream(ctx, span)
		panic("after the call")
	})
	assert.Equal(t, "after the call", said(t, rec).Error.Message)
	assert.Equal(t, went(0, "error"), said(t, rec).Metadata)

	var group sync.WaitGroup
	group.Go(func() {
		ctx, span := opik.StartSpan(rec.Context(), "exits", opik.SpanOptions{})
		defer span.End()
		textStream(ctx, span)
		runtime.Goexit()
	})
	group.Wait()
	assert.Equal(t, "runtime.Goexit", said(t, rec).Error.Type)
}

func TestACallThatFailsAfterItsStreamBegan(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	stream := textStream(ctx, span)
	stream.Observe("a")
	span.Returned(errBroken)
	span.End()
	stream.Observe("b")
	assert.Equal(t, errBroken.Error(), said(t, rec).Error.Message)
	assert.Equal(t, map[string]any{"text": "a"}, said(t, rec).Output)
	assert.Equal(t, went(1, "error"), said(t, rec).Metadata)
}

func TestAnAbandonedStreamEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := opiktest.Open(opik.Options{})
		ctx, cancel := context.WithCancel(rec.Context())
		stream := talk(ctx, nil)
		_, _ = stream.Recv("a", nil)
		cancel()
		synctest.Wait()
		span := said(t, rec)
		assert.Equal(t, went(1, "abandoned"), span.Metadata)
		assert.Equal(t, map[string]any{"words": []any{"a"}}, span.Output)
		assert.Nil(t, span.Error)

		_, _ = stream.Recv("", context.Canceled)
		assert.Equal(t, went(1, "error"), said(t, rec).Metadata, "it was read on, after all")
		assert.Equal(t, "context canceled", said(t, rec).Error.Message)
		assert.Equal(t, span.End, said(t, rec).End)
		require.NoError(t, rec.Close())
	})
}

// waiting is a context that knows how many wait for its end.
type waiting struct {
	context.Context
	end chan struct{}
	now *int
}

func (w waiting) Done() <-chan struct{} { return w.end }

func (w waiting) AfterFunc(func()) (stop func() bool) {
	*w.now++
	return func() bool { *w.now--; return true }
}

// TestASpanThatEndsTwiceWaitsOnce ends a span that a stream holds open twice. A context that lives as long as the program
// would keep one that waits for it twice, and is called off once.
func TestASpanThatEndsTwiceWaitsOnce(t *testing.T) {
	rec := opiktest.New(t)
	count := 0
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	stream := textStream(waiting{ctx, make(chan struct{}), &count}, span)
	span.End()
	span.End()
	assert.Equal(t, 1, count)
	require.NoError(t, stream.Closed(nil))
	assert.Zero(t, count)
	assert.Equal(t, went(0, "closed"), said(t, rec).Metadata)
}

func TestCloseCorrectsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := opiktest.Open(opik.Options{})
		ctx, cancel := context.WithCancel(rec.Context())
		stream := talk(ctx, nil)
		cancel()
		synctest.Wait()
		assert.Same(t, errBroken, stream.Closed(errBroken))
		assert.Equal(t, went(0, "closed"), said(t, rec).Metadata)
		assert.Nil(t, said(t, rec).Error, "that closing failed is no failure of the stream")
		require.NoError(t, rec.Close())
	})
}

func TestASequenceThatNobodyRangesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := opiktest.Open(opik.Options{})
		ctx, cancel := context.WithCancel(rec.Context())
		say(ctx, func() iter.Seq2[string, error] { return words(nil, "a") })
		cancel()
		synctest.Wait()
		assert.Equal(t, went(0, "abandoned"), said(t, rec).Metadata)
		require.NoError(t, rec.Close())
	})
}

// TestAStreamThatIsNone is a call that returns nil in place of a stream: it is a call like any other.
func TestAStreamThatIsNone(t *testing.T) {
	for name, wrap := range map[string]func(text *opik.Stream[string, struct{}], bytes *opik.Stream[[]byte, struct{}]) bool{
		"Seq": func(s *opik.Stream[string, struct{}], _ *opik.Stream[[]byte, struct{}]) bool {
			return s.Seq(nil) == nil
		},
		"Seq2": func(s *opik.Stream[string, struct{}], _ *opik.Stream[[]byte, struct{}]) bool {
			return s.Seq2(nil) == nil
		},
		"TeeBody": func(_ *opik.Stream[string, struct{}], s *opik.Stream[[]byte, struct{}]) bool {
			return opik.TeeBody(s, nil) == nil
		},
		"TeeLines": func(_ *opik.Stream[string, struct{}], s *opik.Stream[[]byte, struct{}]) bool {
			return opik.TeeLines(s, nil) == nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			ctx, span := opik.StartSpan(rec.Context(), name, opik.SpanOptions{})
			if strings.HasPrefix(name, "Tee") {
				assert.True(t, wrap(nil, opik.StreamOf[[]byte, struct{}](ctx, span, nil, nil)))
			} else {
				assert.True(t, wrap(textStream(ctx, span), nil))
			}
			span.End()
			got := said(t, rec)
			assert.False(t, got.End.IsZero(), "nobody is waited for")
			assert.Equal(t, map[string]any{"stream": map[string]any{"elements": 0.0}}, got.Metadata)
		})
	}
}

func TestAHeldSpanIsSentByClose(t *testing.T) {
	rec := opiktest.Open(opik.Options{})
	stream := talk(rec.Context(), nil)
	_, _ = stream.Recv("a", nil)
	require.NoError(t, rec.Close())
	span := said(t, rec)
	assert.Equal(t, true, span.Metadata["unfinished"])
	assert.Equal(t, "a", span.Model)
	assert.True(t, span.End.IsZero())
	_, _ = stream.Recv("", io.EOF) // too late, and harmless
}

func TestPanicsOfWhatLooksOnGoNoFurther(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	stream := opik.StreamOf(ctx, span,
		func(span *opik.Span, _ *struct{}, word string) {
			opik.AppendOutput(span, "text", word[1:])
		},
		func(*opik.Span, *struct{}) { explode("done") })
	span.End()
	for _, word := range []string{"ab", "", "cd"} {
		_, _ = stream.Recv(word, nil)
	}
	_, _ = stream.Recv("", io.EOF)
	got := said(t, rec)
	assert.Equal(t, map[string]any{"text": "bd"}, got.Output)
	assert.Nil(t, got.Error)
	note := got.Metadata["stream"].(map[string]any)["panicked"]
	assert.Contains(t, note, "slice bounds out of range")
}

func TestFailedTellsOfAnErrorAfterTheEnd(t *testing.T) {
	rec := opiktest.New(t)
	stream := talk(rec.Context(), nil)
	require.NoError(t, stream.Failed(nil))
	require.ErrorIs(t, stream.Failed(io.EOF), io.EOF)
	assert.Empty(t, rec.Traces())
	_, _ = stream.Recv("", io.EOF)
	assert.Same(t, errBroken, stream.Failed(errBroken))
	assert.Equal(t, errBroken.Error(), said(t, rec).Error.Message)
	assert.Equal(t, went(0, "error"), said(t, rec).Metadata)
}

func TestFlushOfAStreamsSpan(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, c *opik.Client) {
		ctx, span := opik.StartSpan(ctx, "s", opik.SpanOptions{Flush: true, NoDuplicateRoot: true})
		stream := textStream(ctx, span)
		span.End()
		assert.Zero(t, c.Stats().Sent)
		_, _ = stream.Recv("", io.EOF)
		assert.EqualValues(t, 1, c.Stats().Sent)
	})
	assert.Len(t, rows, 1)
}

func TestAppendOutputIsBoundedAndMasked(t *testing.T) {
	cut := recorder(t, opik.Options{MaxValueBytes: 64})
	assert.Equal(t, strings.Repeat("word", 16)+" [cut: the first 64 of 65 bytes]", appended(t, cut)["text"])
	rec := recorder(t, opik.Options{Mask: func(field string, v []byte) []byte {
		if field == "output.secret" {
			return []byte(`"***"`)
		}
		return v
	}})
	assert.Equal(t, map[string]any{"text": strings.Repeat("word", 100), "secret": "***"}, appended(t, rec))

	_, plain := opik.StartSpan(rec.Context(), "plain", opik.SpanOptions{})
	opik.AppendOutput(plain, "text", "nowhere")
	plain.End()
	assert.Nil(t, said(t, rec).Output)
}

// appended returns the output of a stream of a hundred words.
func appended(t *testing.T, rec *opiktest.Recorder) map[string]any {
	t.Helper()
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	stream := opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, word string) {
		opik.AppendOutput(span, "text", word)
		opik.AppendOutput(span, "secret", word)
	}, nil)
	for range 100 {
		stream.Observe("word")
	}
	require.NoError(t, stream.Closed(nil))
	return said(t, rec).Output
}
