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
	t.Setenv("ANTHROPIC_API_KEY", "")
	t.Setenv("OPIK_SINK", "file:"+filepath.Join(t.TempDir(), "rows.ndjson"))
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, "Let me look at the weather.\nYes, take an umbrella: it rains in the afternoon.\n", out.String())
}

// TestTrace looks at what Opik would show.
func TestTrace(t *testing.T) {
	t.Setenv("ANTHROPIC_API_KEY", "")
	client, stop := newClient()
	defer stop()
	rec := opiktest.New(t)
	_, err := answerTracked(rec.Context(), TrackMessages(&client.Messages), "An umbrella?", &strings.Builder{})
	require.NoError(t, err)

	require.Len(t, rec.Traces(), 1)
	root := rec.Traces()[0].Spans[0]
	assert.Equal(t, map[string]any{"text": "Yes, take an umbrella: it rains in the afternoon."}, root.Output)
	require.Len(t, root.Spans, 3, "a turn, its tool, and a turn")
	first, tool, last := root.Spans[0], root.Spans[1], root.Spans[2]
	for _, span := range []*opiktest.Span{first, last} {
		assert.Equal(t, "llm", span.Type)
		assert.Equal(t, "anthropic", span.Provider)
		assert.Equal(t, "claude-sonnet-4-5-20250929", span.Model)
		assert.Positive(t, span.TTFT)
	}
	assert.Equal(t, "tool_use", first.Metadata["stop_reason"])
	assert.Equal(t, []any{
		map[string]any{"type": "text", "text": "Let me look at the weather."},
		map[string]any{"type": "tool_use", "id": "toolu_1", "name": "weather", "input": map[string]any{"city": "Lisbon"}},
	}, first.Output["content"])
	assert.Equal(t, 438, first.Usage["total_tokens"])

	assert.Equal(t, "tool", tool.Type)
	assert.Equal(t, map[string]any{"arguments": map[string]any{"city": "Lisbon"}}, tool.Input)
	assert.Equal(t, map[string]any{"forecast": "rain in the afternoon, 17 degrees"}, tool.Output)

	assert.Equal(t, "end_turn", last.Metadata["stop_reason"])
	assert.Len(t, last.Input["messages"], 3)
	assert.Equal(t, 454, last.Usage["prompt_tokens"], "with those from the cache")
	assert.Equal(t, 380, last.Usage["original_usage.cache_read_input_tokens"])
}
