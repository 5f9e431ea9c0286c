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

const museums = "The museums in Porto open at ten and are closed on Mondays."

// TestRun runs the whole program.
func TestRun(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "")
	t.Setenv("OPIK_SINK", "file:"+filepath.Join(t.TempDir(), "rows.ndjson"))
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))
	assert.Equal(t, "When do the museums in Porto open?\n"+museums+"\n", out.String())
}

// TestTrace looks at what Opik would show.
func TestTrace(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "")
	client, stop := newClient()
	defer stop()
	rec := opiktest.New(t)
	agent := &Agent{chat: TrackChat(&client.Chat.Completions), embedder: TrackEmbedder(&client.Embeddings)}
	for _, question := range []string{"When do museums in Porto open?", "How long are trains from Lisbon to Porto?"} {
		_, err := agent.AnswerTracked(rec.Context(), question)
		require.NoError(t, err)
	}

	require.Len(t, rec.Traces(), 2)
	first, second := rec.Traces()[0].Spans[0], rec.Traces()[1].Spans[0]
	assert.Equal(t, "Agent.Answer\n  Agent.retrieve\n    Embedder.New\n    Embedder.New\n    index.search\n  Chat.New\n", tree(first, ""))
	assert.Equal(t, "Agent.Answer\n  Agent.retrieve\n    Embedder.New\n    index.search\n  Chat.New\n", tree(second, ""), "the index is there")
	assert.Equal(t, map[string]any{"answer": museums}, first.Output)
	assert.Contains(t, second.Output["answer"], "three hours")

	embedded := first.Find("Embedder.New")
	assert.Equal(t, "text-embedding-3-small", embedded.Model)
	assert.Equal(t, map[string]any{"embeddings": 4.0, "dimensions": 64.0}, embedded.Output)
	assert.Positive(t, embedded.Usage["prompt_tokens"])

	search := first.Find("index.search")
	assert.Equal(t, "tool", search.Type)
	assert.Equal(t, map[string]any{"dimensions": 64.0, "n": 2.0}, search.Input)
	found := search.Output["found"].([]any)
	require.Len(t, found, 2)
	assert.Equal(t, museums, found[0].(map[string]any)["text"])

	chat := first.Find("Chat.New")
	assert.Equal(t, "llm", chat.Type)
	assert.Equal(t, "openai", chat.Provider)
	assert.Equal(t, "gpt-4o-mini-2024-07-18", chat.Model)
	assert.Positive(t, chat.Usage["total_tokens"])
}

// tree writes the names of a span and of those below it.
func tree(span *opiktest.Span, indent string) string {
	lines := []string{indent + span.Name + "\n"}
	for _, below := range span.Spans {
		lines = append(lines, tree(below, indent+"  "))
	}
	return strings.Join(lines, "")
}

func TestCosine(t *testing.T) {
	assert.InDelta(t, 1, cosine([]float64{1, 2}, []float64{2, 4}), 1e-9)
	assert.InDelta(t, -1, cosine([]float64{1, 0}, []float64{-3, 0}), 1e-9)
	assert.Zero(t, cosine([]float64{1, 0}, []float64{0, 1}))
	assert.Zero(t, cosine([]float64{1, 0}, []float64{0, 0}))
	assert.Zero(t, cosine([]float64{1, 0}, []float64{1}))
}
