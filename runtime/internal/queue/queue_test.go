package queue_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/batch"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

func TestWhatMakesABatchDue(t *testing.T) {
	row := newRow(record.KindSpan, "row")
	tests := []struct {
		name   string
		config queue.Config
		pushes int
		after  time.Duration // when the batches have arrived
		want   []int         // rows in each
	}{
		{"time", queue.Config{}, 3, time.Second, []int{3}},
		{"another time", queue.Config{Interval: time.Minute}, 3, time.Minute, []int{3}},
		{"count", queue.Config{BatchRows: 2}, 4, 0, []int{2, 2}},
		{"count, then time", queue.Config{BatchRows: 2}, 5, time.Second, []int{2, 2, 1}},
		{"bytes", queue.Config{BatchBytes: 2 * len(row.Body)}, 4, 0, []int{2, 2}},
		{"no batching", queue.Config{BatchRows: 1}, 3, 0, []int{1, 1, 1}},
		{"a full queue", queue.Config{MaxRows: 3}, 4, 0, []int{3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &memory{}
				test.config.Sink = sink
				q := queue.New(test.config)
				for range test.pushes {
					q.Push(row)
				}
				synctest.Wait()
				if test.after > 0 {
					assert.Less(t, len(sink.batches()), len(test.want), "too early")
					<-time.After(test.after)
					synctest.Wait()
				}
				var got []int
				for _, rows := range sink.batches() {
					got = append(got, len(rows))
				}
				assert.Equal(t, test.want, got)
				_ = q.Close(t.Context()) // one of the queues has dropped a row
			})
		})
	}
}

func TestTracesGoBeforeSpansInRequestsOfOneKind(t *testing.T) {
	sink := &memory{}
	q := queue.New(queue.Config{Sink: sink, Limits: batch.Limits{Rows: 3}})
	pushUnits(q, 10)
	require.NoError(t, q.Close(t.Context()))
	var got []string
	for _, rows := range sink.batches() {
		got = append(got, fmt.Sprint(rows[0].Kind, len(rows)))
	}
	assert.Equal(t, []string{"trace 2", "span 3", "span 3", "span 2"}, got)
}

func TestASinkWithoutLimitsGetsRowsAsTheyWerePushed(t *testing.T) {
	sink := &memory{}
	q := queue.New(queue.Config{Sink: sink, BatchRows: 7})
	want := pushUnits(q, 100)
	require.NoError(t, q.Close(t.Context()))
	assert.Equal(t, want, sink.rows())
}

func TestTheNewestIsDroppedFromAFullQueue(t *testing.T) {
	row := newRow(record.KindSpan, "row")
	size := len(row.Body) + 72
	tests := []struct {
		name   string
		config queue.Config
	}{
		{"rows", queue.Config{MaxRows: 3}},
		{"bytes", queue.Config{MaxBytes: 3 * size}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &memory{blocked: make(chan struct{})}
				test.config.Sink = sink
				q := queue.New(test.config)
				for _, name := range []string{"a", "b", "c", "d", "e"} {
					q.Push(newRow(record.KindSpan, name))
				}
				assert.Equal(t, 3, q.Stats().Queued)
				assert.Equal(t, map[queue.Reason]uint64{queue.QueueFull: 2}, q.Stats().Dropped)
				close(sink.blocked)
				synctest.Wait()
				q.Push(newRow(record.KindSpan, "f"))
				require.EqualError(t, q.Close(t.Context()), "2 rows did not arrive: 2 dropped (queue_full)")
				assert.Equal(t, "abcf", sink.names())
			})
		})
	}
}

func TestARowLargerThanTheQueueIsDropped(t *testing.T) {
	for _, block := range []bool{false, true} {
		q := queue.New(queue.Config{Sink: &memory{}, MaxBytes: 1000, Block: block})
		q.Push(record.Row{Body: make([]byte, 1000)})
		assert.EqualError(t, q.Close(t.Context()), "1 row did not arrive: 1 dropped (too_large)")
	}
}

func TestBlockWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{blocked: make(chan struct{})}
		q := queue.New(queue.Config{Sink: sink, MaxRows: 2, Block: true})
		var pushed sync.WaitGroup
		for range 4 {
			pushed.Go(func() {
				for range 5 {
					q.Push(newRow(record.KindSpan, "x"))
				}
			})
		}
		synctest.Wait()
		assert.Equal(t, 2, q.Stats().Queued)
		close(sink.blocked)
		pushed.Wait()
		require.NoError(t, q.Close(t.Context()))
		assert.Equal(t, strings.Repeat("x", 20), sink.names())
	})
}

func TestBlockEndsWithTheContextAndWithTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{blocked: make(chan struct{})}
		q := queue.New(queue.Config{Sink: sink, MaxRows: 1, Block: true})
		q.Push(newRow(record.KindSpan, "a"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		q.PushContext(ctx, newRow(record.KindSpan, "b"))
		assert.Equal(t, time.Second, time.Since(start))

		turned := make(chan time.Time, 1)
		go func() {
			q.Push(newRow(record.KindSpan, "c"))
			turned <- time.Now()
		}()
		synctest.Wait()
		closed := time.Now()
		time.AfterFunc(time.Second, func() { close(sink.blocked) })
		err := q.Close(t.Context())
		assert.Equal(t, closed, <-turned, "who waits is turned away at once")
		assert.EqualError(t, err, "2 rows did not arrive: 1 dropped (closed), 1 dropped (wait_ended)")
	})
}

func TestAStartRowIsReplacedInPlace(t *testing.T) {
	sink := &memory{}
	q := queue.New(queue.Config{Sink: sink})
	id, now := uuid.Must(uuid.NewV7()), time.Now()
	start := rowOf(record.KindSpan, id, "s", now)
	start.Start = true
	trace := rowOf(record.KindTrace, id, "t", now)
	end := rowOf(record.KindSpan, id, "e", now)
	update := rowOf(record.KindSpan, id, "u", now)

	q.Push(newRow(record.KindSpan, "1"))
	q.Push(start)
	q.Push(trace)
	q.Push(newRow(record.KindSpan, "2"))
	q.Push(end)
	q.Push(newRow(record.KindSpan, "3"))
	q.Push(update)
	assert.Equal(t, 5, q.Stats().Queued)
	require.NoError(t, q.Flush(t.Context()))
	assert.Equal(t, "1ut23", sink.names())
	assert.Zero(t, q.Stats().QueuedBytes)

	q.Push(rowOf(record.KindSpan, id, "v", now))
	require.NoError(t, q.Close(t.Context()))
	assert.Equal(t, "1ut23v", sink.names(), "what is on its way is not replaced")
}

func TestAReplacementObeysTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{}
		q := queue.New(queue.Config{Sink: sink, MaxBytes: 1000, Interval: time.Hour})
		id := uuid.Must(uuid.NewV7())
		q.Push(record.Row{ID: id, Start: true, Body: make([]byte, 100)})
		q.Push(record.Row{Body: make([]byte, 500)})
		q.Push(record.Row{ID: id, Body: make([]byte, 900)})
		assert.Equal(t, map[queue.Reason]uint64{queue.QueueFull: 1}, q.Stats().Dropped)
		assert.LessOrEqual(t, q.Stats().QueuedBytes, 1000)
		require.Error(t, q.Close(t.Context()))
		assert.True(t, sink.rows()[0].Start)
	})
}

func TestPushAfterClose(t *testing.T) {
	q := queue.New(queue.Config{Sink: &memory{}})
	require.NoError(t, q.Close(t.Context()))
	q.Push(newRow(record.KindSpan, "late"))
	assert.Equal(t, map[queue.Reason]uint64{queue.Closed: 1}, q.Stats().Dropped)
	require.EqualError(t, q.Flush(t.Context()), "1 row did not arrive: 1 dropped (closed)")
	assert.NoError(t, q.Close(t.Context()), "it was said")
}

func TestPushDoesNotAllocate(t *testing.T) {
	sink := &memory{blocked: make(chan struct{})}
	q := queue.New(queue.Config{Sink: sink, Interval: time.Hour, BatchRows: 100, MaxRows: 100})
	row := newRow(record.KindSpan, "row")
	for range 100 {
		q.Push(row)
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { q.Push(row) }), "a full queue")
	close(sink.blocked)
	require.Error(t, q.Flush(t.Context()))
	q.Push(row)
	assert.Zero(t, testing.AllocsPerRun(90, func() { q.Push(row) }), "a segment that was used before")
	require.NoError(t, q.Close(t.Context()))
}

// TestEveryRowIsAccountedFor pushes, flushes and closes at the same time, and counts.
func TestEveryRowIsAccountedFor(t *testing.T) {
	sink := &memory{}
	q := queue.New(queue.Config{Sink: sink, Limits: opikLimits, Senders: 2, MaxRows: 500, BatchRows: 50, Interval: time.Millisecond})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 1000 {
				row := newRow(record.Kind(i%2), "row")
				row.Start = i%7 == 0
				q.Push(row)
				if i%200 == 0 {
					_ = q.Flush(t.Context()) // full queues are reported, too
				}
			}
		})
	}
	group.Go(func() {
		for q.Stats().Sent < 2000 {
			_ = q.Flush(t.Context())
		}
		_ = q.Close(t.Context())
	})
	group.Wait()
	stats := q.Stats()
	assert.EqualValues(t, 8000, stats.Sent+stats.Dropped[queue.QueueFull]+stats.Dropped[queue.Closed])
	assert.Len(t, sink.rows(), int(stats.Sent))
	assert.Zero(t, stats.Queued)
	assert.Zero(t, stats.QueuedBytes)
}
