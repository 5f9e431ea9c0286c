package queue_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestFlushOfAnEmptyQueueReturns(t *testing.T) {
	q := queue.New(queue.Config{Sink: &memory{}})
	require.NoError(t, q.Flush(t.Context()))
	require.NoError(t, q.Close(t.Context()))
	require.NoError(t, q.Close(t.Context()))
}

func TestFlushDoesNotWaitForLaterRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &latency{delay: time.Second}
		q := queue.New(queue.Config{Sink: sink, Interval: time.Hour})
		pushUnits(q, 3)
		go func() {
			<-time.After(time.Millisecond)
			pushUnits(q, 3)
		}()
		start := time.Now()
		require.NoError(t, q.Flush(t.Context()))
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, 3, q.Stats().Queued)
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestFlushWaitsForWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.New(queue.Config{Sink: &latency{delay: time.Second}, BatchRows: 1, Senders: 2})
		pushUnits(q, 4)
		synctest.Wait() // two are under way, two wait
		start := time.Now()
		require.NoError(t, q.Flush(t.Context()))
		assert.Equal(t, 2*time.Second, time.Since(start))
		assert.Zero(t, q.Stats().Queued)
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestALossSaysWhereTheRowsAre(t *testing.T) {
	for want, loss := range map[string]queue.Loss{
		"1 row did not arrive: 1 still queued":                         {Held: 1},
		"1 row did not arrive: 1 in the spool":                         {Spooled: 1},
		"1 row did not arrive: 1 dropped (invalid)":                    {Dropped: map[queue.Reason]uint64{queue.Invalid: 1}},
		"5 rows did not arrive: 2 still queued, 3 in the spool: E":     {Held: 2, Spooled: 3, Err: errors.New("E")},
		"2 rows did not arrive: 2 in the spool; last error: no server": {Spooled: 2, Last: "no server"},
	} {
		assert.EqualError(t, &loss, want)
	}
}

func TestFlushEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.New(queue.Config{Sink: &latency{delay: time.Minute}})
		pushUnits(q, 5)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := q.Flush(ctx)
		require.EqualError(t, err, "5 rows did not arrive: 5 still queued: context deadline exceeded")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		loss, ok := errors.AsType[*queue.Loss](err)
		require.True(t, ok)
		assert.Equal(t, 5, loss.Held)

		require.NoError(t, q.Flush(t.Context()), "they were kept")
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestEachFlushReportsWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{err: &wire.Error{Verdict: wire.Divide, Status: 422, Message: "name must not be blank"}}
		q := queue.New(queue.Config{Sink: sink})
		q.Push(newRow(record.KindSpan, ""))
		<-time.After(2 * time.Second) // dropped before anybody asks

		require.EqualError(t, q.Flush(t.Context()), "1 row did not arrive: 1 dropped (invalid); "+
			"last error: opik answered 422 Unprocessable Entity: name must not be blank")
		require.NoError(t, q.Flush(t.Context()))

		pushUnits(q, 3)
		require.ErrorContains(t, q.Close(t.Context()), "3 rows did not arrive: 3 dropped (invalid)")
	})
}

func TestFlushesTogetherAllReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &latency{delay: time.Second, err: errors.New("the disk is full")}
		q := queue.New(queue.Config{Sink: sink})
		pushUnits(q, 3)
		said := make(chan error, 3)
		for range 3 {
			go func() { said <- q.Flush(t.Context()) }()
		}
		for range 3 {
			require.ErrorContains(t, <-said, "3 dropped (sink_failed); last error: request to opik failed: the disk is full")
		}
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestFlushHurriesARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &latency{err: &wire.Error{Verdict: wire.Retry, Status: 503}}
		q := queue.New(queue.Config{Sink: sink})
		pushUnits(q, 3)
		<-time.After(time.Minute) // the waits have grown
		sink.mend()
		start := time.Now()
		require.NoError(t, q.Flush(t.Context()))
		assert.Zero(t, time.Since(start))
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestFlushDoesNotHurryAgainstTheServersWish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &latency{err: &wire.Error{Verdict: wire.Retry, Status: 429, After: 30 * time.Second}}
		q := queue.New(queue.Config{Sink: sink})
		pushUnits(q, 3)
		<-time.After(2 * time.Second) // asked for the first time after one
		sink.mend()
		start := time.Now()
		require.NoError(t, q.Flush(t.Context()))
		assert.Equal(t, 29*time.Second, time.Since(start))
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestCloseGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.New(queue.Config{Sink: &memory{blocked: make(chan struct{})}, BatchRows: 2})
		pushUnits(q, 7)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		require.EqualError(t, q.Close(ctx), "7 rows did not arrive: 7 dropped (unsaved)")
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, map[queue.Reason]uint64{queue.Unsaved: 7}, q.Stats().Dropped)
	})
}

func TestCloseWithAnEndedContextStillStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q := queue.New(queue.Config{Sink: &memory{blocked: make(chan struct{})}})
	pushUnits(q, 3)
	require.EqualError(t, q.Close(ctx), "3 rows did not arrive: 3 dropped (unsaved)")
}

func TestClosesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.New(queue.Config{Sink: &latency{delay: time.Second}})
		pushUnits(q, 3)
		said := make(chan error, 3)
		for range 3 {
			go func() { said <- q.Close(t.Context()) }()
		}
		for range 3 {
			require.NoError(t, <-said)
		}
		assert.EqualValues(t, 3, q.Stats().Sent)
	})
}
