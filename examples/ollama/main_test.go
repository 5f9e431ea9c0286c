package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// withoutOllama names an Ollama that does not answer, so that the test does not depend on this machine's.
func withoutOllama(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	t.Setenv("OLLAMA_HOST", gone.URL)
	t.Setenv("OLLAMA_MODEL", "")
}

// TestRun runs the whole program.
func TestRun(t *testing.T) {
	withoutOllama(t)
	t.Setenv("OPIK_SINK", "file:"+filepath.Join(t.TempDir(), "rows.ndjson"))
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, "A train that runs in the street.\nLisbon.\n", out.String())
}

// TestTrace looks at what Opik would show.
func TestTrace(t *testing.T) {
	withoutOllama(t)
	client, stop, err := newClient(t.Context())
	require.NoError(t, err)
	defer stop()
	rec := opiktest.New(t)
	_, err = chatTracked(rec.Context(), TrackClient(client), []string{"A tram?", "Where?"}, &strings.Builder{})
	require.NoError(t, err)

	require.Len(t, rec.Traces(), 1)
	root := rec.Traces()[0].Spans[0]
	assert.Equal(t, map[string]any{"questions": []any{"A tram?", "Where?"}}, root.Input)
	assert.Equal(t, map[string]any{"last": "Lisbon."}, root.Output)
	require.Len(t, root.Spans, 2)
	for _, span := range root.Spans {
		assert.Equal(t, "llm", span.Type)
		assert.Equal(t, "ollama", span.Provider)
		assert.Equal(t, "llama3.2", span.Model)
		assert.Equal(t, "stop", span.Metadata["finish_reason"])
		assert.Positive(t, span.TTFT)
	}
	first, second := root.Spans[0], root.Spans[1]
	assert.Equal(t, "A train that runs in the street.", first.Output["message"].(map[string]any)["content"])
	assert.Equal(t, 30, first.Usage["prompt_tokens"])
	assert.Equal(t, 38, first.Usage["total_tokens"])
	assert.Len(t, second.Input["messages"], 3)
	assert.Equal(t, "Lisbon.", second.Output["message"].(map[string]any)["content"])
	assert.Equal(t, 60, second.Usage["total_tokens"])
}

// TestHost finds an Ollama that answers.
func TestHost(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"version":"0.17.4"}`)
	}))
	defer server.Close()
	t.Setenv("OLLAMA_HOST", server.URL)
	client, stop, err := newClient(t.Context())
	require.NoError(t, err)
	defer stop()
	version, err := client.Version(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "0.17.4", version)
}
