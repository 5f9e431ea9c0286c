package queue_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// newLog returns a logger and what it has written, without the time.
func newLog() (*slog.Logger, *bytes.Buffer) {
	var text bytes.Buffer
	return slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
			if attr.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return attr
		},
	})), &text
}

func TestAnOutageIsTwoLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, text := newLog()
		server := &switchable{}
		server.down.Store(true)
		q := queue.New(queue.Config{Sink: clientOf(t, "http://opik.example.com", server), Limits: opikLimits, Senders: 2, Logger: log})
		pushUnits(q, 2000)
		time.AfterFunc(time.Minute, func() { server.down.Store(false) })
		require.NoError(t, q.Close(t.Context()))
		assert.Equal(t, `level=WARN msg="opik: rows cannot be delivered; they are kept and tried again" rows=2000 error="request to opik failed: connection refused"
level=INFO msg="opik: rows are delivered again"
`, text.String())
	})
}

func TestABlipIsNoLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, text := newLog()
		var requests atomic.Int64
		q := newQueue(t, queue.Config{Logger: log, BatchRows: 10}, func(w http.ResponseWriter, _ *http.Request) {
			if requests.Add(1)%3 == 1 {
				w.WriteHeader(http.StatusBadGateway)
			}
		})
		pushUnits(q, 1000)
		require.NoError(t, q.Close(t.Context()))
		assert.NotZero(t, q.Stats().Retried)
		assert.Empty(t, text.String())
	})
}

func TestAWrongKeyIsSaidAtOnceAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, text := newLog()
		q := newQueue(t, queue.Config{Logger: log}, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "API key secret-key is not valid", http.StatusUnauthorized)
		})
		q.Push(newRow(record.KindSpan, "row"))
		<-time.After(time.Hour)
		synctest.Wait()
		assert.Equal(t, `level=WARN msg="opik: rows cannot be delivered; they are kept and tried again" rows=1 `+
			`error="opik answered 401 Unauthorized: API key [key] is not valid"`+"\n", text.String())
		require.Error(t, closeWithin(t, q, time.Second))
		assert.NotContains(t, text.String(), "secret-key")
	})
}

func TestDropsAreALineAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, text := newLog()
		q := newQueue(t, queue.Config{Logger: log, BatchRows: 1}, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "bad", http.StatusUnprocessableEntity)
		})
		for range 150 {
			q.Push(newRow(record.KindSpan, "row"))
			<-time.After(time.Second)
		}
		require.Error(t, q.Close(t.Context()))
		lines := strings.Split(strings.TrimSpace(text.String()), "\n")
		require.Len(t, lines, 3)
		assert.Equal(t, `level=WARN msg="opik: rows were dropped" rows=map[invalid:1] error="opik answered 422 Unprocessable Entity: bad"`, lines[0])
		assert.Contains(t, lines[1], "rows=map[invalid:60]")
	})
}

func TestTheSpoolIsSaidOnce(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		log, text := newLog()
		server, q := newDown(t, dir, queue.Config{Logger: log})
		for range 20 {
			pushUnits(q, 10)
			<-time.After(2 * time.Second)
		}
		synctest.Wait()
		assert.Equal(t, 1, strings.Count(text.String(), "rows go to the spool until the server is back"))
		assert.Equal(t, 2, strings.Count(text.String(), "\n"))
		server.down.Store(false)
		require.NoError(t, q.Close(t.Context()))
	})
}

func TestABrokenSpoolIsSaidOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	synctest.Test(t, func(t *testing.T) {
		log, text := newLog()
		server, q := newDown(t, dir, queue.Config{Logger: log})
		pushUnits(q, 10)
		<-time.After(time.Minute)
		server.down.Store(false)
		require.NoError(t, q.Close(t.Context()))
		assert.Equal(t, 1, strings.Count(text.String(), "the spool cannot be used; rows stay in memory"))
	})
}
