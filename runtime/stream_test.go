package opik_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

var errBroken = errors.New("the line is down")

// words is a stream of elements and at its end, if it is not nil, an error.
func words(err error, list ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, w := range list {
			if !yield(w, nil) {
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

// textStream follows strings that add up to the output "text".
func textStream(ctx context.Context, span *opik.Span) *opik.Stream[string, struct{}] {
	return opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, word string) { opik.AppendOutput(span, "text", word) }, nil)
}

// say is what generated code does around a call that returns a sequence.
func say(ctx context.Context, inner func() iter.Seq2[string, error]) iter.Seq2[string, error] {
	ctx, span := opik.StartSpan(ctx, "say", opik.SpanOptions{Type: opik.TypeLLM})
	defer span.End()
	opik.CaptureInput(span, "prompt", "Hi")
	output := inner()
	span.Returned()
	return textStream(ctx, span).Seq2(output)
}

// drain reads a sequence to its end.
func drain(seq iter.Seq2[string, error]) {
	for _, err := range seq {
		_ = err
	}
}

// said is the last span that a recorder has.
func said(t *testing.T, rec *opiktest.Recorder) *opiktest.Span {
	t.Helper()
	traces := rec.Traces()
	require.NotEmpty(t, traces)
	return traces[len(traces)-1].Spans[0]
}

// went is the metadata of a span that says how its stream went.
func went(elements float64, ended string) map[string]any {
	stream := map[string]any{"elements": elements}
	if ended != "" {
		stream["ended"] = ended
	}
	return map[string]any{"stream": stream}
}

func TestSeq2IsReadToItsEnd(t *testing.T) {
	rec := opiktest.New(t)
	var got []string
	seq := say(rec.Context(), func() iter.Seq2[string, error] { return words(nil, "a", "b", "c") })
	assert.Empty(t, rec.Traces(), "the stream holds the span open")
	for w, err := range seq {
		require.NoError(t, err)
		got = append(got, w)
	}
	assert.Equal(t, []string{"a", "b", "c"}, got)
	span := said(t, rec)
	assert.Equal(t, map[string]any{"text": "abc"}, span.Output)
	assert.Equal(t, went(3, ""), span.Metadata)
	assert.Nil(t, span.Error)
	assert.Positive(t, span.TTFT)
	assert.LessOrEqual(t, span.TTFT, span.End.Sub(span.Start))
	assert.Equal(t, span.Output, rec.Traces()[0].Output)
}

func TestSeq2PassesErrorsOn(t *testing.T) {
	rec := opiktest.New(t)
	for _, leave := range []bool{true, false} {
		var got error
		for _, err := range say(rec.Context(), func() iter.Seq2[string, error] { return words(errBroken, "a") }) {
			if got = err; err != nil && leave {
				break
			}
		}
		assert.Same(t, errBroken, got)
		span := said(t, rec)
		assert.Equal(t, errBroken.Error(), span.Error.Message)
		assert.Equal(t, went(1, "error"), span.Metadata)
		assert.Equal(t, map[string]any{"text": "a"}, span.Output)
	}
}

func TestSeq2LeftEarlyIsClosed(t *testing.T) {
	rec := opiktest.New(t)
	for _, err := range say(rec.Context(), func() iter.Seq2[string, error] { return words(errBroken, "a", "b") }) {
		require.NoError(t, err)
		break
	}
	assert.Nil(t, said(t, rec).Error)
	assert.Equal(t, went(1, "closed"), said(t, rec).Metadata)

	assert.PanicsWithValue(t, "mine", func() {
		for _, err := range say(rec.Context(), func() iter.Seq2[string, error] { return words(nil, "a", "b") }) {
			require.NoError(t, err)
			panic("mine")
		}
	})
	assert.Nil(t, said(t, rec).Error, "a panic of the loop is none of the stream")
	assert.Equal(t, went(1, "closed"), said(t, rec).Metadata)

	next, stop := iter.Pull2(say(rec.Context(), func() iter.Seq2[string, error] { return words(nil, "a", "b") }))
	_, _, _ = next()
	_, _, _ = next()
	stop()
	assert.Equal(t, went(2, "closed"), said(t, rec).Metadata)
}

func TestSeq2ThatPanics(t *testing.T) {
	rec := opiktest.New(t)
	source := func() iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			yield("a", nil)
			explode("the source")
		}
	}
	assert.PanicsWithValue(t, "the source", func() {
		drain(say(rec.Context(), source))
	})
	span := said(t, rec)
	assert.Equal(t, "panic", span.Error.Type)
	first, _, _ := strings.Cut(span.Error.Traceback, "\n")
	assert.Contains(t, first, "runtime_test.explode")
	assert.Equal(t, went(1, "error"), span.Metadata)
}

func TestSeq2WhoseGoroutineExits(t *testing.T) {
	rec := opiktest.New(t)
	var group sync.WaitGroup
	group.Go(func() {
		drain(say(rec.Context(), func() iter.Seq2[string, error] {
			return func(func(string, error) bool) { runtime.Goexit() }
		}))
	})
	group.Wait()
	assert.Equal(t, "runtime.Goexit", said(t, rec).Error.Type)
}

func TestEachRangeIsASpan(t *testing.T) {
	rec := opiktest.New(t)
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	calls := 0
	seq := say(ctx, func() iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			calls++
			words(nil, []string{"", "once", "again", "unseen"}[calls])(yield)
		}
	})
	drain(seq)
	for _, err := range seq {
		require.NoError(t, err)
		break
	}
	root.End()
	spans := rec.Traces()[0].Spans[0].Spans
	require.Len(t, spans, 2)
	for _, span := range spans {
		assert.Equal(t, "say", span.Name)
		assert.Equal(t, "llm", span.Type)
		assert.Equal(t, map[string]any{"prompt": "Hi"}, span.Input)
	}
	assert.Equal(t, map[string]any{"text": "once"}, spans[0].Output)
	assert.Equal(t, map[string]any{"text": "again"}, spans[1].Output)
	assert.Equal(t, went(1, ""), spans[0].Metadata)
	assert.Equal(t, went(1, "closed"), spans[1].Metadata)

	rec.Client.SetActive(false)
	drain(seq)
	assert.Equal(t, 3, calls, "a range that is not recorded is one")
}

func TestRangesAtTheSameTime(t *testing.T) {
	rec := opiktest.New(t)
	seq := say(rec.Context(), func() iter.Seq2[string, error] { return words(nil, "a", "b") })
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			drain(seq)
		})
	}
	group.Wait()
	traces := rec.Traces()
	require.Len(t, traces, 10)
	for _, trace := range traces {
		assert.Equal(t, map[string]any{"text": "ab"}, trace.Output)
		assert.Equal(t, went(2, ""), trace.Metadata)
	}
}

func TestSeq(t *testing.T) {
	rec := opiktest.New(t)
	call := func(list []string) iter.Seq[string] {
		ctx, span := opik.StartSpan(rec.Context(), "seq", opik.SpanOptions{})
		defer span.End()
		return textStream(ctx, span).Seq(slices.Values(list))
	}
	assert.Equal(t, []string{"a", "b"}, slices.Collect(call([]string{"a", "b"})))
	assert.Equal(t, map[string]any{"text": "ab"}, said(t, rec).Output)
	for range call([]string{"a", "b"}) {
		break
	}
	assert.Equal(t, went(1, "closed"), said(t, rec).Metadata)
	assert.Empty(t, slices.Collect(call(nil)))
	assert.Equal(t, went(0, ""), said(t, rec).Metadata)
	assert.Zero(t, said(t, rec).TTFT)
}

func TestSeqThatPanicsBetweenElements(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "seq", opik.SpanOptions{})
	seq := textStream(ctx, span).Seq(func(yield func(string) bool) {
		yield("a")
		panic("mine")
	})
	span.End()
	assert.PanicsWithValue(t, "mine", func() { _ = slices.Collect(seq) })
	assert.Equal(t, "mine", said(t, rec).Error.Message)
	assert.Equal(t, went(1, "error"), said(t, rec).Metadata)
}

func TestElementsThatTracingAskedForAreHidden(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "seq", opik.SpanOptions{})
	stream := textStream(ctx, span).Hiding(func(w string) bool { return w == "usage" || w[0] == 'u' })
	got := slices.Collect(stream.Seq(slices.Values([]string{"a", "usage", ""})))
	assert.Equal(t, []string{"a", ""}, got, "also an element with which hide panics is shown")
	assert.Equal(t, map[string]any{"text": "ausage"}, said(t, rec).Output)
}
