package page_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/local/internal/page"
	"github.com/opikgen/opikgen/local/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts the page over an empty database.
func serve(t *testing.T) (*store.Store, string) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"))
	require.NoError(t, err)
	server := httptest.NewServer(page.New(db))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, db.Close())
	})
	return db, server.URL
}

// get reads an address without following where it leads.
func get(t *testing.T, address string) (status int, header http.Header, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, response.Header, string(body)
}

// put stores a trace with two spans, and returns its project and its id.
func put(t *testing.T, db *store.Store) (project, trace string) {
	t.Helper()
	trace = uuid.Must(uuid.NewV7()).String()
	root := store.Row{ID: uuid.Must(uuid.NewV7()).String(), TraceID: trace, Name: "root", Type: "general", Start: 2e18, End: 2e18 + 5e6}
	leaf := store.Row{ID: uuid.Must(uuid.NewV7()).String(), TraceID: trace, ParentID: root.ID, Name: "leaf", Type: "llm", Start: 2e18 + 1e6,
		Model: "gpt-4o-mini", Provider: "openai", Usage: map[string]int64{"prompt_tokens": 10, "completion_tokens": 5}, Error: json.RawMessage(`{"exception_type":"E"}`)}
	require.NoError(t, db.Put(t.Context(), store.Span, []store.Row{root, leaf}))
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{
		ID: trace, Name: "answer", Start: 2e18, End: 2e18 + 6e6, Input: json.RawMessage(`{"question":"How \"far\"?\nReally","n":1}`), Tags: []string{"a"},
	}}))
	found, err := db.ProjectNamed(t.Context(), "")
	require.NoError(t, err)
	return found.ID, trace
}

func TestTheListHoldsNoMoreThanALineShows(t *testing.T) {
	db, address := serve(t)
	project, trace := put(t, db)
	status, _, text := get(t, address+"/local/traces?size=10&project_id="+project)
	require.Equal(t, http.StatusOK, status)
	var list struct {
		Total  int            `json:"total"`
		Traces []store.Glance `json:"traces"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &list))
	require.Equal(t, 1, list.Total)
	glance := list.Traces[0]
	assert.Equal(t, trace, glance.ID)
	assert.Equal(t, `question: How "far"? Really, n: 1`, glance.Input)
	assert.True(t, glance.Failed, "a span of it failed")
	assert.EqualValues(t, 15, glance.Tokens)
	assert.EqualValues(t, 2, glance.Spans)
	assert.Positive(t, glance.Cost)
	assert.InDelta(t, 6, *glance.Duration, 1e-9)
}

func TestATraceComesWithItsOutline(t *testing.T) {
	db, address := serve(t)
	_, trace := put(t, db)
	status, _, text := get(t, address+"/local/traces/"+trace)
	require.Equal(t, http.StatusOK, status)
	var found struct {
		Trace store.Entry     `json:"trace"`
		Spans []store.Outline `json:"spans"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &found))
	require.Len(t, found.Spans, 2)
	assert.Equal(t, found.Spans[0].ID, found.Spans[1].ParentID)
	assert.True(t, found.Spans[1].Failed)
	assert.Zero(t, found.Spans[1].End, "it still runs")
}

func TestChartOfNothing(t *testing.T) {
	_, address := serve(t)
	status, _, text := get(t, address+"/local/chart?project_id=none")
	require.Equal(t, http.StatusOK, status)
	var buckets []store.Bucket
	require.NoError(t, json.Unmarshal([]byte(text), &buckets))
	assert.Len(t, buckets, 60)
}

func TestWhatThePageCannotAsk(t *testing.T) {
	_, address := serve(t)
	for path, want := range map[string]int{
		"/local/traces?filters=x":  http.StatusBadRequest,
		"/local/traces?sorting=x":  http.StatusBadRequest,
		"/local/chart?from_time=x": http.StatusBadRequest,
		"/local/traces/nothing":    http.StatusNotFound,
		"/local/traces?filters=" + url.QueryEscape(`[{"field":"x","operator":"="}]`):    http.StatusBadRequest,
		"/local/traces?filters=" + url.QueryEscape(`[{"field":"name","operator":"~"}]`): http.StatusBadRequest,
	} {
		status, _, text := get(t, address+path)
		assert.Equal(t, want, status, "%s: %s", path, text)
	}
}

func TestLinksOfSDKsLeadToTheProject(t *testing.T) {
	_, address := serve(t)
	status, header, _ := get(t, address+"/default/projects/01900000-0000-7000-8000-000000000001/logs")
	assert.Equal(t, http.StatusSeeOther, status)
	assert.Equal(t, "/#/project/01900000-0000-7000-8000-000000000001", header.Get("Location"))
}

func TestEventsTellWhichTracesChanged(t *testing.T) {
	db, address := serve(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/local/events", nil)
	require.NoError(t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	require.True(t, lines.Scan())
	assert.Equal(t, "retry: 1000", lines.Text())
	_, trace := put(t, db)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
		continue
	}
	assert.Equal(t, `data: ["`+trace+`"]`, lines.Text(), "three writes are one event")
}

func TestEveryFileIsServedUnderThePolicy(t *testing.T) {
	_, address := serve(t)
	for path, kind := range map[string]string{"/": "text/html", "/main.js": "text/javascript", "/style.css": "text/css", "/icon.svg": "image/svg+xml"} {
		status, header, text := get(t, address+path)
		assert.Equal(t, http.StatusOK, status, path)
		assert.True(t, strings.HasPrefix(header.Get("Content-Type"), kind), header.Get("Content-Type"))
		assert.Contains(t, header.Get("Content-Security-Policy"), "default-src 'none'")
		assert.NotContains(t, text, "innerHTML", "text is never read as markup")
	}
}
