package model_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/model"
)

// loadSource loads a package that consists of one file.
func loadSource(t testing.TB, source string) *load.Package {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "m.go"), []byte("package m\n\n"+source), 0o644))
	module, diagnostics, err := load.Load(t.Context(), load.Config{Dir: dir})
	require.NoError(t, err)
	require.Empty(t, diagnostics)
	require.Len(t, module.Packages, 1)
	return module.Packages[0]
}

// build builds a package that consists of one file in which nothing is wrong.
func build(t testing.TB, source string) *model.File {
	t.Helper()
	file, diagnostics := model.Build(loadSource(t, source), model.Defaults{})
	require.Empty(t, diagnostics)
	require.NotNil(t, file)
	return file
}

// calls returns the tracked calls of a file by their targets.
func calls(file *model.File) map[string]*model.Func {
	byTarget := map[string]*model.Func{}
	for _, call := range file.Calls() {
		if call.Span != nil {
			byTarget[call.Target] = call
		}
	}
	return byTarget
}

// lines prints the captures of a call, with their guards.
func lines(lines []model.Line) []string {
	var printed []string
	for _, line := range lines {
		text := strings.Join(append([]string{line.Call}, line.Args...), " ")
		if line.Guard != "" {
			text += " if " + line.Guard
		}
		printed = append(printed, text)
	}
	return printed
}
