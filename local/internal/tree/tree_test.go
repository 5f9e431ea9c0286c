package tree_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
	"github.com/opikgen/opikgen/local/internal/tree"
)

// entry is a row with a name.
func entry(id, parent, name string) store.Entry {
	return store.Entry{Row: store.Row{ID: id, ParentID: parent, Name: name, Start: 1}}
}

func TestPrintsStrangeTrees(t *testing.T) {
	spans := []store.Entry{entry("a", "", "a"), entry("b", "a", "b"), entry("c", "b", "c\x1b[2J\nd"), entry("d", "gone", "orphan"), entry("e", "e", "self")}
	spans[1].Input = json.RawMessage(`"` + strings.Repeat("ü", 500) + `"`)
	partial := entry("t", "", "t")
	partial.Start = 0
	var out strings.Builder
	require.NoError(t, tree.Print(&out, partial, spans))
	text := out.String()
	assert.Contains(t, text, "● t (partial: its create has not come)")
	assert.Contains(t, text, "├─ a ")
	assert.Contains(t, text, "│  └─ b ")
	assert.Contains(t, text, "│     └─ c[2J d ", "what would steer the terminal is left out")
	assert.Contains(t, text, "├─ orphan")
	assert.Contains(t, text, "└─ self", "a span that is its own parent is nobody's child")
	assert.Contains(t, text, "ü…")
}

// broken is a terminal that went away.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestTellsAWriteThatFailed(t *testing.T) {
	require.Error(t, tree.Print(broken{}, entry("t", "", "t"), nil))
	require.Error(t, tree.PrintSpan(broken{}, entry("s", "", "s")))
}
