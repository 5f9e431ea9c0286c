package queue_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestWaitsGrowAndAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &latency{err: &wire.Error{Verdict: wire.Retry, Status: 503}}
		q := queue.New(queue.Config{Sink: sink, BatchRows: 1})
		q.Push(newRow(record.KindSpan, "row"))
		<-time.After(10 * time.Minute)
		synctest.Wait()
		calls := sink.calls()
		for i, call := range calls[1:] {
			bound := min(250*time.Millisecond<<min(i, 8), 15*time.Second)
			assert.LessOrEqual(t, call.Sub(calls[i]), bound, "wait %d", i)
		}
		assert.Greater(t, len(calls), 40, "600 s in waits of 7.5 s on average")
		assert.Less(t, len(calls), 200)
		assert.EqualValues(t, len(calls)-1, q.Stats().Retried)
		sink.mend()
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestAPausedQueueLooksEveryTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		var welcome atomic.Bool
		var asked []time.Duration
		start := time.Now()
		q := newQueue(t, queue.Config{BatchRows: 1, Senders: 1}, func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, time.Since(start))
			if !welcome.Load() {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			server.ServeHTTP(w, r)
		})
		pushUnits(q, 5)
		<-time.After(35 * time.Second)
		synctest.Wait()
		assert.Equal(t, []time.Duration{0, 10 * time.Second, 20 * time.Second, 30 * time.Second}, asked)
		assert.Equal(t, "opik answered 401 Unauthorized", q.Stats().LastError)
		welcome.Store(true)
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Spans(), 4)
		assert.Len(t, server.Traces(), 1)
	})
}

func TestTheBadRowIsFoundAndOnlyItIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{Refuse: func(row json.RawMessage) string {
			if strings.Contains(nameOf(row), "77") {
				return "name must not hold 77"
			}
			return ""
		}}
		q := newQueue(t, queue.Config{}, server.ServeHTTP)
		pushUnits(q, 200) // of which 77 and 177 are bad
		err := q.Close(t.Context())
		require.ErrorContains(t, err, "2 rows did not arrive: 2 dropped (invalid)")
		require.ErrorContains(t, err, "name must not hold 77")
		assert.Len(t, server.Spans(), 158)
		assert.Len(t, server.Traces(), 40)
		assert.Less(t, len(server.Requests()), 40, "a bad row costs two requests for each halving")
		assertDeliveredOnce(t, server)
	})
}

func TestTheSizeThatIsRefusedIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{MaxBytes: 100_000}
		q := newQueue(t, queue.Config{}, server.ServeHTTP)
		pushUnits(q, 1000)
		require.NoError(t, q.Flush(t.Context()))
		before := len(server.Requests())
		pushUnits(q, 1000)
		require.NoError(t, q.Close(t.Context()))
		for _, request := range server.Requests()[before:] {
			assert.Equal(t, http.StatusNoContent, request.Status)
		}
		assert.Len(t, server.Spans(), 1600)
	})
}

func TestOtherRefusalsSayNothingAboutTheSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{Refuse: poisonous}
		q := newQueue(t, queue.Config{}, server.ServeHTTP)
		pushUnits(q, 1000) // of which one is bad
		require.ErrorContains(t, q.Flush(t.Context()), "1 dropped (invalid)")
		before := len(server.Requests())
		pushUnits(q, 500)
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Requests()[before:], 2, "traces and spans")
	})
}

// TestASmallRequestThatIsTooLarge is refused once by whoever is before Opik. It must not make all requests tiny.
func TestASmallRequestThatIsTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, refused := &fakeopik.Server{}, false
		q := newQueue(t, queue.Config{}, func(w http.ResponseWriter, r *http.Request) {
			if !refused {
				refused = true
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			server.ServeHTTP(w, r)
		})
		for range 2 {
			pushUnits(q, 4)
			require.NoError(t, q.Flush(t.Context()))
		}
		for range 100 {
			q.Push(newRow(record.KindSpan, "row"))
		}
		before := len(server.Requests())
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Requests()[before:], 1)
	})
}

func TestARowTooLargeForTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{MaxBytes: 1000}
		q := newQueue(t, queue.Config{}, server.ServeHTTP)
		pushUnits(q, 4)
		q.Push(newRow(record.KindSpan, strings.Repeat("large", 1000)))
		require.ErrorContains(t, q.Close(t.Context()), "1 row did not arrive: 1 dropped (too_large)")
		assert.Len(t, server.Spans(), 4)
	})
}

func TestARefusedBatchIsDroppedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		q := newQueue(t, queue.Config{Senders: 1}, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			w.WriteHeader(http.StatusGone)
		})
		pushUnits(q, 4)
		require.ErrorContains(t, q.Close(t.Context()), "4 dropped (refused); last error: opik answered 410 Gone")
		assert.Equal(t, 1, requests)
	})
}

func TestASinkThatFailsLosesItsRowsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &latency{err: errors.New("broken pipe")}
		q := queue.New(queue.Config{Sink: sink})
		pushUnits(q, 3)
		require.ErrorContains(t, q.Flush(t.Context()), "3 dropped (sink_failed); last error: request to opik failed: broken pipe")
		sink.mend()
		pushUnits(q, 3)
		require.NoError(t, q.Close(t.Context()))
		assert.EqualValues(t, 3, q.Stats().Sent)
	})
}

func TestStatsCountWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		failures := 2
		q := newQueue(t, queue.Config{Senders: 1}, func(w http.ResponseWriter, r *http.Request) {
			if failures--; failures >= 0 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			server.ServeHTTP(w, r)
		})
		rows := pushUnits(q, 4)
		require.NoError(t, q.Close(t.Context()))
		size := 0
		for _, row := range rows {
			size += len(row.Body) + 1
		}
		assert.Equal(t, queue.Stats{
			Sent: 4, SentBytes: uint64(size), Retried: 8, Dropped: map[queue.Reason]uint64{},
			LastError: "opik answered 502 Bad Gateway",
		}, q.Stats())
	})
}
