package load_test

import (
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
)

// dependency is a module that names part of another one, in the ways that there are.
const dependency = `
-- go.mod --
module example.com/m

go 1.26

require example.com/dep v0.0.0

replace example.com/dep => ./dep
-- dep/go.mod --
module example.com/dep

go 1.26
-- dep/dep.go --
package dep

type Param struct{ Field *FieldType }

type FieldType struct{ N int }

type Result[T any] struct{ Value T }

type Argument struct{}

type Wrapped struct{ private privateType }

func (Wrapped) Do(Argument2) {}

type privateType struct{}

type Argument2 struct{}

func Convert(n int) string { return "" }

type ByPreset struct{}

type ByOtherPreset struct{}

type Hidden struct{}

func (Hidden) isSealed() {}

var Variable = Param{}
-- dep/dot/dot.go --
package dot

type Used struct{}

type Unused struct{}
-- signature/a.go --
package signature

import "example.com/dep"

//opik:track
func F(p dep.Param) (r dep.Result[dep.Argument]) { return }
-- directive/a.go --
package directive

import "example.com/dep"

//opik:track metadata.n=dep.Convert(n)
func F(n int) { dep.Convert(n) }
-- wrap/a.go --
package wrap

//opik:wrap example.com/dep.Wrapped as=W
//opik:wrap example.com/dep.Result[example.com/dep.Argument] as=R
-- dotted/a.go --
package dotted

import . "example.com/dep/dot"

//opik:track
func F(Used) {}
-- embedded/a.go --
package embedded

import "example.com/dep"

//opik:track
type T struct{ *dep.Param }
-- nothing/a.go --
package nothing

import "example.com/dep"

//opik:track tags=dep
func F(n int) { dep.Convert(n) }
-- preset/a.go --
package preset

import "example.com/dep"

//opik:track preset=other
func F(p dep.Argument) {}
-- plain/a.go --
package plain

import "example.com/dep"

var V = dep.Variable

//opik:track
type T interface { Call(p *dep.Param) }
`

// compiledDependency writes the module and compiles what it requires, so that there is export data.
func compiledDependency(t *testing.T) (dir string) {
	t.Helper()
	dir = unpack(t, dependency)
	compile(t, dir)
	return dir
}

func compile(t *testing.T, dir string) {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "example.com/dep/...")
	build.Dir, build.Env = dir, append(os.Environ(), "GOWORK=off", "PWD="+dir)
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

// imported returns the names that are there of a package that some packages import.
func imported(t *testing.T, pkgs []*load.Package, path string) (pkg *types.Package, names []string) {
	t.Helper()
	for _, user := range pkgs {
		candidates := user.Types.Imports()
		for _, site := range user.Sites {
			candidates = append(candidates, site.Object.Pkg())
		}
		for _, candidate := range candidates {
			if candidate.Path() == path {
				return candidate, candidate.Scope().Names()
			}
		}
	}
	require.Fail(t, "nobody imports "+path)
	return nil, nil
}

// TestDependenciesAreReadAsFarAsNamed: what declarations, directives and presets name of a dependency is there with all
// that it depends on, and nothing else.
func TestDependenciesAreReadAsFarAsNamed(t *testing.T) {
	dir := compiledDependency(t)
	presets := func(d load.Dependency) []string {
		if d.Path == "example.com/dep" && d.Called("Call") {
			return []string{"ByPreset", "NotThere"}
		}
		return nil
	}
	tests := map[string]struct {
		path string
		want []string
	}{
		"signature": {"example.com/dep", []string{"Argument", "FieldType", "Param", "Result"}},
		"directive": {"example.com/dep", []string{"Convert"}},
		"wrap":      {"example.com/dep", []string{"Argument", "Argument2", "ByPreset", "Result", "Wrapped", "privateType"}},
		"dotted":    {"example.com/dep/dot", []string{"Unused", "Used"}},
		"embedded":  {"example.com/dep", []string{"ByPreset", "FieldType", "Param"}},
		"nothing": {"example.com/dep", []string{
			"Argument", "Argument2", "ByOtherPreset", "ByPreset", "Convert", "FieldType", "Hidden", "Param", "Result",
			"Variable", "Wrapped", "privateType",
		}},
		"preset": {"example.com/dep", []string{"Argument", "ByPreset"}},
		"plain":  {"example.com/dep", []string{"ByPreset", "FieldType", "Param", "Variable"}},
	}
	for folder, test := range tests {
		t.Run(folder, func(t *testing.T) {
			got := loadConfig(t, load.Config{Dir: dir, Patterns: []string{"./" + folder}, Names: presets})
			_, names := imported(t, got.Packages, test.path)
			assert.Equal(t, test.want, names)
			assert.Nil(t, again(t, got))
		})
	}
}

// again loads once more where that is needed, and returns nil where it is not.
func again(t *testing.T, l loaded) *loaded {
	t.Helper()
	module, diagnostics, err := l.Again(t.Context())
	require.NoError(t, err)
	if module == nil {
		return nil
	}
	return newLoaded(module, l.dir, diagnostics)
}

// TestWhatWasLeftOutIsMissed: who looks for more than is there gets it by loading the module whole, for which the go
// command is not asked again.
func TestWhatWasLeftOutIsMissed(t *testing.T) {
	dir := compiledDependency(t)
	lookups := map[string]struct {
		look   func(cut *load.Cut, dep *types.Package)
		missed bool
	}{
		"what is there": {func(cut *load.Cut, dep *types.Package) { cut.Lookup(dep, "Param") }, false},
		"what is not":   {func(cut *load.Cut, dep *types.Package) { cut.Lookup(dep, "Nothing") }, false},
		"what was left": {func(cut *load.Cut, dep *types.Package) { cut.Lookup(dep, "Hidden") }, true},
		"everything":    {func(cut *load.Cut, dep *types.Package) { cut.Scope(dep) }, true},
		"of another":    {func(cut *load.Cut, _ *types.Package) { cut.Scope(types.NewPackage("example.com/other", "other")) }, false},
	}
	for name, test := range lookups {
		t.Run(name, func(t *testing.T) {
			var log []string
			logf := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
			got := loadConfig(t, load.Config{Dir: dir, Patterns: []string{"./signature", "./plain"}, Logf: logf})
			dep, _ := imported(t, got.Packages, "example.com/dep")
			test.look(got.Packages[0].Cut, dep)
			whole := again(t, got)
			if !test.missed {
				require.Nil(t, whole)
				return
			}
			assert.Empty(t, whole.diagnostics)
			dep, names := imported(t, whole.Packages, "example.com/dep")
			assert.Contains(t, names, "Hidden")
			whole.Packages[0].Cut.Scope(dep)
			assert.Nil(t, again(t, *whole))
			assert.Len(t, slices.DeleteFunc(log, func(line string) bool { return !strings.HasPrefix(line, "go list") }), 1)
		})
	}
}

// TestWholeSaysTheSame holds the sites and the diagnostics of a module that is loaded whole to those of the first time.
func TestWholeSaysTheSame(t *testing.T) {
	dir := compiledDependency(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "plain", "b.go"), []byte("package plain\n\n//opik:track nonsense=1\nfunc G() {}\n\n//opik:wrap example.com/dep.Gone as=Gone\n"), 0o666))
	got := loadConfig(t, load.Config{Dir: dir})
	require.NotEmpty(t, got.diagnostics)
	got.Packages[0].Cut.Miss()
	whole := again(t, got)
	assert.Equal(t, got.lines(), whole.lines())
	assert.Equal(t, got.diagnostics, whole.diagnostics)
	assert.Equal(t, got.orphans(), whole.orphans())
}

// TestAdviceIsFromAllNames: a name that is not there is near to others that nobody names. Where nothing else is named of a
// dependency, all of it is read at once.
func TestAdviceIsFromAllNames(t *testing.T) {
	dir := compiledDependency(t)
	const wrong = "package p\n\n//opik:wrap example.com/dep.Hiddenn as=H\n"
	for folder, source := range map[string]string{"wrap": wrong + "\n//opik:wrap example.com/dep.Wrapped as=W\n", "plain": wrong} {
		t.Run(folder, func(t *testing.T) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, folder, "a.go"), []byte(source), 0o666))
			got := loadConfig(t, load.Config{Dir: dir, Patterns: []string{"./" + folder}})
			whole := again(t, got)
			require.Equal(t, folder == "wrap", whole != nil)
			if whole != nil {
				got = *whole
			}
			require.Len(t, got.diagnostics, 1)
			assert.Contains(t, got.diagnostics[0], "package dep has no Hiddenn; did you mean Hidden?")
		})
	}
}
