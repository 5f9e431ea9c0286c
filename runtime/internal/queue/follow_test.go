package queue_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestARowThatIsResentReplacesTheOneThatWaits(t *testing.T) {
	sink := &memory{}
	q := queue.New(queue.Config{Sink: sink, Interval: time.Hour})
	id, now := uuid.Must(uuid.NewV7()), time.Now()
	resent := func(name string) record.Row {
		row := rowOf(record.KindSpan, id, name, now)
		row.Resent = true
		return row
	}
	q.Push(rowOf(record.KindSpan, id, "a", now))
	q.Push(newRow(record.KindSpan, "1"))
	q.Push(resent("b"))
	q.Push(newRow(record.KindSpan, "2"))
	q.Push(resent("c"))
	assert.Equal(t, 3, q.Stats().Queued)
	require.NoError(t, q.Flush(t.Context()))
	assert.Equal(t, "c12", sink.names())

	q.Push(resent("d"))
	q.Push(newRow(record.KindSpan, "3"))
	require.NoError(t, q.Close(t.Context()))
	assert.Equal(t, "c12d3", sink.names(), "what was sent is not replaced")
	assert.Zero(t, q.Stats().QueuedBytes)
}

func TestUpdatesNeverReplaceEachOther(t *testing.T) {
	sink := &memory{}
	q := queue.New(queue.Config{Sink: sink})
	id := uuid.Must(uuid.NewV7())
	for _, name := range []string{"a", "b"} {
		row := rowOf(record.KindSpanUpdate, id, name, time.Now())
		row.Resent = true
		q.Push(row)
	}
	require.NoError(t, q.Close(t.Context()))
	assert.Equal(t, "ab", sink.names())
}

// TestPushAfterAResentRowDoesNotAllocate shows that the index costs nothing once no row waits any more.
func TestPushAfterAResentRowDoesNotAllocate(t *testing.T) {
	q := queue.New(queue.Config{Sink: &memory{}, Interval: time.Hour, BatchRows: 200})
	row := newRow(record.KindSpan, "row")
	resent := row
	resent.Resent = true
	for range 150 {
		q.Push(row)
	}
	q.Push(resent)
	require.NoError(t, q.Flush(t.Context()))
	q.Push(row)
	assert.Zero(t, testing.AllocsPerRun(100, func() { q.Push(row) }))
	require.NoError(t, q.Close(t.Context()))
}

// stalling is a sink that holds the first row until it is told to let go.
type stalling struct {
	memory
	first chan error
}

func (s *stalling) Deliver(ctx context.Context, rows []record.Row) error {
	if nameOf(rows[0].Body) == "first" {
		select {
		case err := <-s.first:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return &wire.Error{Verdict: wire.Retry, Err: ctx.Err()}
		}
	}
	return s.memory.Deliver(ctx, rows)
}

func TestRowsThatFollowWaitForTheBatchesBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &stalling{first: make(chan error)}
		q := queue.New(queue.Config{Sink: sink, Limits: opikLimits, BatchRows: 1, Senders: 3})
		q.Push(newRow(record.KindSpan, "first"))
		q.Push(newRow(record.KindSpanScore, "score"))
		q.Push(newRow(record.KindSpan, "free"))
		synctest.Wait()
		assert.Equal(t, "free", sink.names())
		sink.first <- nil
		require.NoError(t, q.Close(t.Context()))
		assert.Equal(t, "freefirstscore", sink.names())
	})
}

func TestUpdatesTravelAloneAndScoresOfOneNameApart(t *testing.T) {
	sink := &memory{}
	q := queue.New(queue.Config{Sink: sink, Limits: opikLimits})
	id := uuid.Must(uuid.NewV7())
	for _, name := range []string{"a", "b"} {
		q.Push(newRow(record.KindSpanScore, "other "+name))
		q.Push(rowOf(record.KindSpanScore, id, "score "+name, time.Now()))
		q.Push(newRow(record.KindSpanUpdate, "update "+name))
		q.Push(newRow(record.KindSpan, "span "+name))
	}
	require.NoError(t, q.Close(t.Context()))
	var got []string
	for _, rows := range sink.batches() {
		var text strings.Builder
		for _, row := range rows {
			text.WriteString(nameOf(row.Body) + ";")
		}
		got = append(got, text.String())
	}
	assert.Equal(t, []string{"span a;span b;", "update a;", "update b;", "other a;score a;other b;", "score b;"}, got)
}

// TestRowsThatFollowAreReplayedLast closes a queue whose server is away in the middle of everything, and looks at what
// the next process sends, and in which order.
func TestRowsThatFollowAreReplayedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := spool.Config{Dir: t.TempDir(), Destination: "d"}
		away := clientOf(t, "http://opik.example.com/api", strip(http.NotFoundHandler()))
		q := queue.New(queue.Config{Sink: away, Limits: opikLimits, BatchRows: 3, Senders: 2, Spool: spool.New(config)})
		for i := range 4 {
			q.Push(newRow(record.KindSpanUpdate, fmt.Sprint("u", i)))
			q.Push(newRow(record.KindTraceScore, fmt.Sprint("s", i)))
			q.Push(newRow(record.KindSpan, fmt.Sprint("r", i)))
		}
		<-time.After(20 * time.Second)
		require.Error(t, closeWithin(t, q, time.Second))

		sink := &memory{}
		next := queue.New(queue.Config{Sink: sink, Limits: opikLimits, Spool: spool.New(config)})
		synctest.Wait()
		require.NoError(t, next.Close(t.Context()))
		assert.Len(t, sink.rows(), 12)
		for i, row := range sink.rows() {
			assert.Equal(t, i >= 4, row.Kind.Follows(), "row %d is %s", i, nameOf(row.Body))
		}
	})
}
