package load

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// ofThisPackage asks the go command about this package with its tests, about a package of C, and one that is not there.
func ofThisPackage(t *testing.T, mode packages.LoadMode) []*packages.Package {
	t.Helper()
	l, err := newLoader(Config{})
	require.NoError(t, err)
	pkgs, err := l.ask(t.Context(), query{mode: mode, patterns: []string{".", "runtime/cgo", "example.com/gone"}, tests: true})
	require.NoError(t, err)
	require.Greater(t, len(pkgs), 3)
	return pkgs
}

// TestAnswersStayTheSame puts what the go command says into the form that is kept, and back.
func TestAnswersStayTheSame(t *testing.T) {
	pkgs := ofThisPackage(t, metadata)
	want := make(map[string]*packages.Package)
	packages.Visit(pkgs, nil, func(pkg *packages.Package) { want[pkg.ID] = pkg })

	kept := decode(encode(pkgs))
	assert.Equal(t, newAnswer(pkgs), kept)
	assert.NotEmpty(t, kept.Go)
	back := kept.packages()
	require.Len(t, back, len(pkgs))
	packages.Visit(back, nil, func(got *packages.Package) {
		want := want[got.ID]
		assert.Equal(t, want.Name, got.Name)
		assert.Equal(t, want.PkgPath, got.PkgPath)
		assert.Equal(t, want.ForTest, got.ForTest)
		assert.Equal(t, want.Dir, got.Dir)
		assert.ElementsMatch(t, want.GoFiles, got.GoFiles)
		assert.ElementsMatch(t, want.IgnoredFiles, got.IgnoredFiles)
		assert.Equal(t, want.Errors, got.Errors)
		assert.Equal(t, isOwn(want), isOwn(got))
		assert.Equal(t, want.Module == nil, got.Module == nil)
		if !isOwn(want) {
			assert.Equal(t, want.ExportFile, got.ExportFile)
		}
		require.Len(t, got.Imports, len(want.Imports))
		for path, imported := range want.Imports {
			assert.Equal(t, imported.ID, got.Imports[path].ID)
		}
	})
}

// TestWhatIsNotAskedFollows: a question that leaves out the export data has the same answer, with what is known of that.
func TestWhatIsNotAskedFollows(t *testing.T) {
	full := newAnswer(ofThisPackage(t, metadata))
	short := ofThisPackage(t, metadata&^packages.NeedExportFile)
	assert.NotEqual(t, full, newAnswer(short))
	require.True(t, full.complete(short))
	assert.Equal(t, full, newAnswer(short))
	for _, l := range full.Packages {
		others := !l.isOwn() && l.ID != "example.com/gone" && !strings.HasSuffix(l.ID, ".test")
		assert.Equal(t, others, l.Fixed, l.ID)
	}
}

// known is an answer about a package of the main module, one of another and what that imports.
func known() answer {
	return answer{Go: "go1.26", Roots: []string{"m"}, Packages: []listed{
		{ID: "unsafe", PkgPath: "unsafe", Fixed: true},
		{ID: "io", PkgPath: "io", Fixed: true, ExportFile: "/cache/io"},
		{ID: "d", PkgPath: "d", Fixed: true, ExportFile: "/cache/d", Module: &module{Path: "d"}, Imports: map[string]string{"io": "io", "unsafe": "unsafe"}},
		{ID: "m", PkgPath: "m", Module: &module{Path: "m", Main: true}, Imports: map[string]string{"d": "d"}},
	}}
}

func TestCompleteAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		change func(d, m *listed)
		want   bool
	}{
		"as it is":                      {func(_, _ *listed) {}, true},
		"another file of its own":       {func(_, m *listed) { m.GoFiles = []string{"a.go"} }, true},
		"files that may change":         {func(d, _ *listed) { d.Fixed = false }, false},
		"no export data":                {func(d, _ *listed) { d.ExportFile = "" }, false},
		"what depends on a main module": {func(d, _ *listed) { d.Module, d.Imports = &module{Path: "m", Main: true}, nil }, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := known()
			test.change(&a.Packages[2], &a.Packages[3])
			assert.Equal(t, test.want, a.isComplete())
		})
	}
	a := known()
	a.Packages[2].Imports["m/sub"] = "sub"
	a.Packages = slices.Insert(a.Packages, 2, listed{ID: "sub", Module: &module{Path: "m", Main: true}})
	assert.False(t, a.isComplete(), "a package of another module imports one of the main module")
}

// TestExportDataIsOfTheSameFilesAlone changes what the go command lists, but for the export data, which it is not asked for.
func TestExportDataIsOfTheSameFilesAlone(t *testing.T) {
	std := fakeLibrary(t, "go1.26")
	kept := newAnswer(importing(std, func(map[string]*packages.Package) {}))
	require.True(t, kept.isComplete())
	for name, test := range map[string]struct {
		change func(all map[string]*packages.Package)
		want   bool
	}{
		"nothing":                    {func(map[string]*packages.Package) {}, true},
		"the main module":            {func(all map[string]*packages.Package) { all["m"].GoFiles = []string{"/m/new.go"} }, true},
		"a version":                  {func(all map[string]*packages.Package) { all["d"].Dir = "/cache/d@v2.0.0" }, false},
		"files for another platform": {func(all map[string]*packages.Package) { all["d"].GoFiles = nil }, false},
		"a version of what is imported": {func(all map[string]*packages.Package) {
			all["e"].Dir, all["e"].Module.Dir, all["e"].Module.Version = "/cache/e@v2.0.0", "/cache/e@v2.0.0", "v2.0.0"
		}, false},
		"a package that is new": {func(all map[string]*packages.Package) {
			all["m"].Imports["new"] = &packages.Package{ID: "new", PkgPath: "new", Module: all["d"].Module, Dir: all["d"].Dir}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			roots := importing(std, test.change)
			packages.Visit(roots, nil, func(pkg *packages.Package) { pkg.ExportFile = "" })
			assert.Equal(t, test.want, kept.complete(roots))
			if test.want {
				assert.Equal(t, "/export/d", roots[0].Imports["d"].ExportFile)
			}
		})
	}
	roots := importing(fakeLibrary(t, "go1.27"), func(map[string]*packages.Package) {})
	assert.False(t, kept.complete(roots), "another Go")
}

// FuzzDecode holds that whatever is found where an answer is kept is either nothing or an answer.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"Roots":["b"],"Packages":[{"ID":"a","Dir":"/a","GoFiles":["a.go","/b/b.go"]},{"ID":"b","Imports":{"x/a":"a"}}]}`))
	f.Add([]byte(`{"Roots":["a"],"Packages":[{"ID":"a","Imports":{"a":"a"},"Module":{"Path":"m","Main":true}}]}`))
	f.Add([]byte(`{"Roots":["a"],"Packages":[{"ID":"a","Errors":[{"Pos":"a.go:1:1","Msg":"m","Kind":1}]},{"ID":"a"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		once := encode(decode(content).packages())
		assert.Equal(t, string(once), string(encode(decode(once).packages())))
	})
}
