package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestMain(m *testing.M) {
	// A package that the SDK depends on starts it.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("go.opencensus.io/stats/view.(*worker).start"))
}

// withoutKeys keeps the test on the loopback interface.
func withoutKeys(t *testing.T) {
	t.Setenv("GEMINI_API_KEY", "")
	t.Setenv("GOOGLE_API_KEY", "")
}

// TestRun runs the whole program.
func TestRun(t *testing.T) {
	withoutKeys(t)
	t.Setenv("OPIK_SINK", "file:"+filepath.Join(t.TempDir(), "rows.ndjson"))
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, "[Aveiro is an hour away.] Take the train to Aveiro and see its canals.\n(Porto to Aveiro)\n", out.String())
}

// TestTrace looks at what Opik would show.
func TestTrace(t *testing.T) {
	withoutKeys(t)
	client, stop, err := newClient(t.Context())
	require.NoError(t, err)
	defer stop()
	rec := opiktest.New(t)
	_, err = tripTracked(rec.Context(), TrackModels(client.Models), "Porto", &strings.Builder{})
	require.NoError(t, err)

	require.Len(t, rec.Traces(), 1)
	root := rec.Traces()[0].Spans[0]
	assert.Equal(t, map[string]any{"from": "Porto"}, root.Input)
	assert.Equal(t, map[string]any{"title": "Porto to Aveiro"}, root.Output)
	require.Len(t, root.Spans, 2)
	for _, span := range root.Spans {
		assert.Equal(t, "llm", span.Type)
		assert.Equal(t, "google_ai", span.Provider)
		assert.Equal(t, "gemini-2.5-flash", span.Model)
		assert.Equal(t, "STOP", span.Metadata["finish_reason"])
	}
	streamed, plain := root.Spans[0], root.Spans[1]
	assert.Equal(t, []any{
		map[string]any{"text": "Aveiro is an hour away.", "thought": true},
		map[string]any{"text": "Take the train to Aveiro and see its canals."},
	}, recorded(t, streamed))
	assert.Positive(t, streamed.TTFT)
	assert.Equal(t, 39, streamed.Usage["completion_tokens"], "with the thoughts")
	assert.Equal(t, 27, streamed.Usage["original_usage.thoughts_token_count"])
	assert.Equal(t, 55, streamed.Usage["total_tokens"])
	assert.Equal(t, []any{map[string]any{"text": "Porto to Aveiro"}}, recorded(t, plain))
	assert.Equal(t, 61, plain.Usage["total_tokens"])
}

// recorded are the parts of the answer that a span recorded.
func recorded(t *testing.T, span *opiktest.Span) []any {
	t.Helper()
	candidates := span.Output["candidates"].([]any)
	require.Len(t, candidates, 1)
	return candidates[0].(map[string]any)["content"].(map[string]any)["parts"].([]any)
}
