package queue_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestAQueueWhoseServerIsWellTouchesNoSpool(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := &switchable{}
		q := newSpooled(t, server, dir, queue.Config{})
		for range 5 {
			pushUnits(q, 10)
			require.NoError(t, q.Flush(t.Context()))
		}
		require.NoError(t, q.Close(t.Context()))
		assert.Zero(t, q.Stats().Spooled)
		assert.Empty(t, spoolFiles(t, dir, "*"))
	})
}

func TestASlowServerIsNoReasonForTheSpool(t *testing.T) {
	config := spool.Config{Dir: t.TempDir()}
	synctest.Test(t, func(t *testing.T) {
		q := queue.New(queue.Config{Sink: &latency{delay: 20 * time.Second}, BatchRows: 1, Spool: spool.New(config)})
		pushUnits(q, 3)
		require.NoError(t, q.Close(t.Context()))
		assert.Zero(t, q.Stats().Spooled, "there was room")
	})
}

// refusing is a server that fails over the rows whose names begin with "bad" until it is told to stop.
type refusing struct {
	fakeopik.Server

	mended  atomic.Bool
	refused atomic.Int64
}

// ServeHTTP looks at the whole body before Opik does.
func (s *refusing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if strings.Contains(string(body), `"name":"bad`) && !s.mended.Load() {
		s.refused.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	s.Server.ServeHTTP(w, r)
}

// scoreOf returns a score of a span.
func scoreOf(id uuid.UUID) record.Row {
	return record.NewScore(record.KindSpanScore, id, id, record.Score{Name: "n", Value: 1})
}

// TestRowsThatFailAloneDoNotWaitInMemory has a server that takes the rows of others all the time. What it does not take goes to
// the spool, where a score waits behind it, and comes back with the next success.
func TestRowsThatFailAloneDoNotWaitInMemory(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := &refusing{}
		q := newSpooled(t, fakeopik.Transport(server), dir, queue.Config{BatchRows: 1})
		bad := newRow(record.KindSpan, "bad")
		q.Push(bad)
		for range 60 {
			q.Push(newRow(record.KindSpan, "good"))
			<-time.After(500 * time.Millisecond)
			if q.Stats().Spooled > 0 {
				break
			}
		}
		assert.EqualValues(t, 1, q.Stats().Spooled)
		q.Push(scoreOf(bad.ID))
		synctest.Wait()
		assert.EqualValues(t, 2, q.Stats().Spooled, "the span of the score may be the one that waits")
		assert.Zero(t, askedFor(&server.Server, "/v1/private/spans/feedback-scores"))

		server.mended.Store(true)
		q.Push(newRow(record.KindSpan, "good"))
		<-time.After(500 * time.Millisecond)
		assert.EqualValues(t, 2, q.Stats().Replayed, "nobody waits for the next look at the spool")
		assert.Contains(t, server.Spans(), uuid.UUID(bad.ID).String())
		require.NoError(t, q.Close(t.Context()))
	})
}

// TestOthersThatSucceedDoNotHurryAReplay has a file that the server fails over for half a minute, and hundreds of rows that it
// takes meanwhile. The file was tried again with each of them, and its row given up in less than a second.
func TestOthersThatSucceedDoNotHurryAReplay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := &refusing{}
		q := newSpooled(t, fakeopik.Transport(server), dir, queue.Config{BatchRows: 1})
		q.Push(newRow(record.KindSpan, "bad"))
		require.Error(t, closeWithin(t, q, time.Second))

		q = newSpooled(t, fakeopik.Transport(server), dir, queue.Config{BatchRows: 1})
		for range 300 {
			q.Push(newRow(record.KindSpan, "good"))
			<-time.After(100 * time.Millisecond)
		}
		server.mended.Store(true)
		<-time.After(20 * time.Second)
		require.NoError(t, q.Close(t.Context()))
		assert.Less(t, server.refused.Load(), int64(20))
		assert.Len(t, server.Spans(), 301)
	})
}

func TestWhatFollowsAloneLeavesNoEmptyFile(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server, q := newDown(t, dir, queue.Config{BatchRows: 1})
		q.Push(newRow(record.KindSpan, "row"))
		<-time.After(20 * time.Second)
		q.Push(scoreOf(uuid.Must(uuid.NewV7())))
		<-time.After(time.Second)
		assert.Len(t, spoolFiles(t, dir, "*-1-*.rows"), 2)
		assert.Len(t, spoolFiles(t, dir, "*.rows"), 2)
		server.down.Store(false)
		require.NoError(t, q.Close(t.Context()))
	})
}

// TestWhatIsPutAsideIsNotTriedAgain fills a queue while a row waits as long as the server wishes.
func TestWhatIsPutAsideIsNotTriedAgain(t *testing.T) {
	config := spool.Config{Dir: t.TempDir()}
	synctest.Test(t, func(t *testing.T) {
		sink := &latency{err: &wire.Error{Verdict: wire.Retry, Status: 503, After: time.Minute}}
		q := queue.New(queue.Config{Sink: sink, BatchRows: 1, MaxRows: 10, Spool: spool.New(config)})
		pushUnits(q, 1)
		synctest.Wait()
		assert.Len(t, sink.calls(), 1)
		pushUnits(q, 6)
		synctest.Wait()
		assert.Zero(t, q.Stats().Retried)
		assert.GreaterOrEqual(t, q.Stats().Spooled, uint64(6), "one may have left in its place")
		sink.mend()
		require.NoError(t, q.Close(t.Context()))
		assert.EqualValues(t, 7, q.Stats().Sent)
	})
}

// TestTheTimeInTheLineIsNotTheTimeForTheSpan has an update that waits for its turn longer than updates wait for their spans.
func TestTheTimeInTheLineIsNotTheTimeForTheSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, slow := &fakeopik.Server{}, true
		q := newQueue(t, queue.Config{BatchRows: 1}, func(w http.ResponseWriter, r *http.Request) {
			if slow && r.Method == http.MethodPost {
				slow = false
				<-time.After(20 * time.Second)
			}
			server.ServeHTTP(w, r)
		})
		id := uuid.Must(uuid.NewV7())
		q.Push(newRow(record.KindSpan, "slow"))
		q.Push(updateOf(id))
		<-time.After(25 * time.Second)
		other := newQueue(t, queue.Config{}, server.ServeHTTP)
		other.Push(createOf(id))
		require.NoError(t, other.Close(t.Context()))
		require.NoError(t, q.Close(t.Context()))
		assert.Zero(t, q.Stats().Unchecked)
	})
}

func TestAServerThatComesAndGoesIsSaidOnceAMinute(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		log, text := newLog()
		server, q := newDown(t, dir, queue.Config{Logger: log, BatchRows: 1, MaxRows: 4})
		for range 3 {
			server.down.Store(true)
			pushUnits(q, 4) // as many as make the queue crowded
			<-time.After(10 * time.Second)
			assert.NotZero(t, q.Stats().Spooled)
			server.down.Store(false)
			require.NoError(t, q.Flush(t.Context()))
		}
		require.NoError(t, q.Close(t.Context()))
		assert.Equal(t, 1, strings.Count(text.String(), "rows go to the spool"))
		assert.EqualValues(t, 12, q.Stats().Spooled)
	})
}

// gated is a sink that takes a batch when it is told to.
type gated struct {
	memory
	gate chan struct{}
}

func (g *gated) Deliver(ctx context.Context, rows []record.Row) error {
	<-g.gate
	return g.memory.Deliver(ctx, rows)
}

// TestStartRowsAreReplacedBehindABatchThatLeft has three batches, of which the last waits when the second leaves.
func TestStartRowsAreReplacedBehindABatchThatLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &gated{gate: make(chan struct{})}
		q := queue.New(queue.Config{Sink: sink, BatchRows: 1})
		last := uuid.Must(uuid.NewV7())
		for _, row := range []record.Row{newRow(record.KindSpan, "a"), newRow(record.KindSpan, "b"), rowOf(record.KindSpan, last, "start", time.Now())} {
			row.Start = true
			q.Push(row)
		}
		synctest.Wait()
		sink.gate <- struct{}{}
		synctest.Wait()
		q.Push(rowOf(record.KindSpan, last, "end", time.Now()))
		assert.Equal(t, 2, q.Stats().Queued)
		close(sink.gate)
		require.NoError(t, q.Close(t.Context()))
		assert.Equal(t, "abend", sink.names())
	})
}
