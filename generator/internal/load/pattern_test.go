package load_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
)

func TestLoadMatchesAsTheGoCommandDoes(t *testing.T) {
	const file = "package p\n\n//opik:track\nfunc f() {}\n"
	dir := unpack(t, `
-- a.go --
`+file+`
-- sub/a.go --
`+file+`
-- sub/deep/a.go --
`+file+`
-- subway/a.go --
`+file+`
-- sub/testdata/a.go --
`+file+`
-- _hidden/a.go --
`+file+`
-- .hidden/a.go --
`+file+`
-- vendor/x/a.go --
`+file+`
-- sub/_a.go --
`+file+`
-- nested/go.mod --
module example.com/nested
-- nested/a.go --
`+file+`
-- nested/deep/a.go --
`+file+`
-- notgo/readme.md --
//opik:track
`)
	for pattern, want := range map[string][]string{
		".":                 {"opik_gen.go"},
		"./":                {"opik_gen.go"},
		"./...":             {"opik_gen.go", "sub/deep/opik_gen.go", "sub/opik_gen.go", "subway/opik_gen.go"},
		"./sub":             {"sub/opik_gen.go"},
		"./sub/...":         {"sub/deep/opik_gen.go", "sub/opik_gen.go"},
		"./sub...":          {"sub/deep/opik_gen.go", "sub/opik_gen.go", "subway/opik_gen.go"},
		"./.../deep":        {"sub/deep/opik_gen.go"},
		"./sub/../subway":   {"subway/opik_gen.go"},
		"./sub/testdata":    {"sub/testdata/opik_gen.go"},
		"example.com/m/sub": {"sub/opik_gen.go"},
		"example.com/m/...": {"opik_gen.go", "sub/deep/opik_gen.go", "sub/opik_gen.go", "subway/opik_gen.go"},
		dir + "/sub":        {"sub/opik_gen.go"},
		dir + "/sub/...":    {"sub/deep/opik_gen.go", "sub/opik_gen.go"},
	} {
		t.Run(pattern, func(t *testing.T) {
			got := loadFolder(t, dir, pattern)
			assert.Empty(t, got.diagnostics)
			assert.ElementsMatch(t, want, got.outputs())
		})
	}
}

func (l loaded) outputs() []string {
	var list []string
	for _, pkg := range l.Packages {
		list = append(list, l.relative(pkg.Output))
	}
	return list
}

func TestLoadFollowsALinkedFolder(t *testing.T) {
	dir := unpack(t, annotated+"-- sub/a.go --\npackage sub\n\n//opik:track\nfunc f() {}\n")
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	got := loadFolder(t, link)
	assert.Empty(t, got.diagnostics)
	assert.Equal(t, []string{"opik_gen.go", "sub/opik_gen.go"}, got.outputs())
}

func TestLoadPassesOverWhatGoModIgnores(t *testing.T) {
	const file = "package p\n\n//opik:track\nfunc f() {}\n"
	dir := unpack(t, `
-- go.mod --
module example.com/m

go 1.26

ignore (
	./web
	node_modules
	a/b
)
-- p.go --
`+file+`
-- web/p.go --
`+file+`
-- web/deep/p.go --
`+file+`
-- website/p.go --
`+file+`
-- sub/web/p.go --
`+file+`
-- sub/node_modules/p.go --
`+file+`
-- sub/a/b/c/p.go --
`+file+`
-- a/p.go --
`+file)
	for pattern, want := range map[string][]string{
		"./...":     {"opik_gen.go", "a/opik_gen.go", "sub/web/opik_gen.go", "website/opik_gen.go"},
		"./sub/...": {"sub/web/opik_gen.go"},
		"./web":     {"web/opik_gen.go"},
	} {
		assert.ElementsMatch(t, want, loadFolder(t, dir, pattern).outputs(), pattern)
	}
	_, _, err := load.Load(t.Context(), load.Config{Dir: dir, Patterns: []string{"./web/..."}})
	assert.ErrorContains(t, err, "./web/... matches no Go files")
}
