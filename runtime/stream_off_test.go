package opik_test

import (
	"context"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// offStream makes what generated code makes where nothing is recorded.
func offStream(ctx context.Context) *opik.Stream[string, []string] {
	return opik.StreamOf(ctx, nil,
		func(span *opik.Span, acc *[]string, word string) { *acc = append(*acc, word) },
		func(span *opik.Span, acc *[]string) { opik.CaptureOutput(span, "words", *acc) },
	).Hiding(func(word string) bool { return word == "" })
}

func TestStreamsThatAreOffAllocateNothing(t *testing.T) {
	ctx := t.Context()
	seq, seq2 := slices.Values([]string{"a"}), words(nil, "a")
	channel, errs := make(chan string), make(chan error)
	callback := func(string) error { return nil }
	inner, response := newReader(nil, "a"), &http.Response{Body: http.NoBody}
	output := &sdkStream{decoder: first{inner}}
	var kept struct {
		seq    iter.Seq[string]
		seq2   iter.Seq2[string, error]
		out    <-chan string
		failed <-chan error
		fn     func(string) error
		sdk    *sdkStream
	}
	got := testing.AllocsPerRun(100, func() {
		stream := offStream(ctx)
		kept.seq, kept.seq2 = stream.Seq(seq), stream.Seq2(seq2)
		kept.out, kept.failed = stream.Chans(channel, errs)
		kept.fn = stream.Func(callback)
		inner.at = 0
		stream.Next(inner.Next(), inner.Current, inner.Err)
		_, _ = stream.Recv(inner.Recv())
		_, _ = stream.Closed(nil), stream.Failed(nil)
		stream.Observe("a")
		opik.TeeFrames[struct{}](nil, response)
		opik.AppendOutput(nil, "text", "a")
		kept.sdk = opik.Rebuild(stream, output, func(s *opik.Stream[string, []string], orig *sdkStream) *sdkStream {
			return &sdkStream{decoder: opik.Events(s, orig, func(string) []byte { return nil })}
		})
	})
	assert.Zero(t, got)
	assert.Equal(t, (<-chan string)(channel), kept.out)
	assert.Equal(t, (<-chan error)(errs), kept.failed)
	assert.Same(t, output, kept.sdk)
	assert.Equal(t, []string{"a"}, slices.Collect(kept.seq))
	assert.Equal(t, response.Body, opik.TeeBody[struct{}](nil, response.Body))
	assert.Equal(t, response.Body, opik.TeeLines[struct{}](nil, response.Body))
	reader, _ := newPipe(0)
	assert.Same(t, reader, opik.Pipe(offStream(ctx), reader, newPipe))
}

func TestBridgesWithoutAStreamPassEverythingOn(t *testing.T) {
	stream := offStream(t.Context())
	events := opik.Events(stream, newReader(nil, "a"), func(w string) string { return w })
	assert.True(t, events.Next())
	assert.Equal(t, "a", events.Event())
	assert.False(t, events.Next())
	require.NoError(t, events.Close())
	for _, replay := range []*opik.Replay{stream.Replay(newReader(nil, "a")), stream.ReplayRaw(newReader(nil, "a"))} {
		response := replay.Lines()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, "\"a\"\n", string(text))
	}
}

func TestNilStaysNil(t *testing.T) {
	rec := opiktest.New(t)
	pass := map[string]func(s *opik.Stream[string, struct{}]) bool{
		"Seq":  func(s *opik.Stream[string, struct{}]) bool { return s.Seq(nil) == nil },
		"Seq2": func(s *opik.Stream[string, struct{}]) bool { return s.Seq2(nil) == nil },
		"Chan": func(s *opik.Stream[string, struct{}]) bool { return s.Chan(nil) == nil },
		"Chans": func(s *opik.Stream[string, struct{}]) bool {
			errs := make(chan error)
			elements, failures := s.Chans(nil, errs)
			return elements == nil && failures == errs
		},
		"Func": func(s *opik.Stream[string, struct{}]) bool { return s.Func(nil) == nil },
		"Pipe": func(s *opik.Stream[string, struct{}]) bool { return opik.Pipe(s, (*pipe)(nil), newPipe) == nil },
	}
	for name, isNil := range pass {
		t.Run(name, func(t *testing.T) {
			ctx, span := opik.StartSpan(rec.Context(), name, opik.SpanOptions{})
			assert.True(t, isNil(textStream(ctx, span)))
			span.End()
			assert.False(t, said(t, rec).End.IsZero(), "nothing holds the span open")
		})
	}
	ctx, span := opik.StartSpan(rec.Context(), "body", opik.SpanOptions{})
	assert.Nil(t, opik.TeeBody(opik.StreamOf(ctx, span, func(*opik.Span, *struct{}, []byte) {}, nil), nil))
	span.End()
}

// counting follows strings and only counts them.
func counting(ctx context.Context, span *opik.Span) *opik.Stream[string, int] {
	return opik.StreamOf(ctx, span, func(_ *opik.Span, acc *int, _ string) { *acc++ }, nil)
}

// ceaseless yields words until it is told to stop.
func ceaseless(yield func(string, error) bool) {
	for yield("word", nil) {
	}
}

// perElement returns how many allocations next makes, once the stream runs.
func perElement(next func()) float64 {
	next()
	return testing.AllocsPerRun(1000, next)
}

func TestAnElementAllocatesNothing(t *testing.T) {
	rec := opiktest.New(t)
	start := func() *opik.Stream[string, int] {
		ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
		defer span.End()
		return counting(ctx, span)
	}
	t.Run("Seq2", func(t *testing.T) {
		next, stop := iter.Pull2(start().Seq2(ceaseless))
		defer stop()
		assert.Zero(t, perElement(func() { _, _, _ = next() }))
	})
	t.Run("Seq", func(t *testing.T) {
		next, stop := iter.Pull(start().Seq(func(yield func(string) bool) {
			for yield("word") {
			}
		}))
		defer stop()
		assert.Zero(t, perElement(func() { _, _ = next() }))
	})
	t.Run("Func", func(t *testing.T) {
		fn := start().Func(func(string) error { return nil })
		assert.Zero(t, perElement(func() { _ = fn("word") }))
	})
	t.Run("Chans", func(t *testing.T) {
		in, errs := make(chan string), make(chan error)
		out, failures := start().Chans(in, errs)
		assert.Zero(t, perElement(func() { in <- "word"; <-out }))
		close(in)
		close(errs)
		_ = collect(failures)
	})
	t.Run("Next and Recv", func(t *testing.T) {
		s, inner := start(), newReader(nil, "word")
		assert.Zero(t, perElement(func() {
			inner.at = 0
			s.Next(inner.Next(), inner.Current, inner.Err)
			_, _ = s.Recv("word", nil)
		}))
		_ = s.Closed(nil)
	})
	t.Run("Source", func(t *testing.T) {
		inner := newReader(nil, "word")
		source := start().Source(inner)
		assert.Zero(t, perElement(func() { inner.at = 0; source.Next() }))
		_ = source.Close()
	})
	t.Run("TeeBody", func(t *testing.T) {
		ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
		s := opik.StreamOf(ctx, span, func(_ *opik.Span, acc *int, p []byte) { *acc += len(p) }, nil)
		body := opik.TeeBody(s, io.NopCloser(strings.NewReader(strings.Repeat("x", 10_000))))
		piece := make([]byte, 4)
		assert.Zero(t, perElement(func() { _, _ = body.Read(piece) }))
		_ = body.Close()
	})
}
