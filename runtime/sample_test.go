package opik_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
)

// startTree starts a trace with a span below and reports whether they are recorded.
func startTree(ctx context.Context, t *testing.T, name string, o opik.SpanOptions) bool {
	t.Helper()
	ctx, root := opik.StartSpan(ctx, name, o)
	_, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
	assert.Equal(t, root == nil, child == nil, "a trace is recorded whole or not at all")
	child.End()
	root.End()
	return root != nil
}

func TestSampleRate(t *testing.T) {
	for rate, want := range map[float64]float64{0: 1, 1: 1, 2: 1, 0.25: 0.25, 1e-9: 0, math.NaN(): 1, -1: 1} {
		rec := recorder(t, opik.Options{SampleRate: rate})
		recorded := 0
		const traces = 600
		for range traces {
			if startTree(rec.Context(), t, "s", opik.SpanOptions{}) {
				recorded++
			}
		}
		assert.InDelta(t, want, float64(recorded)/traces, 0.09, "rate %v", rate)
		assert.Len(t, rec.Traces(), recorded)
	}
}

func TestSampleRateKeepsThreadsWhole(t *testing.T) {
	rec := recorder(t, opik.Options{SampleRate: 0.5})
	recorded := 0
	for i := range 200 {
		o := opik.SpanOptions{ThreadID: fmt.Sprint("thread ", i)}
		first := startTree(rec.Context(), t, "s", o)
		for range 3 {
			require.Equal(t, first, startTree(rec.Context(), t, "s", o))
		}
		if first {
			recorded++
		}
	}
	assert.InDelta(t, 100, recorded, 40)
}

func TestSampleRule(t *testing.T) {
	type tier struct{}
	rule := func(s opik.TraceStart) float64 {
		switch {
		case s.Name == "health":
			return 0
		case s.Project == "p" && s.ThreadID == "thread":
			return 0
		case s.Context.Value(tier{}) == "trial":
			return 0
		case s.Name == "panics":
			panic("in the rule")
		}
		return 1
	}
	rec := recorder(t, opik.Options{SampleRate: 1e-9, SampleRule: rule})
	ctx := rec.Context()
	assert.False(t, startTree(ctx, t, "health", opik.SpanOptions{}))
	assert.True(t, startTree(ctx, t, "answer", opik.SpanOptions{}))
	assert.False(t, startTree(ctx, t, "answer", opik.SpanOptions{Project: "p", ThreadID: "thread"}))
	assert.False(t, startTree(opik.WithProject(ctx, "p"), t, "answer", opik.SpanOptions{ThreadID: "thread"}))
	assert.False(t, startTree(context.WithValue(ctx, tier{}, "trial"), t, "answer", opik.SpanOptions{}))
	assert.True(t, startTree(ctx, t, "panics", opik.SpanOptions{}))

	_, trace := opik.StartTrace(ctx, "health", opik.TraceOptions{})
	assert.Nil(t, trace)
	inner, trace := opik.StartTrace(ctx, "chat", opik.TraceOptions{})
	require.NotNil(t, trace)
	assert.True(t, startTree(inner, t, "health", opik.SpanOptions{}), "the rule is asked about traces, not about spans")
	trace.End()
}

func TestBelowAnUnsampledTrace(t *testing.T) {
	none := func(opik.TraceStart) float64 { return 0 }
	rec, other := recorder(t, opik.Options{SampleRule: none}), recorder(t, opik.Options{})
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	require.Nil(t, root)
	assert.Nil(t, opik.CurrentSpan(ctx))
	assert.Nil(t, opik.CurrentTrace(ctx))
	same, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
	assert.Nil(t, child)
	assert.Equal(t, ctx, same)
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = traced(ctx, text) }))
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = traced(rec.Context(), text) }), 2.0,
		"a trace that is not recorded costs the context that says so, and here rec.Context")

	r, err := http.NewRequestWithContext(rec.Context(), http.MethodGet, "http://example.com", http.NoBody)
	require.NoError(t, err)
	marked, span := opik.StartRequest(r, "handle", opik.SpanOptions{})
	assert.Nil(t, span)
	assert.NotSame(t, r, marked, "the request carries the decision on")
	again, span := opik.StartRequest(marked, "below", opik.SpanOptions{})
	assert.Nil(t, span)
	assert.Same(t, marked, again)

	assert.True(t, startTree(opik.WithClient(ctx, other.Client), t, "of another client", opik.SpanOptions{}))
}
