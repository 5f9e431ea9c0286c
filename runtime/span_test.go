package opik_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestRootSpanStartsATrace(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		_, span := opik.StartSpan(ctx, "answer", opik.SpanOptions{Type: opik.TypeLLM, ThreadID: "thread-1"})
		defer span.End()
		opik.CaptureInput(span, "question", "why?")
		opik.CaptureOutput(span, "output", 42)
		opik.CaptureMetadata(span, "tier", "gold")
		opik.CaptureModel(span, "m")
		opik.CaptureUsage(span, "total_tokens", 3)
		span.AddTags("a")
	})
	assert.Equal(t, "answer", trace.Name)
	assert.Equal(t, "thread-1", trace.ThreadID)
	assert.Equal(t, "Default Project", trace.Project)
	require.Len(t, trace.Spans, 1)
	span := trace.Spans[0]
	assert.Equal(t, trace.ID, span.TraceID)
	assert.Empty(t, span.ParentID)
	assert.Equal(t, "llm", span.Type)
	assert.Equal(t, "m", span.Model)
	assert.Equal(t, map[string]int{"total_tokens": 3}, span.Usage)
	for _, shown := range []struct {
		input, output, metadata map[string]any
		tags                    []string
	}{
		{trace.Input, trace.Output, trace.Metadata, trace.Tags},
		{span.Input, span.Output, span.Metadata, span.Tags},
	} {
		assert.Equal(t, map[string]any{"question": "why?"}, shown.input)
		assert.Equal(t, map[string]any{"output": 42.0}, shown.output)
		assert.Equal(t, map[string]any{"tier": "gold"}, shown.metadata)
		assert.Equal(t, []string{"a"}, shown.tags)
	}
	assert.Equal(t, trace.Start, span.Start)
	assert.Equal(t, trace.End, span.End)
}

func TestSpansNestByContext(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{Project: "p"})
		defer root.End()
		first, span := opik.StartSpan(ctx, "first", opik.SpanOptions{Project: "elsewhere", Type: opik.TypeTool})
		_, below := opik.StartSpan(first, "below first", opik.SpanOptions{})
		below.End()
		span.End()
		_, span = opik.StartSpan(ctx, "second", opik.SpanOptions{})
		span.End()
	})
	require.Len(t, trace.Spans, 1)
	root := trace.Spans[0]
	require.Len(t, root.Spans, 2)
	assert.Equal(t, []string{"first", "second"}, []string{root.Spans[0].Name, root.Spans[1].Name})
	below := trace.Find("below first")
	require.NotNil(t, below)
	assert.Equal(t, root.Spans[0].ID, below.ParentID)
	assert.Equal(t, "general", below.Type)
	for _, s := range []*opiktest.Span{root, root.Spans[0], root.Spans[1], below} {
		assert.Equal(t, "p", s.Project, "a span is in the project of its trace")
		assert.Equal(t, trace.ID, s.TraceID)
	}
}

func TestNoDuplicateRootWritesTheTraceOnly(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{NoDuplicateRoot: true})
		defer root.End()
		opik.CaptureInput(root, "q", "why?")
		_, child := opik.StartSpan(ctx, "child", opik.SpanOptions{NoDuplicateRoot: true})
		child.End()
	})
	assert.Equal(t, "root", trace.Name)
	assert.Equal(t, map[string]any{"q": "why?"}, trace.Input)
	require.Len(t, trace.Spans, 1)
	assert.Equal(t, "child", trace.Spans[0].Name)
	assert.Empty(t, trace.Spans[0].ParentID)
}

func TestIDsAreVersion7AndOfNow(t *testing.T) {
	rec := opiktest.New(t)
	seen := map[string]bool{}
	last := ""
	for range 1000 {
		_, span := rec.Client.StartSpan(context.Background(), "s", opik.SpanOptions{})
		id, err := uuid.Parse(span.ID())
		require.NoError(t, err)
		require.EqualValues(t, 7, id.Version())
		require.False(t, seen[id.String()], "an id was used twice")
		require.Greater(t, id.String(), last, "ids grow, also within a millisecond")
		seen[id.String()], last = true, id.String()
		sec, nsec := id.Time().UnixTime()
		require.WithinDuration(t, time.Now(), time.Unix(sec, nsec), time.Minute)
		require.NotEqual(t, span.ID(), span.TraceID())
		span.End()
	}
}

func TestRowsAreWhatTheServerWants(t *testing.T) {
	before := time.Now()
	rows := rowsOf(t, opik.Options{Environment: "test"}, func(ctx context.Context, _ *opik.Client) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{})
		defer root.End()
		_, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
		opik.CaptureInput(child, "nothing", (*int)(nil))
		opik.CaptureUsage(child, "prompt_tokens", 1.0)
		child.End()
	})
	require.Len(t, rows, 3)
	assert.Equal(t, []string{"span", "trace", "span"}, []string{rows[0].Kind, rows[1].Kind, rows[2].Kind})
	for _, r := range rows {
		assert.NotContains(t, r.Text, "null")
		assert.Equal(t, "sdk", r.Source)
		assert.Equal(t, "test", r.Environment)
		assert.Equal(t, "Default Project", r.Project)
		assert.False(t, r.Start.Before(before), "the start is not cut")
		assert.False(t, r.End.Before(r.Start))
		assert.False(t, r.Updated.After(time.Now()), "last_updated_at is not in the future")
		assert.Regexp(t, `"start_time":"[^"]{10}T[^"]{8}\.\d{9}Z"`, r.Text)
		assert.Regexp(t, `"last_updated_at":"[^"]{10}T[^"]{8}\.\d{6}Z"`, r.Text)
	}
}

func TestNilSpanAndTraceDoNothing(t *testing.T) {
	var span *opik.Span
	opik.CaptureInput(span, "k", "v")
	opik.CaptureOutput(span, "k", 1)
	opik.CaptureMetadata(span, "k", struct{}{})
	opik.CaptureModel(span, "m")
	opik.CaptureThreadID(span, "t")
	opik.CaptureUsage(span, "n", 1)
	span.Returned(assert.AnError)
	span.SetName("n")
	span.SetProvider("p")
	span.AddTags("t")
	span.RedactInput("k")
	span.SetError(assert.AnError)
	span.Update(opik.SpanUpdate{Name: "n"})
	span.End()
	assert.Empty(t, span.ID())
	assert.Empty(t, span.TraceID())

	var trace *opik.Trace
	trace.SetName("n")
	trace.AddTags("t")
	trace.SetError(assert.AnError)
	trace.Update(opik.TraceUpdate{Name: "n"})
	trace.End()
	assert.Empty(t, trace.ID())
}

func TestNilSpanLetsPanicsThrough(t *testing.T) {
	assert.PanicsWithValue(t, "boom", func() {
		var span *opik.Span
		defer span.End()
		panic("boom")
	})
}

// TestTheQueueCountsEveryText is about texts that are no captured values, and were not counted against the bounds of the
// queue: a program that puts what users say into them could hold any amount.
func TestTheQueueCountsEveryText(t *testing.T) {
	const size = 1 << 20
	long := strings.Repeat("x", size)
	for name, say := range map[string]func(s *opik.Span){
		"name":     func(s *opik.Span) { s.SetName(long) },
		"tag":      func(s *opik.Span) { s.AddTags(long) },
		"model":    func(s *opik.Span) { opik.CaptureModel(s, long) },
		"provider": func(s *opik.Span) { s.SetProvider(long) },
		"thread":   func(s *opik.Span) { opik.CaptureThreadID(s, long) },
		"usage":    func(s *opik.Span) { opik.CaptureUsage(s, long, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where nothing is sent before the clock moves
				rec := opiktest.Open(opik.Options{})
				_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
				say(span)
				span.End()
				assert.Greater(t, rec.Client.Stats().QueuedBytes, size)
				require.NoError(t, rec.Close())
			})
		})
	}
}

// TestTypesThatOpikDoesNotKnow is about spans that the server would refuse because of their type.
func TestTypesThatOpikDoesNotKnow(t *testing.T) {
	for given, want := range map[opik.SpanType]opik.SpanType{
		"": "general", "general": "general", "llm": "llm", "tool": "tool", "guardrail": "guardrail",
		"chain": "general", "LLM": "general", "unknown": "general",
	} {
		rec := opiktest.New(t)
		_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{Type: given})
		span.End()
		assert.EqualValues(t, want, rec.Traces()[0].Spans[0].Type, given)
	}
}

func TestTagsAreASet(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) {
		s.AddTags("b", "a", "b")
		s.AddTags("", "a", "c")
	})
	assert.Equal(t, []string{"b", "a", "c"}, span.Tags)
}

func TestSetters(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) {
		s.SetName("renamed")
		s.SetName("")
		s.SetProvider("openai")
		opik.CaptureModel(s, "m")
		opik.CaptureModel(s, "")
		opik.CaptureThreadID(s, "thread")
		opik.CaptureThreadID(s, "a later one")
	})
	assert.Equal(t, "renamed", span.Name)
	assert.Equal(t, "openai", span.Provider)
	assert.Equal(t, "m", span.Model)
}

func TestThreadIDOfTheTraceIsTheFirst(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{})
		_, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
		opik.CaptureThreadID(child, "first")
		opik.CaptureThreadID(root, "second")
		child.End()
		root.End()
	})
	assert.Equal(t, "first", trace.ThreadID)
}

func TestStartRequest(t *testing.T) {
	rec := opiktest.New(t)
	r, err := http.NewRequestWithContext(rec.Context(), http.MethodGet, "http://example.com", http.NoBody)
	require.NoError(t, err)
	traced, span := opik.StartRequest(r, "handle", opik.SpanOptions{})
	assert.NotSame(t, r, traced)
	assert.Same(t, span, opik.CurrentSpan(traced.Context()))
	span.End()
	assert.Equal(t, "handle", rec.Traces()[0].Name)

	off := r.WithContext(opik.WithClient(t.Context(), nil))
	same, span := opik.StartRequest(off, "handle", opik.SpanOptions{})
	assert.Same(t, off, same)
	assert.Nil(t, span)

	none, span := opik.StartRequest(nil, "handle", opik.SpanOptions{})
	assert.Nil(t, none)
	assert.Nil(t, span)
}

func TestSpanOptionsFlush(t *testing.T) {
	rec := opiktest.Open(opik.Options{Delivery: opik.Delivery{Interval: time.Hour}})
	defer func() { assert.NoError(t, rec.Close()) }()
	_, span := opik.StartSpan(rec.Context(), "lambda", opik.SpanOptions{Flush: true})
	span.End()
	assert.Zero(t, rec.Client.Stats().Queued)
	assert.EqualValues(t, 2, rec.Client.Stats().Sent)
}

func TestLongNamesAndOddTextsArriveWhole(t *testing.T) {
	name := strings.Repeat("名", 1000) + "\x00\"\\\n"
	span := recordSpan(t, func(s *opik.Span) { s.SetName(name) })
	assert.Equal(t, name, span.Name)
}
