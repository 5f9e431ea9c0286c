package load

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// TestAnswersStayTheSame puts what the go command says of this package, with its tests, into the form that is kept and
// back.
func TestAnswersStayTheSame(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: metadata, Tests: true, BuildFlags: []string{dryRun}}, ".", "runtime/cgo", "example.com/gone")
	require.NoError(t, err)
	want := make(map[string]*packages.Package)
	packages.Visit(pkgs, nil, func(pkg *packages.Package) { want[pkg.ID] = pkg })

	kept := encode(pkgs)
	back := decode(kept)
	require.Len(t, back, len(pkgs))
	assert.Equal(t, string(kept), string(encode(back)))
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

// FuzzDecode holds that whatever is found where an answer is kept is either nothing or an answer.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"Roots":["b"],"Packages":[{"ID":"a","Dir":"/a","GoFiles":["a.go","/b/b.go"]},{"ID":"b","Imports":{"x/a":"a"}}]}`))
	f.Add([]byte(`{"Roots":["a"],"Packages":[{"ID":"a","Imports":{"a":"a"},"Module":{"Path":"m","Main":true}}]}`))
	f.Add([]byte(`{"Roots":["a"],"Packages":[{"ID":"a","Errors":[{"Pos":"a.go:1:1","Msg":"m","Kind":1}]},{"ID":"a"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		pkgs := decode(content)
		once := encode(pkgs)
		assert.Equal(t, string(once), string(encode(decode(once))))
	})
}
