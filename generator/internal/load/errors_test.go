package load_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
)

const annotated = `
-- a.go --
package m

import "context"

//opik:track
func f(context.Context) {}
`

func TestLoadFailsClearly(t *testing.T) {
	dir := unpack(t, annotated)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "empty"), 0o777))
	outside := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "a.go"), []byte("package m\n\n//opik:track\nfunc f() {}\n"), 0o666))

	tests := map[string]struct {
		config load.Config
		want   string
	}{
		"folder that is not there": {load.Config{Dir: dir, Patterns: []string{"./nowhere"}},
			"./nowhere: there is no such folder under " + dir},
		"tree that is not there": {load.Config{Dir: dir, Patterns: []string{"./nowhere/..."}},
			"./nowhere/...: there is no such folder under " + dir},
		"folder without Go files": {load.Config{Dir: dir, Patterns: []string{"./empty"}},
			"./empty matches no Go files under " + dir},
		"file": {load.Config{Dir: dir, Patterns: []string{"./a.go"}},
			"./a.go is a file: name its folder"},
		"import path of nothing": {load.Config{Dir: dir, Patterns: []string{"example.com/m/nowhere"}},
			"example.com/m/nowhere: no required module provides package example.com/m/nowhere"},
		"package of another module": {load.Config{Dir: dir, Patterns: []string{"io"}},
			"io: no package of the main module matches"},
		"no module": {load.Config{Dir: outside},
			"there is no go.mod in " + outside + " or above it: run go mod init"},
		"working folder that is not there": {load.Config{Dir: filepath.Join(dir, "nowhere")},
			"there is no such folder"},
		"go command that fails": {load.Config{Dir: dir, BuildFlags: []string{"-nonsense"}},
			"asking the go command about packages: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := load.Load(t.Context(), test.config)
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
			assert.False(t, strings.HasSuffix(err.Error(), "."))
		})
	}
}

func TestLoadStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := load.Load(ctx, load.Config{Dir: unpack(t, annotated)})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestLoadStopsWhenCancelledLater(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	logf := func(string, ...any) { cancel() } // after the first stage
	_, _, err := load.Load(ctx, load.Config{Dir: unpack(t, annotated), Logf: logf})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestLoadNeedsTheGoCommand(t *testing.T) {
	dir := unpack(t, annotated)
	t.Setenv("PATH", t.TempDir())
	_, _, err := load.Load(t.Context(), load.Config{Dir: dir})
	require.Error(t, err)
	assert.Contains(t, err.Error(), "there is no go command in PATH: install Go")
}
