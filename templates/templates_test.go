package templates_test

import (
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/templates"
)

// Example lists the presets for one SDK.
func Example() {
	names, err := fs.Glob(templates.FS, "ollama-*.preset")
	fmt.Println(names, err)
	// Output: [ollama-chat.preset ollama-embed.preset ollama-embeddings.preset ollama-generate.preset] <nil>
}

// TestEveryPresetSaysWhatItIsFor wants a comment on top of each file, which is its documentation.
func TestEveryPresetSaysWhatItIsFor(t *testing.T) {
	names, err := fs.Glob(templates.FS, "*")
	require.NoError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(templates.FS, name)
		require.NoError(t, err)
		assert.Regexp(t, `^# [A-Z].*(\n# .*)*\.\nmatch=`, string(text), name)
	}
}
