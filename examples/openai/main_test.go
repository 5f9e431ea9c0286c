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

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRun runs the whole program.
func TestRun(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "")
	t.Setenv("OPIK_SINK", "file:"+filepath.Join(t.TempDir(), "rows.ndjson"))
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, "Lisbon: Ride tram 28 to the castle.\n", out.String())
}

// TestTrace looks at what Opik would show.
func TestTrace(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "")
	client, stop := newClient()
	defer stop()
	rec := opiktest.New(t)
	_, err := travelTracked(rec.Context(), TrackChat(&client.Chat.Completions), "trams", &strings.Builder{})
	require.NoError(t, err)

	require.Len(t, rec.Traces(), 1)
	root := rec.Traces()[0].Spans[0]
	assert.Equal(t, map[string]any{"wish": "trams"}, root.Input)
	assert.Equal(t, map[string]any{"city": "Lisbon"}, root.Output)
	require.Len(t, root.Spans, 2)
	for _, span := range root.Spans {
		assert.Equal(t, "llm", span.Type)
		assert.Equal(t, "openai", span.Provider)
		assert.Equal(t, "gpt-4o-mini-2024-07-18", span.Model)
		assert.Equal(t, "stop", span.Metadata["finish_reason"])
	}
	plain, streamed := root.Spans[0], root.Spans[1]
	assert.Equal(t, "Lisbon", content(t, plain))
	assert.Equal(t, 26, plain.Usage["total_tokens"])
	assert.Equal(t, "Ride tram 28 to the castle.", content(t, streamed))
	assert.Equal(t, 17, streamed.Usage["prompt_tokens"])
	assert.Equal(t, 9, streamed.Usage["completion_tokens"])
	assert.Positive(t, streamed.TTFT)
}

// content is the text of the answer that a span recorded.
func content(t *testing.T, span *opiktest.Span) string {
	t.Helper()
	choices := span.Output["choices"].([]any)
	require.Len(t, choices, 1)
	return choices[0].(map[string]any)["message"].(map[string]any)["content"].(string)
}
