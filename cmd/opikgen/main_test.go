package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator"
)

// TestMain lets the scripts run this test binary as the command, so that the real main is under test.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"opikgen": main})
}

// TestScripts runs the command as a user does. Each script is a module that requires this one, replaced by its
// directory.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	settings := goEnv(t, "GOCACHE", "GOMODCACHE", "GOROOT")
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, settings...)
			// A program with the race detector waits for a second before it exits, and go vet starts hundreds.
			env.Vars = append(env.Vars, "GOPROXY=off", "GOFLAGS=-mod=mod", "ROOT="+root, "GORACE=atexit_sleep_ms=0",
				cacheVariable+"="+filepath.Join(env.WorkDir, ".cache"))
			return moduleFile(env.WorkDir, root)
		},
	})
}

// moduleFile makes the script's folder a module that requires this one. The script's own files are not there yet.
func moduleFile(dir, root string) error {
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600); err != nil {
		return err
	}
	text := "module example.com/agent\n\ngo 1.26\n\n" +
		"require github.com/opikgen/opikgen v0.0.0\n\nreplace github.com/opikgen/opikgen => " + root + "\n"
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600)
}

// goEnv returns the go command's own settings as environment variables.
func goEnv(t *testing.T, names ...string) []string {
	t.Helper()
	var vars []string
	for _, name := range names {
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		require.NoError(t, err)
		vars = append(vars, name+"="+strings.TrimSpace(string(value)))
	}
	return vars
}

// TestWriteTouchesNothingWhenOneFileCannotBeWritten stages a good file beside one whose folder is gone.
func TestWriteTouchesNothingWhenOneFileCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	good := generator.File{Path: filepath.Join(dir, "opik_gen.go"), Content: []byte("package a\n")}
	bad := generator.File{Path: filepath.Join(dir, "gone", "opik_gen.go"), Content: []byte("package b\n")}

	err := write([]generator.File{good, bad}, nil)

	require.ErrorIs(t, err, os.ErrNotExist)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestWriteKeepsPermissions rewrites a file that its owner made private.
func TestWriteKeepsPermissions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "opik_gen.go")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))

	require.NoError(t, write([]generator.File{{Path: path, Content: []byte("new"), Current: []byte("old")}}, nil))

	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// TestExitCodes tells what is stale from what is wrong, as scripts do.
func TestExitCodes(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOPROXY", "off")
	t.Setenv(cacheVariable, t.TempDir())
	t.Chdir(t.TempDir())
	require.NoError(t, moduleFile(".", root))
	source := func(text string) { require.NoError(t, os.WriteFile("a.go", []byte("package a\n\n"+text), 0o600)) }
	code := func(args ...string) int { return run(t.Context(), args, io.Discard, io.Discard) }

	source("//opik:track\nfunc F(n int) {}\n")
	assert.Equal(t, exitStale, code("-check"), "missing")
	assert.Equal(t, exitFine, code("-list"))
	assert.Equal(t, exitFine, code())
	assert.Equal(t, exitFine, code("-check"))
	assert.Equal(t, exitFine, code("-diff"))
	source("//opik:track\nfunc F(n int64) {}\n")
	assert.Equal(t, exitStale, code("-check"), "stale")
	assert.Equal(t, exitStale, code("-diff"))
	source("//opik:track nam=f\nfunc F(n int64) {}\n")
	assert.Equal(t, exitFailed, code("-check"), "a diagnostic")
	assert.Equal(t, exitFailed, code())
	assert.Equal(t, exitFailed, code("-unknown"))
	assert.Equal(t, exitFailed, code("./nowhere"))
	assert.Equal(t, exitFine, code("-h"))

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, exitFailed, run(ended, nil, io.Discard, io.Discard), "interrupted")
}
