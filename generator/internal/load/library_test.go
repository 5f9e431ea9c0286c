package load

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// fakeLibrary writes as much of a standard library as says which version it is, and returns its sources' folder.
func fakeLibrary(t *testing.T, version string) (src string) {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "VERSION"), []byte(version), 0o666))
	return filepath.Join(root, "src")
}

// importing returns a package of a main module that imports one of a module d, which imports one of a module e.
func importing(std string, change func(all map[string]*packages.Package)) []*packages.Package {
	pkg := func(path, dir string, module *packages.Module, imports ...*packages.Package) *packages.Package {
		p := &packages.Package{ID: path, PkgPath: path, Dir: dir, GoFiles: []string{dir + "/a.go"}, Module: module, ExportFile: "/export/" + path}
		p.Imports = make(map[string]*packages.Package)
		for _, imported := range imports {
			p.Imports[imported.PkgPath] = imported
		}
		return p
	}
	cached := func(path string) *packages.Module {
		return &packages.Module{Path: path, Version: "v1.0.0", Dir: "/cache/" + path + "@v1.0.0"}
	}
	unsafe := pkg("unsafe", filepath.Join(std, "unsafe"), nil)
	e := pkg("e", "/cache/e@v1.0.0", cached("e"), unsafe)
	d := pkg("d", "/cache/d@v1.0.0", cached("d"), e)
	m := pkg("m", "/m", &packages.Module{Path: "m", Main: true, Dir: "/m"}, d)
	change(map[string]*packages.Package{"unsafe": unsafe, "e": e, "d": d, "m": m})
	return []*packages.Package{m}
}

func TestFixedFiles(t *testing.T) {
	src := fakeLibrary(t, "go1.26")
	std := libraryOf(importing(src, func(map[string]*packages.Package) {}))
	assert.Equal(t, library{src: src, version: "go1.26"}, std)
	cache := func(module packages.Module) *packages.Module { return &module }
	for name, test := range map[string]struct {
		pkg  packages.Package
		want bool
	}{
		"standard library": {packages.Package{PkgPath: "net/http", Dir: filepath.Join(src, "net", "http")}, true},
		"no module":        {packages.Package{PkgPath: "example.com/p", Dir: "/go/src/example.com/p"}, false},
		"module cache": {packages.Package{PkgPath: "d/sub", Dir: "/cache/d@v1.0.0/sub",
			Module: cache(packages.Module{Path: "d", Version: "v1.0.0", Dir: "/cache/d@v1.0.0"})}, true},
		"replaced by another version": {packages.Package{PkgPath: "d", Dir: "/cache/fork@v2.0.0",
			Module: cache(packages.Module{Path: "d", Version: "v1.0.0", Dir: "/cache/fork@v2.0.0", Replace: &packages.Module{Path: "fork", Version: "v2.0.0"}})}, true},
		"replaced by a folder": {packages.Package{PkgPath: "d", Dir: "/home/d",
			Module: cache(packages.Module{Path: "d", Version: "v1.0.0", Dir: "/home/d", Replace: &packages.Module{Path: "../d"}})}, false},
		"vendored": {packages.Package{PkgPath: "d", Dir: "/m/vendor/d", Module: cache(packages.Module{Path: "d", Version: "v1.0.0"})}, false},
		"main":     {packages.Package{PkgPath: "m", Dir: "/m", Module: cache(packages.Module{Path: "m", Main: true, Dir: "/m"})}, false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, std.isFixed(&test.pkg)) })
	}
	unknown := libraryOf(importing(t.TempDir(), func(map[string]*packages.Package) {}))
	assert.Equal(t, library{}, unknown, "somebody is working at it")
	assert.False(t, unknown.isFixed(&packages.Package{PkgPath: "unsafe", Dir: "unsafe"}))
	assert.Equal(t, library{}, libraryOf(nil))
}
