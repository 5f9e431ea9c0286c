package markers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/bench/internal/markers"
)

const (
	begin = "<!-- http: begin -->\n"
	end   = "<!-- http: end -->\n"
)

func TestWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(file, []byte("above\n"+begin+"old\n"+end+"below\n"), 0o600))
	require.NoError(t, markers.Write(file, "http", "| new |\n"))
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "above\n"+begin+"| new |\n"+end+"below\n", string(content))
	require.ErrorContains(t, markers.Write(file, "streams", ""), file+": no lines \"<!-- streams: begin -->\" and")
	assert.ErrorIs(t, markers.Write(file+".other", "http", ""), os.ErrNotExist)
}

func TestBothMarkersAreNeeded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	for _, content := range []string{"", begin, end, end + begin} {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		assert.ErrorContains(t, markers.Write(file, "http", "new\n"), "to put the table between")
	}
}
