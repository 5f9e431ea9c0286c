package main

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// row is a trace or span as it went over the wire.
type row map[string]any

// opikServer takes what a client posts under /api and remembers it.
type opikServer struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string // "METHOD path", in order
	rows     map[string][]row
}

func newOpikServer(t *testing.T) *opikServer {
	server := &opikServer{rows: map[string][]row{}}
	server.Server = httptest.NewServer(server)
	t.Cleanup(server.Close)
	return server
}

func (s *opikServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	var batch map[string][]row
	decoder := json.NewDecoder(body)
	decoder.UseNumber()
	if err := decoder.Decode(&batch); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	for kind, rows := range batch {
		s.rows[kind] = append(s.rows[kind], rows...)
	}
	w.WriteHeader(http.StatusNoContent)
}

// runAgainst runs the program with the environment of a user who has a server.
func runAgainst(t *testing.T, server *opikServer) {
	t.Helper()
	isolate(t)
	t.Setenv("OPIK_URL_OVERRIDE", server.URL+"/api")
	require.NoError(t, run(t.Context(), nil))
	http.DefaultClient.CloseIdleConnections()
}

// isolate keeps this machine's own configuration out of the test.
func isolate(t *testing.T) {
	for _, name := range []string{"OPENAI_API_KEY", "OPIK_API_KEY", "OPIK_SINK", "OPIK_URL_OVERRIDE", "OPIK_WORKSPACE", "OPIK_TRACK_DISABLE"} {
		t.Setenv(name, "")
	}
	configuration := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(configuration, nil, 0o600))
	t.Setenv("OPIK_CONFIG_PATH", configuration)
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // where undelivered rows would wait
}

// TestTraceOnTheWire holds what a real Opik is sent to the rules of its API document.
func TestTraceOnTheWire(t *testing.T) {
	server := newOpikServer(t)
	runAgainst(t, server)

	assert.Equal(t, []string{"POST /api/v1/private/traces/batch", "POST /api/v1/private/spans/batch"}, server.requests)
	require.Len(t, server.rows["traces"], 1)
	for _, row := range slices.Concat(server.rows["traces"], server.rows["spans"]) {
		requireValid(t, row)
	}
}

// requireValid checks one row: ids, times, completeness, no nulls, integer usage.
func requireValid(t *testing.T, r row) {
	t.Helper()
	for _, name := range []string{"id", "trace_id", "parent_span_id"} {
		if value, ok := r[name]; ok {
			id, err := uuid.Parse(value.(string))
			require.NoError(t, err)
			assert.Equal(t, uuid.Version(7), id.Version(), "%s of %v", name, r["name"])
		}
	}
	for _, name := range []string{"start_time", "end_time", "last_updated_at"} {
		at, err := time.Parse(time.RFC3339Nano, r[name].(string))
		require.NoError(t, err)
		assert.Equal(t, time.UTC, at.Location())
		assert.WithinDuration(t, time.Now(), at, time.Minute)
	}
	for _, name := range []string{"name", "project_name", "input"} {
		assert.NotEmpty(t, r[name], name)
	}
	if usage, ok := r["usage"].(map[string]any); ok {
		for key, count := range usage {
			_, err := count.(json.Number).Int64()
			require.NoError(t, err, "usage %s", key)
		}
	}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "null")
}

// TestTree looks at the shape of the trace: the agent's steps, the call that failed, and the one that was its retry.
func TestTree(t *testing.T) {
	server := newOpikServer(t)
	runAgainst(t, server)

	spans := map[string]row{} // by id
	for _, span := range server.rows["spans"] {
		spans[span["id"].(string)] = span
	}
	var paths []string
	for _, span := range spans {
		paths = append(paths, path(spans, span))
	}
	slices.Sort(paths)
	assert.Equal(t, []string{
		"answer",
		"answer/calculate",
		"answer/complete",
		"answer/complete",
		"answer/complete/Completer.Complete",
		"answer/complete/Completer.Complete",
		"answer/complete/Completer.Complete",
		"answer/retrieve",
	}, paths)

	failed := slices.Collect(filter(maps.Values(spans), func(r row) bool { return r["error_info"] != nil }))
	require.Len(t, failed, 1)
	assert.Equal(t, "Completer.Complete", failed[0]["name"])
	answered := slices.Collect(filter(maps.Values(spans), func(r row) bool { return r["usage"] != nil }))
	require.Len(t, answered, 2)
	for _, span := range answered {
		assert.Equal(t, "llm", span["type"])
		assert.Equal(t, "openai", span["provider"])
		assert.Equal(t, "gpt-4o-mini-2024-07-18", span["model"])
	}
}

// path is the names from the root to the span.
func path(spans map[string]row, span row) string {
	name := span["name"].(string)
	parent, ok := span["parent_span_id"].(string)
	if !ok {
		return name
	}
	return path(spans, spans[parent]) + "/" + name
}

// filter yields the rows that keep accepts.
func filter(rows iter.Seq[row], keep func(row) bool) iter.Seq[row] {
	return func(yield func(row) bool) {
		for r := range rows {
			if keep(r) && !yield(r) {
				return
			}
		}
	}
}

// TestFileSink runs the program with a file in place of a server.
func TestFileSink(t *testing.T) {
	isolate(t)
	name := filepath.Join(t.TempDir(), "rows.ndjson")
	t.Setenv("OPIK_SINK", "file:"+name)
	require.NoError(t, run(t.Context(), nil))
	http.DefaultClient.CloseIdleConnections()

	text, err := os.ReadFile(name)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	assert.Len(t, lines, 9, "a trace and eight spans")
	for _, line := range lines {
		assert.True(t, json.Valid([]byte(line)), line)
	}
}
