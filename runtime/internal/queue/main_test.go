package queue_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/internal/batch"
	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opikLimits are what the runtime uses for Opik.
var opikLimits = batch.Limits{Rows: 1000, Bytes: 4 << 20}

// newRow returns a row that Opik takes, named for the test's convenience.
func newRow(kind record.Kind, name string) record.Row {
	return rowOf(kind, uuid.Must(uuid.NewV7()), name, time.Now())
}

// rowOf returns one version of a row.
func rowOf(kind record.Kind, id uuid.UUID, name string, updated time.Time) record.Row {
	body := fmt.Sprintf(`{"id":%q,"name":%q,"last_updated_at":%q,"input":{"text":%q}}`,
		id, name, updated.UTC().Format("2006-01-02T15:04:05.000000Z"), strings.Repeat("abcdefghi ", 10))
	return record.Row{Kind: kind, ID: id, TraceID: id, Body: []byte(body)}
}

// pushUnits pushes n rows as programs do, spans before the trace that holds them, and returns them.
func pushUnits(q *queue.Queue, n int) []record.Row {
	rows := make([]record.Row, n)
	for i := range rows {
		kind := record.KindSpan
		if i%5 == 4 {
			kind = record.KindTrace
		}
		rows[i] = newRow(kind, fmt.Sprintf("row %d", i))
		q.Push(rows[i])
	}
	return rows
}

// clientOf returns the client that the runtime would make, over a network of the test's.
func clientOf(t testing.TB, url string, network http.RoundTripper) *wire.Client {
	t.Helper()
	client, err := wire.New(wire.Config{
		URL: url, APIKey: "secret-key", Workspace: "team", Version: "0.0.0-test",
		HTTP: &http.Client{Transport: network}, NoCompression: true,
	})
	require.NoError(t, err)
	return client
}

// nameOf returns the name in a row.
func nameOf(row json.RawMessage) string {
	var fields struct{ Name string }
	_ = json.Unmarshal(row, &fields) // what has no name is called ""
	return fields.Name
}

// strip is the proxy before Opik that takes /api off the path.
func strip(handler http.Handler) http.RoundTripper {
	return fakeopik.Transport(http.StripPrefix("/api", handler))
}

// A memory is a sink that keeps rows, and that can be told to wait.
type memory struct {
	blocked chan struct{} // Deliver waits until it is closed; nil does not wait
	err     error         // what Deliver returns

	mu    sync.Mutex
	taken [][]record.Row
}

// Deliver keeps rows.
func (m *memory) Deliver(ctx context.Context, rows []record.Row) error {
	if m.blocked != nil {
		select {
		case <-m.blocked:
		case <-ctx.Done():
			return &wire.Error{Verdict: wire.Retry, Err: ctx.Err()}
		}
	}
	if m.err != nil {
		return m.err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken = append(m.taken, slices.Clone(rows))
	return nil
}

// batches returns what was delivered, call by call.
func (m *memory) batches() [][]record.Row {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.taken)
}

// rows returns all rows that were delivered.
func (m *memory) rows() []record.Row { return slices.Concat(m.batches()...) }

// names joins the names of all rows that were delivered.
func (m *memory) names() string {
	var all strings.Builder
	for _, row := range m.rows() {
		all.WriteString(nameOf(row.Body))
	}
	return all.String()
}

// A latency is a sink that takes time, may fail, and keeps when it was called.
type latency struct {
	delay time.Duration

	mu    sync.Mutex
	err   error
	times []time.Time
}

// Deliver takes its time.
func (l *latency) Deliver(ctx context.Context, _ []record.Row) error {
	l.mu.Lock()
	l.times = append(l.times, time.Now())
	l.mu.Unlock()
	select {
	case <-time.After(l.delay):
	case <-ctx.Done():
		return &wire.Error{Verdict: wire.Retry, Err: ctx.Err()}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// mend makes Deliver succeed.
func (l *latency) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = nil
}

// calls returns when Deliver was called.
func (l *latency) calls() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.times)
}

// newQueue returns the queue that the runtime would make for Opik, over a handler in the place of the network.
func newQueue(t testing.TB, config queue.Config, handler http.HandlerFunc) *queue.Queue {
	t.Helper()
	config.Sink = clientOf(t, "http://opik.example.com/api", strip(handler))
	config.Limits = opikLimits
	if config.Senders == 0 {
		config.Senders = 2
	}
	return queue.New(config)
}

// A place to be down: a server that can be switched off.
type switchable struct {
	fakeopik.Server

	down     atomic.Bool
	attempts atomic.Int64
}

// RoundTrip answers while the server is up.
func (s *switchable) RoundTrip(r *http.Request) (*http.Response, error) {
	s.attempts.Add(1)
	if s.down.Load() {
		_ = r.Body.Close()
		return nil, syscall.ECONNREFUSED
	}
	return s.Server.RoundTrip(r)
}

// newSpooled returns a queue with a spool in dir.
func newSpooled(t testing.TB, server http.RoundTripper, dir string, config queue.Config) *queue.Queue {
	t.Helper()
	config.Sink = clientOf(t, "http://opik.example.com", server)
	config.Limits, config.Senders = opikLimits, 2
	config.Spool = spool.New(spool.Config{Dir: dir, Destination: "http://opik.example.com team"})
	return queue.New(config)
}

// newDown returns a server that is down, and a queue for it with a spool in dir.
func newDown(t testing.TB, dir string, config queue.Config) (*switchable, *queue.Queue) {
	t.Helper()
	server := &switchable{}
	server.down.Store(true)
	return server, newSpooled(t, server, dir, config)
}

// spoolFiles returns the files in the spools below dir.
func spoolFiles(t testing.TB, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", pattern))
	require.NoError(t, err)
	return files
}

// closeWithin closes a queue, which has so long to empty itself.
func closeWithin(t testing.TB, q *queue.Queue, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return q.Close(ctx)
}

// assertDeliveredOnce checks that nothing was stored twice.
func assertDeliveredOnce(t *testing.T, server *fakeopik.Server) {
	t.Helper()
	for id, row := range server.Spans() {
		assert.Equal(t, 1, row.Versions, id)
	}
}
