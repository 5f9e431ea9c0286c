package load_test

import (
	"fmt"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
)

func TestLoadFindsSites(t *testing.T) {
	got := loadModule(t, `
-- a.go --
package m

import "context"

//opik:track type=llm
type Completer interface {
	Complete(ctx context.Context, prompt string) (string, error)
	//opik:ignore
	Close() error
	Count(text string) int //opik:track type=tool
}

//opik:track
func answer(ctx context.Context, question string) (string, error) { return undefined }

type (
	// Store keeps things.
	//opik:track type=tool
	Store struct{ path string }

	other int
)

func (s *Store) Get(key string) string { return "" }

//opik:track name=put
func (s *Store) Put(key, value string) {}

//opik:track
func (o other) Run() {}

//opik:wrap io.ReadWriteCloser as=Stream
-- b.go --
package m

//opik:ignore
func (s *Store) Close() {}

//opik:track
func (s *Store) open() {}

//opik:track
type Named Completer

//opik:wrap text/template.Template as=Template type=tool
`)
	assert.Empty(t, got.diagnostics)
	assert.Equal(t, []string{
		"opik_gen.go: package m",
		"\tinterface Completer type=llm; Close: ignore; Count: track type=tool",
		"\tfunc answer",
		"\tstruct Store type=tool; Close: ignore; Put: track name=put",
		"\tmethod Run",
		"\twrap io.ReadWriteCloser as=Stream",
		"\tmethod open",
		"\tinterface Named",
		"\twrap template.Template as=Template type=tool",
	}, got.lines())

	pkg := got.Packages[0]
	assert.Equal(t, "example.com/m", pkg.Path)
	assert.Equal(t, got.dir, pkg.Dir)
	assert.Equal(t, []string{"a.go", "b.go"}, pkg.Sources)
	assert.Len(t, pkg.Files, 2)
	assert.False(t, pkg.Test)
	assert.Empty(t, pkg.TypeErrors, "bodies are not looked at")
}

func TestLoadGivesSignatures(t *testing.T) {
	got := loadModule(t, `
-- a.go --
package m

import (
	"context"
	"net/http"
	str "strings"
)

//opik:track metadata.host=str.ToLower(r.Host)
func handle(ctx context.Context, r *http.Request, do func(http.Header) error) (status int, err error) {
	return str.Count("", ""), nil
}
`)
	require.Empty(t, got.diagnostics)
	pkg := got.Packages[0]
	site := pkg.Sites[0]
	assert.Equal(t, "func example.com/m.handle(ctx context.Context, r *net/http.Request, do func(net/http.Header) error) (status int, err error)",
		site.Object.String())
	assert.Contains(t, pkg.Files, site.File)
	require.NotNil(t, site.Node)
	assert.Contains(t, site.Doc.List[0].Text, "//opik:track")

	request := site.Object.(*types.Func).Signature().Params().At(1).Type().(*types.Pointer).Elem()
	method, _, _ := types.LookupFieldOrMethod(types.NewPointer(request), true, pkg.Types, "WithContext")
	assert.NotNil(t, method, "what a signature mentions is there with all its methods")

	imported, ok := pkg.Info.Scopes[site.File].Lookup("str").(*types.PkgName)
	require.True(t, ok, "the file's imports are known by name")
	assert.NotNil(t, imported.Imported().Scope().Lookup("ToLower"), "an import that only a directive needs is there")
}

func TestLoadNamesImportsOfBodies(t *testing.T) {
	got := loadModule(t, `
-- a.go --
package m

import "math/rand/v2"

//opik:track
func roll() int { return rand.Int() }
`)
	pkg := got.Packages[0]
	imported, ok := pkg.Info.Scopes[pkg.Sites[0].File].Lookup("rand").(*types.PkgName)
	require.True(t, ok)
	assert.Equal(t, "math/rand/v2", imported.Imported().Path())
}

func TestLoadRefuses(t *testing.T) {
	tests := map[string]struct{ src, want string }{
		"alias": {"//opik:track\ntype A = []error",
			"a.go:3:1: //opik:track stands over type A, which is neither an interface nor a struct but []error: put it over its methods"},
		"type of another kind": {"//opik:track\ntype F func(int) string",
			"a.go:3:1: //opik:track stands over type F, which is neither an interface nor a struct but func(int) string: put it over its methods"},
		"blank type": {"//opik:track\ntype _ struct{}",
			"a.go:3:1: //opik:track stands over type _, which nothing can refer to: give it a name of its own"},
		"blank function": {"//opik:track\nfunc _() {}",
			"a.go:3:1: //opik:track stands over func _, which nothing can call: give it a name of its own"},
		"init": {"//opik:track\nfunc init() {}",
			"a.go:3:1: //opik:track stands over func init, which nothing can call: give it a name of its own"},
		"ignored function": {"//opik:ignore\nfunc f() {}",
			"a.go:3:1: //opik:ignore stands over func f, which no directive tracks: remove it, or put //opik:track over the receiver's type"},
		"ignored method": {"type T struct{}\n\n//opik:ignore\nfunc (T) M() {}",
			"a.go:5:1: //opik:ignore stands over func M, which no directive tracks: remove it, or put //opik:track over the receiver's type"},
		"ignored type": {"//opik:ignore\ntype T struct{}",
			"a.go:3:1: //opik:ignore stands over type T, of which nothing would be generated anyway: remove it"},
		"method of an interface that is not tracked": {"type I interface {\n\t//opik:track\n\tM()\n}",
			"a.go:4:2: //opik:track stands over a method of I, which no directive tracks: put //opik:track over the interface"},
		"two directives over one method": {"//opik:track\ntype I interface {\n\t//opik:track\n\tM() //opik:ignore\n}",
			"a.go:6:6: //opik:ignore stands over a method that has another directive in line 5 of a.go: keep one of them"},
		"floating": {"func f() {\n\t//opik:track\n}",
			"a.go:4:2: //opik:track stands inside func f: put it on the line above a declaration"},
		"misspelt": {"//opik:track typ=llm\nfunc f() {}",
			`a.go:3:14: unknown key "typ": did you mean type?`},
		"wrapped type of this package": {"//opik:wrap example.com/m/wrapped_type_of_this_package.T as=T\n\ntype T struct{}",
			"a.go:3:1: //opik:wrap cannot wrap example.com/m/wrapped_type_of_this_package.T: it is declared in this package: put //opik:track over the declaration"},
		"wrapped type that is not there": {"//opik:wrap io.Reeder as=R",
			"a.go:3:1: //opik:wrap cannot wrap io.Reeder: package io has no Reeder"},
		"wrapped function": {"//opik:wrap io.Copy as=R",
			"a.go:3:1: //opik:wrap cannot wrap io.Copy: Copy is not a type"},
		"wrapped type that is not exported": {"//opik:wrap io.pipe as=R",
			"a.go:3:1: //opik:wrap cannot wrap io.pipe: pipe is not exported"},
		"package that is not there": {"//opik:wrap iou.Reader as=R",
			"a.go:3:1: //opik:wrap cannot wrap iou.Reader: package iou is not in std"},
		"module that is not required": {"//opik:wrap example.org/x/y.Reader as=R",
			"a.go:3:1: //opik:wrap cannot wrap example.org/x/y.Reader: no required module provides package example.org/x/y; to add it:\n\tgo get example.org/x/y"},
		"internal package": {"//opik:wrap internal/abi.Type as=R",
			"a.go:3:1: //opik:wrap cannot wrap internal/abi.Type: internal/abi is internal to other code"},
		"program": {"//opik:wrap cmd/go.T as=R",
			"a.go:3:1: //opik:wrap cannot wrap cmd/go.T: cmd/go is a program, which cannot be imported"},
		"cycle": {"//opik:wrap example.com/m/other.T as=R",
			"a.go:3:1: //opik:wrap cannot wrap example.com/m/other.T: example.com/m/other imports this package, so importing it here would make a cycle"},
	}
	var archive strings.Builder
	archive.WriteString("-- other/other.go --\npackage other\n\nimport \"example.com/m/cycle\"\n\ntype T struct{ x cycle.X }\n")
	for name, test := range tests {
		folder := strings.ReplaceAll(name, " ", "_")
		fmt.Fprintf(&archive, "-- %s/a.go --\npackage p\n\n%s\n-- %s/b.go --\npackage p\n\n//opik:track\nfunc g() {}\n", folder, test.src, folder)
	}
	got := loadModule(t, archive.String())
	assert.Len(t, got.diagnostics, len(tests))
	assert.Len(t, got.Packages, len(tests), "everything else is served")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := strings.ReplaceAll(name, " ", "_") + string(filepath.Separator)
			i := slices.IndexFunc(got.diagnostics, func(d string) bool { return strings.HasPrefix(d, folder) })
			require.GreaterOrEqual(t, i, 0)
			assert.Contains(t, got.diagnostics[i], test.want)
			j := slices.IndexFunc(got.Packages, func(pkg *load.Package) bool { return pkg.Dir == filepath.Join(got.dir, filepath.Clean(folder)) })
			require.GreaterOrEqual(t, j, 0)
			sites := got.Packages[j].Sites
			assert.Equal(t, "g", sites[len(sites)-1].Object.Name())
		})
	}
}

func TestLoadWrapsWhatMayBeImported(t *testing.T) {
	got := loadModule(t, `
-- a.go --
package m

//opik:wrap example.com/m/internal/x.T as=X
//opik:wrap example.com/m/sub.Alias as=Alias
-- internal/x/x.go --
package x

type T struct{}
-- sub/sub.go --
package sub

type Alias = interface{ M() }

//opik:track
type I interface{ N() }
-- sub/sub_test.go --
package sub_test

//opik:wrap example.com/m/sub.I as=I
//opik:wrap example.com/m/internal/x.T as=X
`)
	assert.Empty(t, got.diagnostics)
	assert.Equal(t, []string{
		"opik_gen.go: package m",
		"\twrap x.T as=X",
		"\twrap sub.Alias as=Alias",
		"sub/opik_gen.go: package sub",
		"\tinterface I",
		"sub/opik_gen_test.go: package sub_test",
		"\twrap sub.I as=I",
		"\twrap x.T as=X",
	}, got.lines())
}

func TestLoadCollectsTypeErrors(t *testing.T) {
	got := loadModule(t, `
-- a.go --
package m

import "example.org/missing"

//opik:track
func f(m missing.T) {}

//opik:track
func g(x undefined) {}
-- b.go --
package m

var x int = "no number"
-- sub/sub.go --
package sub

//opik:track
func h() {}

func broken() { this is no problem }
`, "./...")
	require.Len(t, got.Packages, 1, "sub does not parse")
	var messages []string
	for _, e := range got.Packages[0].TypeErrors {
		messages = append(messages, got.relative(e.Fset.Position(e.Pos).String())+": "+e.Msg)
	}
	require.Len(t, messages, 3)
	assert.Contains(t, messages[0], "a.go:3:8: could not import example.org/missing (no required module provides package")
	assert.Equal(t, "a.go:9:10: undefined: undefined", messages[1])
	assert.Contains(t, messages[2], "b.go:3:13: ")
	assert.Len(t, got.Packages[0].Sites, 2)

	require.Len(t, got.diagnostics, 1)
	assert.Contains(t, got.diagnostics[0], "sub/sub.go:6:22: ")
}

func TestLoadServesOtherPackagesThanTheBrokenOnes(t *testing.T) {
	const good = "//opik:track\nfunc f() {}\n"
	got := loadModule(t, `
-- clause/a.go --
pakage clause

`+good+`
-- neighbour/a.go --
package neighbour

`+good+`
-- neighbour/b.go --
package neighbour

func (
-- two/a.go --
package one

`+good+`
-- two/b.go --
package two
-- good/a.go --
package good

import _ "example.com/m/neighbour"

`+good)
	assert.Equal(t, []string{"good/opik_gen.go: package good", "\tfunc f"}, got.lines())
	require.Len(t, got.diagnostics, 3)
	assert.Contains(t, got.diagnostics[0], "clause/a.go:1:1: expected 'package', found pakage")
	assert.Contains(t, got.diagnostics[1], "neighbour/b.go:3:8: expected")
	assert.Contains(t, got.diagnostics[2], "two/b.go:1:9: this is package two, where a.go says one")
}

func TestLoadDoesNotDependOnOrder(t *testing.T) {
	dir := unpack(t, `
-- a/a.go --
package a

//opik:track
func f() {}
-- b/b.go --
package b

//opik:track
func f() {}
-- c/c.go --
package c
`)
	want := loadFolder(t, dir, "./a", "./b").lines()
	assert.Len(t, want, 4)
	assert.Equal(t, want, loadFolder(t, dir, "./b", "./a", "./b").lines())
	assert.Equal(t, want, loadFolder(t, dir, "./...").lines())
	assert.Equal(t, want, loadFolder(t, dir, "example.com/m/b", "./a").lines())
	assert.Equal(t, want, loadFolder(t, dir, "example.com/m/...").lines())
	assert.Equal(t, want[2:], loadFolder(t, filepath.Join(dir, "b"), ".").linesFrom(dir))
	assert.Equal(t, want[:2], loadFolder(t, filepath.Join(dir, "b"), "../a").linesFrom(dir))
}

// linesFrom is lines relative to another folder.
func (l loaded) linesFrom(dir string) []string {
	l.dir = dir
	return l.lines()
}
