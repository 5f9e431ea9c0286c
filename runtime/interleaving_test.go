package opik_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// worker does random things to spans that others work on, too. What it does is about keys and tags of its own, so
// what must come of it does not depend on the others.
type worker struct {
	name   string
	random *rand.Rand
	client *opik.Client
	spans  []*opik.Span
	traces []context.Context

	outputs  []map[string]any // by span: what it captured last
	metadata []map[string]any // by trace
	tags     []map[string]bool
}

func (w *worker) work(t *testing.T, steps int) {
	for range steps {
		i := w.random.IntN(len(w.spans))
		span, value := w.spans[i], w.random.IntN(1000)
		key := fmt.Sprint(w.name, w.random.IntN(3))
		switch w.random.IntN(9) {
		case 0, 1:
			opik.CaptureOutput(span, key, value)
			w.outputs[i][key] = float64(value)
		case 2:
			span.Update(opik.SpanUpdate{Output: map[string]any{key: strconv.Itoa(value)}})
			w.outputs[i][key] = strconv.Itoa(value)
		case 3:
			span.AddTags(key)
			w.tags[i][key] = true
		case 4:
			j := w.random.IntN(len(w.traces))
			opik.UpdateCurrentTrace(w.traces[j], opik.TraceUpdate{Metadata: map[string]any{key: value}})
			w.metadata[j][key] = float64(value)
		case 5:
			span.End()
		case 6:
			_, child := opik.StartSpan(w.traces[w.random.IntN(len(w.traces))], "child", opik.SpanOptions{})
			defer child.End()
		case 7:
			if err := w.client.Flush(t.Context()); err != nil {
				t.Errorf("flush: %v", err)
			}
		case 8:
			_ = w.client.Stats()
		}
	}
}

func newWorker(n int, seed uint64, rec *opiktest.Recorder, spans []*opik.Span, traces []context.Context) *worker {
	maps := func(n int) []map[string]any {
		all := make([]map[string]any, n)
		for i := range all {
			all[i] = map[string]any{}
		}
		return all
	}
	w := &worker{
		name: fmt.Sprintf("worker %d key ", n), random: rand.New(rand.NewPCG(seed, uint64(n))), client: rec.Client,
		spans: spans, traces: traces, outputs: maps(len(spans)), metadata: maps(len(traces)),
	}
	for range spans {
		w.tags = append(w.tags, map[string]bool{})
	}
	return w
}

// TestInterleavings lets goroutines start, change, end and flush the same spans at random. What Opik has in the end
// is what each of them said last, whatever the order.
func TestInterleavings(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { interleave(t, seed) })
	}
}

func interleave(t *testing.T, seed uint64) {
	rec := recorder(t, opik.Options{SendOnStart: seed%2 == 0})
	var spans []*opik.Span
	var traces []context.Context
	for i := range 4 {
		ctx, root := opik.StartSpan(rec.Context(), fmt.Sprint("root ", i), opik.SpanOptions{})
		_, child := opik.StartSpan(ctx, fmt.Sprint("child ", i), opik.SpanOptions{})
		spans, traces = append(spans, root, child), append(traces, ctx)
	}
	var workers []*worker
	var group sync.WaitGroup
	for n := range 6 {
		w := newWorker(n, seed, rec, spans, traces)
		workers = append(workers, w)
		group.Go(func() { w.work(t, 100) })
	}
	group.Wait()
	for _, span := range spans {
		span.End()
	}

	got := map[string]*opiktest.Span{}
	for i, trace := range rec.Traces() {
		require.False(t, trace.End.IsZero())
		got[trace.Spans[0].ID] = trace.Spans[0]
		child := trace.Find(fmt.Sprint("child ", i))
		got[child.ID] = child
		for _, w := range workers {
			assert.Subset(t, trace.Metadata, w.metadata[i])
		}
		assert.Equal(t, trace.Spans[0].Output, trace.Output, "a trace shows its root span")
	}
	for i, span := range spans {
		outputs, tags := 0, 0
		for _, w := range workers {
			assert.Subset(t, got[span.ID()].Output, w.outputs[i])
			outputs += len(w.outputs[i])
			tags += len(w.tags[i])
			for tag := range w.tags[i] {
				assert.True(t, slices.Contains(got[span.ID()].Tags, tag))
			}
		}
		assert.Len(t, got[span.ID()].Output, outputs)
		assert.Len(t, got[span.ID()].Tags, tags)
	}
}

// TestCloseWhileSpansGoOn closes the client under everything that a program may be doing.
func TestCloseWhileSpansGoOn(t *testing.T) {
	rec := opiktest.Open(opik.Options{})
	var group sync.WaitGroup
	started := make(chan struct{}, 1)
	for range 8 {
		group.Go(func() {
			for i := range 200 {
				ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
				_, child := opik.StartSpan(ctx, "c", opik.SpanOptions{})
				opik.CaptureOutput(span, "i", i)
				child.End()
				span.End()
				span.AddTags("late")
				select {
				case started <- struct{}{}:
				default:
				}
			}
		})
	}
	<-started
	_ = rec.Close()
	group.Wait()
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	assert.Nil(t, span)
}
