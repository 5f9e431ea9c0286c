package opik_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// callOptions are the options of an SDK.
type callOptions struct {
	model string
	fn    func(string) error
}

type option func(*callOptions)

func withModel(name string) option { return func(o *callOptions) { o.model = name } }

func TestWithOptionLeavesTheCallersAlone(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	defer span.End()
	backing := []option{withModel("a"), withModel("b")}
	extended := opik.WithOption(span, backing[:1], func() option { return withModel("c") })
	assert.Len(t, extended, 2)
	assert.Equal(t, "c", opik.Applied[callOptions](extended).model)
	assert.Equal(t, "b", opik.Applied[callOptions](backing).model)
}

// TestAnOptionThatCountsOnDefaults writes to a map that the library makes, and opik does not.
func TestAnOptionThatCountsOnDefaults(t *testing.T) {
	type settings struct {
		model  string
		labels map[string]string
	}
	options := []func(*settings){
		func(s *settings) { s.labels["a"] = "b" },
		func(s *settings) { s.model = "m" },
	}
	assert.Equal(t, settings{model: "m"}, opik.Applied[settings](options))
}

func TestOptionsAreNotMadeWhereNothingIsRecorded(t *testing.T) {
	options := []option{withModel("a")}
	never := func() option { panic("called") }
	assert.Len(t, opik.WithOption(nil, options, never), 1)
	var stream *opik.Stream[string, struct{}]
	assert.Len(t, opik.WithStream(stream, options, func(*opik.Stream[string, struct{}], []option) option { return never() }), 1)
	assert.Zero(t, testing.AllocsPerRun(10, func() { opik.WithOption(nil, options, never) }))
}

func TestWithStream(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	var seen []string
	mine := option(func(o *callOptions) {
		o.fn = func(s string) error {
			seen = append(seen, s)
			return nil
		}
	})
	stream := textStream(ctx, span)
	options := opik.WithStream(stream, []option{mine, nil}, func(s *opik.Stream[string, struct{}], options []option) option {
		fn := s.Func(opik.Applied[callOptions](options).fn)
		return func(o *callOptions) { o.fn = fn }
	})
	require.NoError(t, opik.Applied[callOptions](options).fn("word"))
	span.Returned()
	span.End()
	assert.Equal(t, []string{"word"}, seen)
	assert.Equal(t, map[string]any{"text": "word"}, rec.Traces()[0].Spans[0].Output)
}

// TestAnOptionThatIsLeftAlone ends the span with the call, which had no stream.
func TestAnOptionThatIsLeftAlone(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	opik.WithStream(textStream(ctx, span), []option{withModel("a")}, func(s *opik.Stream[string, struct{}], _ []option) option {
		return func(o *callOptions) { o.fn = s.Func(o.fn) }
	})
	span.Returned()
	span.End()
	require.Len(t, rec.Traces(), 1)
	ended := rec.Traces()[0].Spans[0]
	assert.False(t, ended.End.IsZero())
	assert.NotContains(t, ended.Metadata, "stream")
}

// TestAnOptionThatObserves ends the span with the call, too, and tells how many elements there were.
func TestAnOptionThatObserves(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	options := opik.WithStream(textStream(ctx, span), nil, func(s *opik.Stream[string, struct{}], _ []option) option {
		return func(o *callOptions) { o.fn = func(text string) error { s.Observe(text); return nil } }
	})
	require.NoError(t, opik.Applied[callOptions](options).fn("word"))
	span.Returned()
	span.End()
	ended := rec.Traces()[0].Spans[0]
	assert.Equal(t, map[string]any{"text": "word"}, ended.Output)
	assert.Equal(t, map[string]any{"elements": 1.0}, ended.Metadata["stream"])
}

// TestABodyByAnOption keeps the span open until the body is read.
func TestABodyByAnOption(t *testing.T) {
	type settings struct{ body io.ReadCloser }
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	stream := opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, piece []byte) { opik.AppendOutput(span, "text", string(piece)) }, nil)
	options := opik.WithStream(stream, nil, func(s *opik.Stream[[]byte, struct{}], _ []func(*settings)) func(*settings) {
		return func(o *settings) { o.body = opik.TeeBody(s, io.NopCloser(strings.NewReader("word"))) }
	})
	body := opik.Applied[settings](options).body
	span.Returned()
	span.End()
	read, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Equal(t, "word", string(read))
	assert.Equal(t, map[string]any{"text": "word"}, rec.Traces()[0].Spans[0].Output)
}

func TestChanBoth(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	in := make(chan string, 2)
	in <- "a"
	in <- "b"
	close(in)
	span.Returned()
	out := textStream(ctx, span).ChanBoth(in)
	span.End()
	assert.Equal(t, "a", <-out)
	assert.Equal(t, "b", <-out)
	_, open := <-out
	assert.False(t, open)
	assert.Equal(t, map[string]any{"text": "ab"}, rec.Traces()[0].Spans[0].Output)

	var none *opik.Stream[string, struct{}]
	assert.Equal(t, in, none.ChanBoth(in))
	assert.Nil(t, textStream(ctx, nil).ChanBoth(nil))
}

func TestCaptureCostAndFailed(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "chat", opik.SpanOptions{})
	opik.CaptureCost(span, 0.25)
	opik.CaptureCost(span, 0)
	opik.CaptureFailed(span, false)
	opik.CaptureFailed(span, true)
	opik.CaptureCost[float64](nil, 1)
	opik.CaptureFailed(nil, true)
	span.End()
	found := rec.Traces()[0].Spans[0]
	assert.InDelta(t, 0.25, *found.TotalCost, 0)
	assert.NotNil(t, found.Error)
}
