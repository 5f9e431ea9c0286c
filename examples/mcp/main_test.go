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
	t.Setenv("OPIK_SINK", "file:"+filepath.Join(t.TempDir(), "rows.ndjson"))
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, "A mile is 1609 meters.\nA league is 4828 meters.\n\"parsec\" is no unit that this tool knows\n", out.String())
}

// TestTrace looks at what Opik would show.
func TestTrace(t *testing.T) {
	session, err := connect(t.Context())
	require.NoError(t, err)
	defer session.Close()
	rec := opiktest.New(t)
	_, err = convertTracked(rec.Context(), TrackTools(session), []string{"mile", "parsec"})
	require.NoError(t, err)

	require.Len(t, rec.Traces(), 1)
	root := rec.Traces()[0].Spans[0]
	assert.Nil(t, root.Error)
	require.Len(t, root.Spans, 3)
	for _, span := range root.Spans {
		assert.Equal(t, "tool", span.Type)
	}
	list, known, unknown := root.Spans[0], root.Spans[1], root.Spans[2]
	assert.Equal(t, "meters", list.Output["tools"].([]any)[0].(map[string]any)["name"])
	assert.Equal(t, "meters", known.Name)
	assert.Equal(t, map[string]any{"arguments": map[string]any{"unit": "mile"}}, known.Input)
	assert.Equal(t, []any{map[string]any{"type": "text", "text": "A mile is 1609 meters."}}, known.Output["content"])
	assert.Nil(t, known.Error)
	assert.NotNil(t, unknown.Error)
	assert.Contains(t, unknown.Output["content"].([]any)[0].(map[string]any)["text"], "parsec")
}
