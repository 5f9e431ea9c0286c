package opik_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
)

// exported returns what a client exports of what f records.
func exported(t *testing.T, o opik.Options, f func(ctx context.Context)) []opik.Finished {
	t.Helper()
	var all []opik.Finished
	o.Isolated = true
	o.Export = func(_ context.Context, rows []opik.Finished) error {
		all = append(all, rows...)
		return nil
	}
	c, err := opik.New(o)
	require.NoError(t, err)
	f(opik.WithClient(t.Context(), c))
	require.NoError(t, c.Close(t.Context()))
	return all
}

// TestCloseLeavesAnExportThatIsStuck closes a client whose export does not look at its context.
func TestCloseLeavesAnExportThatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		c, err := opik.New(opik.Options{Isolated: true, Export: func(context.Context, []opik.Finished) error {
			<-stuck
			return nil
		}})
		require.NoError(t, err)
		_, span := c.StartSpan(t.Context(), "s", opik.SpanOptions{})
		span.End()
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		err = c.Close(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "2 still queued")
		assert.Equal(t, 4*time.Second, time.Since(began))
		close(stuck)
	})
}

func TestExportOfWhatIsOpenAtTheEnd(t *testing.T) {
	rows := exported(t, opik.Options{}, func(ctx context.Context) { opik.StartSpan(ctx, "open", opik.SpanOptions{NoDuplicateRoot: true}) })
	require.Len(t, rows, 1)
	assert.JSONEq(t, `{"unfinished":true}`, string(rows[0].Metadata))
}

func TestExportLeavesOutWhatHasOnlyStarted(t *testing.T) {
	var names []string
	c, err := opik.New(opik.Options{Isolated: true, SendOnStart: true, Export: func(_ context.Context, rows []opik.Finished) error {
		for _, row := range rows {
			names = append(names, row.Name)
		}
		return nil
	}})
	require.NoError(t, err)
	_, span := c.StartSpan(t.Context(), "started", opik.SpanOptions{NoDuplicateRoot: true})
	require.NoError(t, c.Flush(t.Context()))
	span.SetName("ended")
	span.End()
	require.NoError(t, c.Close(t.Context()))
	assert.Equal(t, []string{"ended"}, names)
}

func TestExport(t *testing.T) {
	rows := exported(t, opik.Options{Project: "p", Environment: "e"}, func(ctx context.Context) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{ThreadID: "thread"})
		_, span := opik.StartSpan(ctx, "chat", opik.SpanOptions{Type: opik.TypeLLM})
		opik.CaptureInput(span, "q", "why?")
		opik.CaptureOutput(span, "a", 42)
		opik.CaptureMetadata(span, "m", true)
		opik.CaptureModel(span, "gpt")
		opik.CaptureUsage(span, "prompt_tokens", 3)
		span.SetProvider("openai")
		span.AddTags("x")
		span.SetError(errors.New("boom"))
		cost := 0.5
		span.Update(opik.SpanUpdate{TotalCost: &cost, TTFT: 20 * time.Millisecond})
		span.LogFeedbackScore(opik.FeedbackScore{Name: "n", Value: 1})
		span.End()
		root.End()
	})
	require.Len(t, rows, 3, "the score is no span")
	chat, trace, root := rows[0], rows[1], rows[2]
	assert.Equal(t, opik.Finished{
		ID: chat.ID, TraceID: trace.ID, ParentID: root.ID, Name: "chat", Type: opik.TypeLLM, Project: "p", Environment: "e",
		Start: chat.Start, End: chat.End, TTFT: 20 * time.Millisecond,
		Input: []byte(`{"q":"why?"}`), Output: []byte(`{"a":42}`), Metadata: []byte(`{"m":true}`), Tags: []string{"x"},
		Model: "gpt", Provider: "openai", Usage: map[string]int{"prompt_tokens": 3}, TotalCost: chat.TotalCost,
		Failure: &opik.Failure{Type: "*errors.errorString", Message: "boom", Traceback: "*errors.errorString: boom"},
	}, chat)
	assert.Equal(t, 0.5, *chat.TotalCost)
	assert.False(t, chat.Start.IsZero() || chat.End.Before(chat.Start))
	assert.Equal(t, opik.Finished{
		ID: trace.ID, TraceID: trace.ID, Name: "root", Project: "p", Environment: "e", ThreadID: "thread", Start: trace.Start, End: trace.End,
	}, trace)
	assert.Equal(t, []any{opik.TypeGeneral, "", true, trace.ID}, []any{root.Type, root.ParentID, root.Root, root.TraceID})
}

func TestExportKnowsTheRootOfTheTree(t *testing.T) {
	rows := exported(t, opik.Options{SendOnStart: true}, func(ctx context.Context) {
		in, trace := opik.StartTrace(ctx, "trace", opik.TraceOptions{})
		_, below := opik.StartSpan(in, "below a trace", opik.SpanOptions{})
		below.End()
		trace.End()
		_, only := opik.StartSpan(ctx, "without a row", opik.SpanOptions{NoDuplicateRoot: true})
		only.End()
		_, remote := opik.StartSpan(opik.ExtractMap(ctx, map[string]string{"opik_trace_id": remoteTrace}), "remote", opik.SpanOptions{})
		remote.End()
	})
	roots := map[string]bool{}
	for _, row := range rows {
		roots[row.Name] = row.Root
		assert.False(t, row.End.IsZero(), "no rows of starts")
	}
	assert.Equal(t, map[string]bool{"trace": true, "below a trace": false, "without a row": true, "remote": false}, roots)
}

func TestExportIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		c, err := opik.New(opik.Options{Isolated: true, Logger: slog.New(slog.DiscardHandler), Export: func(context.Context, []opik.Finished) error {
			switch calls.Add(1) {
			case 1:
				return errors.New("the collector is away")
			case 2:
				panic("worse")
			}
			return nil
		}})
		require.NoError(t, err)
		_, span := c.StartSpan(t.Context(), "s", opik.SpanOptions{})
		span.End()
		require.NoError(t, c.Flush(t.Context()))
		assert.EqualValues(t, 3, calls.Load())
		assert.EqualValues(t, 2, c.Stats().Sent)
		assert.Equal(t, "Options.Export panicked: worse", c.Stats().LastError)
		require.NoError(t, c.Close(t.Context()))
	})
}

func TestExportIsOffWhereTracingIs(t *testing.T) {
	rows := exported(t, opik.Options{Disabled: true}, func(ctx context.Context) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		assert.Nil(t, span)
	})
	assert.Empty(t, rows)
}

func TestDeliveriesAreNotTraced(t *testing.T) {
	var c *opik.Client
	deliver := func(ctx context.Context, _ []opik.Finished) error {
		assert.False(t, opik.Enabled(ctx))
		_, span := opik.StartSpan(ctx, "deliver", opik.SpanOptions{})
		assert.Nil(t, span)
		return nil
	}
	c, err := opik.New(opik.Options{Isolated: true, Export: deliver})
	require.NoError(t, err)
	setDefault(t, c)
	_, span := opik.StartSpan(t.Context(), "s", opik.SpanOptions{})
	span.End()
	require.NoError(t, c.Close(t.Context()))
}

func TestSpanStarted(t *testing.T) {
	type key struct{}
	rec := recorder(t, opik.Options{SpanStarted: func(ctx context.Context, s *opik.Span) {
		opik.CaptureMetadata(s, "link", ctx.Value(key{}))
		if ctx.Value(key{}) == nil {
			panic("nothing there")
		}
	}})
	ctx, trace := opik.StartTrace(rec.Context(), "t", opik.TraceOptions{})
	_, span := opik.StartSpan(context.WithValue(ctx, key{}, "here"), "linked", opik.SpanOptions{})
	span.End()
	_, span = opik.StartSpan(ctx, "panics", opik.SpanOptions{})
	span.End()
	trace.End()
	got := rec.Traces()[0]
	assert.Equal(t, map[string]any{"link": "here"}, got.Find("linked").Metadata)
	assert.Empty(t, got.Find("panics").Metadata)
	assert.Empty(t, got.Metadata)
}

func TestEnabled(t *testing.T) {
	rec := recorder(t, opik.Options{SampleRule: func(opik.TraceStart) float64 { return 0 }})
	setDefault(t, &opik.Client{})
	assert.False(t, opik.Enabled(t.Context()))
	assert.True(t, opik.Enabled(rec.Context()))
	ctx, _ := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	assert.True(t, opik.Enabled(ctx), "not sampled")
	rec.Client.SetActive(false)
	assert.False(t, opik.Enabled(rec.Context()))
	assert.Zero(t, testing.AllocsPerRun(10, func() { _ = opik.Enabled(ctx) }))
}
