package queue_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// choking is a server that fails over the rows whose name begins with "bad", and says nothing about them.
func choking(server *fakeopik.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var document map[string][]json.RawMessage
		_ = json.Unmarshal(body, &document)
		for _, row := range document["spans"] {
			if strings.HasPrefix(nameOf(row), "bad") {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
		}
		again := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.Path, strings.NewReader(string(body)))
		server.ServeHTTP(w, again)
	}
}

// pushBad pushes good rows with some bad ones between them.
func pushBad(q *queue.Queue, good int, bad ...string) {
	for i := range good {
		if i%100 == 50 && len(bad) > 0 {
			q.Push(newRow(record.KindSpan, bad[0]))
			bad = bad[1:]
		}
		q.Push(newRow(record.KindSpan, "good"))
	}
}

func TestRowsThatTheServerChokesOnAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		q := newQueue(t, queue.Config{BatchRows: 200}, choking(server))
		pushBad(q, 1000, "bad 1", "bad 2", "bad 3")
		require.ErrorContains(t, q.Close(t.Context()), "3 dropped (refused); last error: opik answered 500")
		assert.Len(t, server.Spans(), 1000)
	})
}

// TestARowThatTheServerHangsOverIsFound has no answer to judge by, only the end of the time for a request.
func TestARowThatTheServerHangsOverIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		q := newQueue(t, queue.Config{}, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if strings.Contains(string(body), `"name":"bad"`) {
				<-r.Context().Done()
				return
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			server.ServeHTTP(w, r)
		})
		pushBad(q, 60, "bad")
		require.ErrorContains(t, q.Close(t.Context()), "1 dropped (refused)")
		assert.Len(t, server.Spans(), 60)
	})
}

func TestASingleRowIsNotDroppedWhileNothingArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		network := during(24*time.Hour, func(*http.Request) (*http.Response, error) {
			return status(http.StatusInternalServerError, nil), nil
		})
		q := newFaultyQueue(t, server, network)
		pushUnits(q, 100)
		<-time.After(25 * time.Hour)
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Spans(), 80)
		assert.Len(t, server.Traces(), 20)
	})
}

func TestAFileThatTheServerChokesOnDoesNotBlockTheOthers(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		q := newSpooled(t, fakeopik.Transport(choking(server)), dir, queue.Config{BatchRows: 100})
		pushBad(q, 500, "bad 1", "bad 2")
		for range 60 { // the program goes on
			<-time.After(time.Minute)
			pushBad(q, 10)
		}
		<-time.After(2 * time.Second)
		synctest.Wait()
		assert.Len(t, server.Spans(), 1100)
		assert.Equal(t, map[queue.Reason]uint64{queue.Refused: 2}, q.Stats().Dropped)
		assert.Empty(t, spoolFiles(t, dir, "*.rows"))
		require.Error(t, q.Close(t.Context()))
	})
}

func TestALongFailureOfTheServerLosesNothingInTheSpool(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := &fakeopik.Server{}
		failing := during(time.Hour, func(*http.Request) (*http.Response, error) {
			return status(http.StatusInternalServerError, nil), nil
		})
		q := newSpooled(t, roundTripper(func(r *http.Request) (*http.Response, error) {
			defer func() { _ = r.Body.Close() }()
			return failing(server, r)
		}), dir, queue.Config{})
		for range 70 {
			pushUnits(q, 5)
			<-time.After(time.Minute)
		}
		require.NoError(t, q.Close(t.Context()))
		assert.Len(t, server.Spans(), 280)
		assert.Len(t, server.Traces(), 70)
	})
}
