package project_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/project"
)

var workspace = map[string]string{
	"go.work":            "go 1.26\n\nuse ./a\nuse (\n\t./a/nested\n\t./b\n)\n",
	"a/go.mod":           "module example.com/a\n",
	"a/opikgen.yaml":     "packages: {./...: {type: llm}}",
	"a/nested/go.mod":    "module example.com/nested\n",
	"b/go.mod":           "module example.com/b\n",
	"b/opikgen.yaml":     "packages: {./...: {type: tool}}\nunknown: 1\n",
	"apart/go.mod":       "module example.com/apart\n",
	"apart/opikgen.yaml": "packages: {./...: {type: guardrail}}",
}

func TestReadAllReadsTheModulesOfAWorkspace(t *testing.T) {
	t.Setenv("GOWORK", "")
	dir := module(t, workspace)
	for from, want := range map[string]map[string]string{
		".":        {"a": "llm", "a/deep": "llm", "a/nested": "", "a/nested/deep": "", "b": "tool"},
		"a/nested": {"a": "llm", "a/deep": "llm", "a/nested": "", "b": "tool"},
		"apart":    {"apart": "guardrail", "b": "tool"},
	} {
		files, found, err := project.ReadAll(filepath.Join(dir, from))
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.Contains(t, found[0].Message, `unknown key "unknown"`)
		for folder, typ := range want {
			path := filepath.Join(dir, filepath.FromSlash(folder))
			arg, _ := project.Of(files, path).Defaults(path, "example.com/any").Get("type")
			assert.Equal(t, typ, arg.Value, "%s from %s", folder, from)
		}
	}
}

// TestReadAllOfABrokenWorkspace: what is wrong with go.work the go command says, unless nobody can read it.
func TestReadAllOfABrokenWorkspace(t *testing.T) {
	dir := module(t, workspace)
	broken := module(t, map[string]string{"go.work": "use ("})
	for name, path := range map[string]string{"missing": filepath.Join(dir, "no.work"), "no workspace": filepath.Join(broken, "go.work")} {
		t.Setenv("GOWORK", path)
		files, _, err := project.ReadAll(filepath.Join(dir, "a"))
		require.NoError(t, err, name)
		require.Len(t, files, 1, name)
		assert.Equal(t, filepath.Join(dir, "a"), files[0].Root, name)
	}
	t.Setenv("GOWORK", dir)
	_, _, err := project.ReadAll(filepath.Join(dir, "a"))
	require.ErrorContains(t, err, "reading the workspace")
}

func TestReadAllSaysWhatItCannotRead(t *testing.T) {
	t.Setenv("GOWORK", "")
	dir := module(t, map[string]string{"go.work": "go 1.26\n\nuse ./a\n", "a/go.mod": "module example.com/a\n", "a/opikgen.yaml/x": ""})
	_, _, err := project.ReadAll(dir)
	require.ErrorContains(t, err, "reading the project's defaults")
}

func TestOfTakesTheInnermostModule(t *testing.T) {
	dir := t.TempDir()
	var files []*project.File
	for _, folder := range []string{"a", "", "a/b", "z"} {
		files = append(files, &project.File{Root: filepath.Join(dir, folder)})
	}
	for range 2 {
		for folder, want := range map[string]string{"": "", "a": "a", "a/c": "a", "a/b": "a/b", "a/b/c": "a/b", "ab": "", "z": "z"} {
			assert.Equal(t, filepath.Join(dir, want), project.Of(files, filepath.Join(dir, folder)).Root, folder)
		}
		slices.Reverse(files)
	}
}

func TestReadAllOutsideOfAWorkspace(t *testing.T) {
	dir := module(t, workspace)
	t.Setenv("GOWORK", "off")
	files, found, err := project.ReadAll(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Empty(t, found)
	require.Len(t, files, 1)
	assert.Equal(t, filepath.Join(dir, "a"), files[0].Root)

	files, _, err = project.ReadAll(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
	assert.Empty(t, project.Of(files, dir).Root)

	t.Setenv("GOWORK", filepath.Join(dir, "go.work"))
	files, _, err = project.ReadAll(dir)
	require.NoError(t, err)
	assert.Len(t, files, 3)
}
