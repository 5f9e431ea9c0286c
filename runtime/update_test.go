package opik_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestSpanUpdate(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) {
		opik.CaptureInput(s, "request", map[string]any{"model": "m", "options": map[string]any{"a": 1}})
		s.AddTags("a")
		s.Update(opik.SpanUpdate{
			Name:      "renamed",
			Input:     map[string]any{"request": map[string]any{"options": map[string]any{"b": 2}}},
			Output:    map[string]any{"text": "t", "nothing": nil},
			Metadata:  map[string]any{"k": 1},
			Tags:      []string{"b", "a"},
			Model:     "m",
			Provider:  "openai",
			Usage:     map[string]int{"prompt_tokens": 1, "completion_tokens": 2},
			TotalCost: new(0.5),
			Error:     errors.New("e"),
		})
		s.Update(opik.SpanUpdate{})
	})
	assert.Equal(t, "renamed", span.Name)
	assert.Equal(t, map[string]any{
		"request": map[string]any{"model": "m", "options": map[string]any{"a": 1.0, "b": 2.0}},
	}, span.Input)
	assert.Equal(t, map[string]any{"text": "t"}, span.Output)
	assert.Equal(t, map[string]any{"k": 1.0}, span.Metadata)
	assert.Equal(t, []string{"a", "b"}, span.Tags)
	assert.Equal(t, "m", span.Model)
	assert.Equal(t, "openai", span.Provider)
	assert.Equal(t, map[string]int{"prompt_tokens": 1, "completion_tokens": 2}, span.Usage)
	assert.InDelta(t, 0.5, *span.TotalCost, 0)
	assert.Equal(t, "e", span.Error.Message)
}

// TestACostThatIsNoneCostsNoSpan is about costs because of which the server refuses a whole row, and which an export
// could not read back, with all rows beside them.
func TestACostThatIsNoneCostsNoSpan(t *testing.T) {
	costs := []float64{math.NaN(), math.Inf(1), math.Inf(-1), -0.01, 1e30}
	rows := exported(t, opik.Options{}, func(ctx context.Context) {
		_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		defer span.End()
		span.Update(opik.SpanUpdate{TotalCost: new(0.25)})
		for _, cost := range costs {
			span.Update(opik.SpanUpdate{TotalCost: &cost, Metadata: map[string]any{"kept": true}})
			opik.CaptureCost(span, cost)
		}
		opik.CaptureUsageFields(span, json.RawMessage(`{"total_tokens":1,"cost":-3}`))
	})
	require.Len(t, rows, 2)
	assert.InDelta(t, 0.25, *rows[1].TotalCost, 0, "the last that was one")
	assert.JSONEq(t, `{"kept":true}`, string(rows[1].Metadata))
	assert.Equal(t, 1, rows[1].Usage["total_tokens"])
}

func TestDroppedCostsAreCounted(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	span.Update(opik.SpanUpdate{TotalCost: new(-1.0)})
	span.End()
	assert.Nil(t, rec.Traces()[0].Spans[0].TotalCost)
	assert.EqualValues(t, 1, rec.Client.Stats().DroppedUsage)
}

func TestSpanUpdateAfterEnd(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	opik.CaptureInput(span, "q", "why?")
	opik.CaptureOutput(span, "output", map[string]any{"a": 1})
	span.End()
	ended := rec.Traces()[0].Spans[0]
	span.Update(opik.SpanUpdate{
		Output: map[string]any{"output": map[string]any{"b": 2}},
		TTFT:   250 * time.Millisecond,
		Usage:  map[string]int{"total_tokens": 1 << 40},
	})
	got := rec.Traces()[0].Spans[0]
	assert.Equal(t, map[string]any{"q": "why?"}, got.Input)
	assert.Equal(t, map[string]any{"output": map[string]any{"a": 1.0, "b": 2.0}}, got.Output)
	assert.Equal(t, ended.End, got.End)
	assert.Nil(t, got.Usage)
	assert.EqualValues(t, 1, rec.Client.Stats().DroppedUsage)
}

func TestTraceUpdateComesBeforeTheRootSpan(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		ctx, root := opik.StartSpan(ctx, "root", opik.SpanOptions{})
		opik.CaptureInput(root, "q", "why?")
		inner, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
		opik.UpdateCurrentTrace(inner, opik.TraceUpdate{
			Name: "the trace", Output: map[string]any{"output": "short"}, Tags: []string{"t"}, ThreadID: "thread",
		})
		opik.UpdateCurrentSpan(inner, opik.SpanUpdate{Metadata: map[string]any{"of": "child"}})
		child.End()
		opik.CaptureOutput(root, "output", "long")
		root.AddTags("s")
		root.End()
		opik.UpdateCurrentTrace(ctx, opik.TraceUpdate{Metadata: map[string]any{"late": true}, Error: errors.New("late")})
	})
	assert.Equal(t, "the trace", trace.Name)
	assert.Equal(t, "thread", trace.ThreadID)
	assert.Equal(t, map[string]any{"q": "why?"}, trace.Input)
	assert.Equal(t, map[string]any{"output": "short"}, trace.Output)
	assert.Equal(t, map[string]any{"late": true}, trace.Metadata)
	assert.Equal(t, []string{"t", "s"}, trace.Tags)
	assert.Equal(t, "late", trace.Error.Message)
	root := trace.Spans[0]
	assert.Equal(t, "root", root.Name)
	assert.Equal(t, map[string]any{"output": "long"}, root.Output)
	assert.Equal(t, []string{"s"}, root.Tags)
	assert.Nil(t, root.Error)
	assert.Equal(t, map[string]any{"of": "child"}, root.Spans[0].Metadata)
}

func TestUpdateOfNothing(t *testing.T) {
	opik.UpdateCurrentSpan(t.Context(), opik.SpanUpdate{Name: "n"})
	opik.UpdateCurrentTrace(t.Context(), opik.TraceUpdate{Name: "n"})
}

func TestTrace(t *testing.T) {
	rec := opiktest.New(t)
	ctx, trace := opik.StartTrace(rec.Context(), "chat", opik.TraceOptions{Project: "p", ThreadID: "thread"})
	assert.Same(t, trace, opik.CurrentTrace(ctx))
	assert.Nil(t, opik.CurrentSpan(ctx))
	inner, span := opik.StartSpan(ctx, "span", opik.SpanOptions{})
	assert.Same(t, trace, opik.CurrentTrace(inner))
	assert.Equal(t, trace.ID(), span.TraceID())
	span.End()
	trace.Update(opik.TraceUpdate{Input: map[string]any{"q": "why?"}})
	trace.AddTags("a", "a")
	trace.SetName("renamed")
	trace.SetError(errors.New("e"))
	trace.End()
	trace.End()
	trace.Update(opik.TraceUpdate{Output: map[string]any{"a": "because"}})

	got := rec.Traces()
	require.Len(t, got, 1)
	assert.Equal(t, "renamed", got[0].Name)
	assert.Equal(t, "p", got[0].Project)
	assert.Equal(t, "thread", got[0].ThreadID)
	assert.Equal(t, map[string]any{"q": "why?"}, got[0].Input)
	assert.Equal(t, map[string]any{"a": "because"}, got[0].Output)
	assert.Equal(t, []string{"a"}, got[0].Tags)
	assert.Equal(t, "e", got[0].Error.Message)
	require.Len(t, got[0].Spans, 1)
	assert.Empty(t, got[0].Spans[0].ParentID)
	assert.Equal(t, "p", got[0].Spans[0].Project)
}

func TestATraceIsToldNothing(t *testing.T) {
	trace := recordOne(t, func(ctx context.Context) {
		_, trace := opik.StartTrace(ctx, "name", opik.TraceOptions{})
		trace.SetError(errors.New("stays"))
		trace.SetName("")
		trace.SetError(nil)
		trace.End()
	})
	assert.Equal(t, "name", trace.Name)
	assert.Equal(t, "stays", trace.Error.Message)
}

func TestTraceOfARootSpanEndsWithIt(t *testing.T) {
	rows := rowsOf(t, opik.Options{}, func(ctx context.Context, c *opik.Client) {
		ctx, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		opik.CurrentTrace(ctx).End()
		require.NoError(t, c.Flush(ctx))
		assert.Zero(t, c.Stats().Sent)
		span.End()
	})
	assert.Len(t, rows, 2)
}
