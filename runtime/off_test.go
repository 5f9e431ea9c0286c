package opik_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// setDefault makes c the default client for the test.
func setDefault(t *testing.T, c *opik.Client) {
	t.Helper()
	previous := opik.SetDefault(c)
	t.Cleanup(func() { opik.SetDefault(previous) })
}

func TestOffAllocatesNothing(t *testing.T) {
	setDefault(t, &opik.Client{})
	off := func(ctx context.Context) float64 {
		return testing.AllocsPerRun(100, func() { _, _ = traced(ctx, text) })
	}
	assert.Zero(t, off(t.Context()), "no client records")

	rec := opiktest.New(t)
	assert.Zero(t, off(t.Context()), "another client records")
	assert.Zero(t, off(opik.WithClient(rec.Context(), nil)), "the client of the context does not record")
	rec.Client.SetActive(false)
	assert.Zero(t, off(rec.Context()), "the client of the context is switched off")
	rec.Client.SetActive(true)
	assert.Positive(t, off(rec.Context()), "and on again")
}

func TestOff(t *testing.T) {
	setDefault(t, &opik.Client{})
	var none context.Context
	assert.True(t, opik.Off(t.Context()), "no client records")
	assert.True(t, opik.Off(none))

	o := opik.Options{SampleRule: func(start opik.TraceStart) float64 {
		if start.Name == "not sampled" {
			return 0
		}
		return 1
	}}
	rec := recorder(t, o)
	assert.False(t, opik.Off(rec.Context()))
	below, span := opik.StartSpan(rec.Context(), "not sampled", opik.SpanOptions{})
	assert.Nil(t, span)
	assert.True(t, opik.Off(below), "below a trace that is not sampled")
	assert.False(t, opik.Off(opik.WithClient(below, recorder(t, o).Client)), "another client may sample it")
	below, span = opik.StartSpan(rec.Context(), "sampled", opik.SpanOptions{})
	assert.False(t, opik.Off(below))
	rec.Client.SetActive(false)
	assert.False(t, opik.Off(below), "the second client still records")
	span.End()
	opik.SetDefault(nil)
	assert.False(t, opik.Off(t.Context()), "the default client is still to be made")
}

func TestRecordingAllocatesLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	rec := opiktest.New(t)
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	defer root.End()
	got := testing.AllocsPerRun(500, func() { _, _ = traced(ctx, text) })
	assert.LessOrEqual(t, got, 2.0, "the span with its context, and the shares of a chunk and of the queue")
}

func TestSetActive(t *testing.T) {
	rec := opiktest.New(t)
	ctx, open := opik.StartSpan(rec.Context(), "open", opik.SpanOptions{})
	rec.Client.SetActive(false)
	assert.False(t, rec.Client.Active())
	same, none := opik.StartSpan(ctx, "none", opik.SpanOptions{})
	assert.Equal(t, ctx, same)
	assert.Nil(t, none)
	_, trace := opik.StartTrace(ctx, "none", opik.TraceOptions{})
	assert.Nil(t, trace)
	open.End()
	rec.Client.SetActive(true)
	_, again := opik.StartSpan(ctx, "again", opik.SpanOptions{})
	again.End()

	traces := rec.Traces()
	require.Len(t, traces, 1)
	assert.NotNil(t, traces[0].Find("open"), "what was open is recorded to its end")
	assert.NotNil(t, traces[0].Find("again"))

	off := &opik.Client{}
	off.SetActive(true)
	assert.False(t, off.Active(), "a client without a sink stays off")
}

func TestNilContextIsNoPanic(t *testing.T) {
	rec := opiktest.New(t)
	var none context.Context
	ctx, span := rec.Client.StartSpan(none, "s", opik.SpanOptions{})
	require.NotNil(t, ctx)
	span.End()
	ctx, trace := rec.Client.StartTrace(none, "t", opik.TraceOptions{})
	require.NotNil(t, ctx)
	trace.End()
	assert.Nil(t, opik.CurrentSpan(none))
	assert.Len(t, rec.Traces(), 2)
}
