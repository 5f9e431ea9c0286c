package queue_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// updateOf returns an update of a span that another process sends.
func updateOf(id uuid.UUID) record.Row {
	body := fmt.Sprintf(`{"trace_id":%q,"model":"known later"}`, id)
	return record.Row{Kind: record.KindSpanUpdate, ID: id, TraceID: id, Body: []byte(body)}
}

// createOf returns the row of that span.
func createOf(id uuid.UUID) record.Row {
	row := rowOf(record.KindSpan, id, "foreign", time.Now())
	row.Body = fmt.Appendf(nil, `{"trace_id":%q,%s`, id, row.Body[1:])
	return row
}

// askedFor counts the requests of a method.
func askedFor(server *fakeopik.Server, path string) (requests int) {
	for _, r := range server.Requests() {
		if r.Path == path {
			requests++
		}
	}
	return requests
}

func TestAnUpdateWaitsForTheSpanOfAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		q := newQueue(t, queue.Config{}, server.ServeHTTP)
		other := newQueue(t, queue.Config{}, server.ServeHTTP)
		id := uuid.Must(uuid.NewV7())
		q.Push(updateOf(id))
		<-time.After(5 * time.Second)
		assert.Empty(t, server.Spans(), "no partial row")
		other.Push(createOf(id))
		require.NoError(t, other.Close(t.Context()))
		require.NoError(t, q.Close(t.Context()))

		row := string(server.Spans()[id.String()].JSON)
		assert.Contains(t, row, "foreign")
		assert.Contains(t, row, "known later")
		assert.Zero(t, q.Stats().Unchecked)
		assert.Less(t, askedFor(server, "/v1/private/spans/"+id.String()), 20, "it asks less and less often")
	})
}

func TestUpdatesOfSpansThatNeverComeHoldNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		q := newQueue(t, queue.Config{}, server.ServeHTTP)
		start := time.Now()
		for range 3 { // batches, more than there are senders
			for range 10 {
				q.Push(updateOf(uuid.Must(uuid.NewV7())))
			}
			<-time.After(2 * time.Second)
		}
		pushUnits(q, 1000)
		<-time.After(1500 * time.Millisecond)
		assert.Len(t, server.Spans(), 800, "spans overtake the updates that wait")

		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Spans(), 830, "the updates are not lost")
		assert.EqualValues(t, 30, q.Stats().Unchecked)
		assert.Less(t, time.Since(start), 2*time.Minute, "the updates of a batch wait together: one by one they take five")
	})
}

func TestUpdatesThatWaitAreSpooledAtClose(t *testing.T) {
	dir, id := t.TempDir(), uuid.Must(uuid.NewV7())
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		q := newSpooled(t, server, dir, queue.Config{})
		q.Push(updateOf(id))
		require.ErrorContains(t, closeWithin(t, q, 3*time.Second), "did not arrive")
		assert.EqualValues(t, 1, q.Stats().Spooled)
		assert.Empty(t, server.Spans())

		next := newSpooled(t, server, dir, queue.Config{})
		<-time.After(3 * time.Second)
		assert.Empty(t, server.Spans(), "the next process waits, too")
		other := newQueue(t, queue.Config{}, server.ServeHTTP)
		other.Push(createOf(id))
		require.NoError(t, other.Close(t.Context()))
		<-time.After(time.Minute)
		require.NoError(t, next.Close(t.Context()))
		assert.Contains(t, string(server.Spans()[id.String()].JSON), "known later")
		assert.Contains(t, string(server.Spans()[id.String()].JSON), "foreign")
		assert.Zero(t, next.Stats().Unchecked)
	})
}

func TestAReplayedUpdateDoesNotWaitForEver(t *testing.T) {
	dir, id := t.TempDir(), uuid.Must(uuid.NewV7())
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		q := newSpooled(t, server, dir, queue.Config{})
		q.Push(updateOf(id))
		require.Error(t, closeWithin(t, q, time.Second))
		next := newSpooled(t, server, dir, queue.Config{})
		<-time.After(time.Minute)
		assert.EqualValues(t, 1, next.Stats().Unchecked)
		require.NoError(t, next.Close(t.Context()))
		assert.Len(t, server.Spans(), 1)
	})
}

func TestALookThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, looks := &fakeopik.Server{}, 0
		q := newQueue(t, queue.Config{}, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				if looks++; looks <= 3 {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
			}
			server.ServeHTTP(w, r)
		})
		row := createOf(uuid.Must(uuid.NewV7()))
		q.Push(row)
		q.Push(updateOf(row.ID))
		require.NoError(t, q.Close(t.Context()))
		assert.Contains(t, string(server.Spans()[uuid.UUID(row.ID).String()].JSON), "known later")
		assert.Equal(t, 4, looks)
		assert.Zero(t, q.Stats().Unchecked)
	})
}
