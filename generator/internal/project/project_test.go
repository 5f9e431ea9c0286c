package project_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/project"
)

// module writes files into a new folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

func TestReadFindsTheFileFromBelow(t *testing.T) {
	dir := module(t, map[string]string{
		"go.mod":            "module example.com/m\n",
		"opikgen.yaml":      "packages: {./...: {type: llm}}",
		"internal/llm/a.go": "package llm",
		"nested/go.mod":     "module example.com/m/nested\n",
		"nested/deep/b.go":  "package deep",
	})
	file, found, err := project.Read(filepath.Join(dir, "internal", "llm"))
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Equal(t, dir, file.Root)
	assert.Len(t, file.Defaults(filepath.Join(dir, "internal", "llm"), "example.com/m/internal/llm").Args, 1)
}

func TestReadWithoutAFile(t *testing.T) {
	dir := module(t, map[string]string{"go.mod": "module example.com/m\n", "opikgen.yaml.bak": "?"})
	file, found, err := project.Read(dir)
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Empty(t, file.Defaults(dir, "example.com/m").Args)
}

func TestReadKeepsModulesApart(t *testing.T) {
	dir := module(t, map[string]string{
		"go.mod": "module example.com/m\n", "opikgen.yaml": "typo: 1", "nested/go.mod": "module example.com/m/nested\n",
	})
	_, found, err := project.Read(filepath.Join(dir, "nested"))
	require.NoError(t, err)
	assert.Empty(t, found)
}

func TestReadSaysThatItCannot(t *testing.T) {
	dir := module(t, map[string]string{"go.mod": "module example.com/m\n", "opikgen.yaml/a": ""})
	_, _, err := project.Read(dir)
	require.ErrorContains(t, err, "reading the project's defaults")
}

func TestReadReportsMissingFolders(t *testing.T) {
	dir := module(t, map[string]string{
		"go.mod":       "module example.com/m\n",
		"a/a.go":       "package a",
		"opikgen.yaml": "packages:\n  ./a/...: {type: llm}\n  ./b: {type: tool}\n  ./a/a.go: {type: tool}\nwrap:\n  - {target: io.Reader, package: ./c, as: R}\n",
	})
	file, found, err := project.Read(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"opikgen.yaml:3:3: there is no folder ./b: write it relative to this file",
		"opikgen.yaml:4:3: there is no folder ./a/a.go: write it relative to this file",
		"opikgen.yaml:6:5: there is no folder ./c: write it relative to this file",
	}, texts(found))
	assert.False(t, file.Faulty)
	for folder, faulty := range map[string]bool{"a": false, "b": true, "c": false} {
		assert.Equal(t, faulty, file.Defaults(filepath.Join(dir, folder), "example.com/m/"+folder).Faulty, folder)
	}
}
