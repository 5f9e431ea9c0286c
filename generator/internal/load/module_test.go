package load_test

import (
	"fmt"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
)

const workspace = `
-- go.work --
go 1.26

use (
	./one
	./two
)
-- one/go.mod --
module example.com/one

go 1.26
-- one/one.go --
package one

import "example.com/two"

//opik:track
func F(two.T) {}
-- two/go.mod --
module example.com/two

go 1.26
-- two/two.go --
package two

//opik:track
type T interface{ M() }

//opik:wrap example.com/one/sub.X as=X
-- one/sub/sub.go --
package sub

type X struct{}
`

func TestLoadInAWorkspace(t *testing.T) {
	t.Setenv("GOWORK", "") // which make sets to off
	dir := unpack(t, workspace)
	want := []string{
		"one/opik_gen.go: package one", "\tfunc F",
		"two/opik_gen.go: package two", "\tinterface T", "\twrap sub.X as=X",
	}
	got := loadFolder(t, dir, "./one/...", "./two/...")
	assert.Empty(t, got.diagnostics)
	assert.Equal(t, want, got.lines())
	for _, pkg := range got.Packages {
		assert.Empty(t, pkg.TypeErrors)
	}
	assert.Equal(t, want, loadFolder(t, dir, "example.com/one", "example.com/two").lines())

	got = loadFolder(t, dir+"/one", ".", "../two")
	got.dir = dir
	assert.Equal(t, want, got.lines())
}

func TestLoadWithVendoredPackages(t *testing.T) {
	got := loadModule(t, `
-- go.mod --
module example.com/m

go 1.26

require example.com/dep v1.0.0
-- a.go --
package m

import "example.com/dep"

//opik:track
func f(dep.T) {}

//opik:wrap example.com/dep.I as=I
//opik:wrap example.com/dep/sub.J as=J
-- vendor/modules.txt --
# example.com/dep v1.0.0
## explicit; go 1.26
example.com/dep
example.com/dep/sub
-- vendor/example.com/dep/dep.go --
package dep

import "example.com/dep/sub"

type T struct{ sub.J }

type I interface{ M(T) }
-- vendor/example.com/dep/sub/sub.go --
package sub

type J interface{ N() }
`)
	assert.Empty(t, got.diagnostics)
	assert.Equal(t, []string{"opik_gen.go: package m", "\tfunc f", "\twrap dep.I as=I", "\twrap sub.J as=J"}, got.lines())
	assert.Empty(t, got.Packages[0].TypeErrors)
}

func TestLoadWithC(t *testing.T) {
	const module = `
-- a.go --
package m

// int one(void);
import "C"

//opik:track
func inC(x int) int { return int(C.one()) }

//opik:track
func withC(x int) C.int { return C.one() }
-- b.go --
package m

import "os/user"

//opik:track
func f(user.User) {}
`
	for _, enabled := range []string{"0", "1"} {
		t.Setenv("CGO_ENABLED", enabled)
		got := loadModule(t, module)
		assert.Empty(t, got.diagnostics)
		assert.Equal(t, []string{
			"opik_gen.go: package m", "\tfunc f",
			"opik_gen_cgo.go: package m if cgo", "\tfunc inC", "\tfunc withC",
		}, got.lines(), "CGO_ENABLED="+enabled)
		errs := got.Packages[1].TypeErrors
		require.Len(t, errs, 1)
		assert.Equal(t, "C.int means something only below the preamble of this file, which a generated file cannot repeat; "+
			"declare type cInt = C.int, and write cInt, which is the same type", errs[0].Msg)
		assert.Equal(t, 10, errs[0].Fset.Position(errs[0].Pos).Line)
	}
}

func TestLoadAgreesWithPackagesThatImportTheModule(t *testing.T) {
	got := loadModule(t, `
-- go.mod --
module example.com/m

go 1.26

require example.com/dep v1.0.0

replace example.com/dep => ./dep
-- a.go --
package m

import (
	"example.com/dep"
	"example.com/m/types"
)

var _ interface{ M() types.T } = dep.D{}

//opik:track
func f(dep.D) types.T { panic(0) }
-- types/types.go --
package types

type T struct{}
-- dep/go.mod --
module example.com/dep

go 1.26

require example.com/m v1.0.0
-- dep/dep.go --
package dep

import "example.com/m/types"

type D struct{}

func (D) M() types.T { panic(0) }
`)
	assert.Empty(t, got.diagnostics)
	require.Len(t, got.Packages, 1)
	assert.Empty(t, got.Packages[0].TypeErrors)
}

func TestLoadKeepsToTheModule(t *testing.T) {
	dir := unpack(t, annotated+`
-- nested/go.mod --
module example.com/nested
-- nested/a.go --
package nested

//opik:track
func f() {}
`)
	for _, pattern := range []string{"./nested", dir + "/nested"} {
		got := loadFolder(t, dir, ".", pattern)
		require.Len(t, got.diagnostics, 1)
		assert.Contains(t, got.diagnostics[0], "nested/a.go:3:1: main module (example.com/m) does not contain package example.com/m/nested")
		assert.Equal(t, []string{"opik_gen.go: package m", "\tfunc f"}, got.lines())
	}
	got := loadFolder(t, dir+"/nested", "..", ".")
	require.Len(t, got.diagnostics, 1)
	assert.Contains(t, got.diagnostics[0], "a.go:5:1: directory .. outside main module or its selected dependencies")
	assert.Equal(t, []string{"opik_gen.go: package nested", "\tfunc f"}, got.lines())
}

func TestLoadServesPrograms(t *testing.T) {
	got := loadModule(t, `
-- cmd/x/main.go --
package main

//opik:track
func main() {}
-- cmd/x/main_test.go --
package main

//opik:track
func helper() {}
-- dir.test/a.go --
package test

//opik:track
func f() {}
`)
	assert.Equal(t, []string{
		"cmd/x/opik_gen.go: package main", "\tfunc main",
		"cmd/x/opik_gen_test.go: package main", "\tfunc helper",
		"dir.test/opik_gen.go: package test", "\tfunc f",
	}, got.lines())
}

func TestLoadSaysWhatItDid(t *testing.T) {
	dir := unpack(t, annotated)
	require.NoError(t, exec.CommandContext(t.Context(), "go", "list", "-export", "context").Run(), "the build cache gets what is looked for below")

	warm := loadLogged(t, dir)
	assert.Regexp(t, `^directives in 1 files of 1 folders \(\d`, warm[0])
	assert.Regexp(t, `^go list: 1 packages \(`, warm[1])
	assert.Regexp(t, `^export data of 1 packages \(`, warm[2])
	assert.Regexp(t, `^types of 1 packages from source, of 1 from export data \(`, warm[3])

	t.Setenv("GOCACHE", emptyCache)
	cold := loadLogged(t, dir)
	assert.Regexp(t, `^no export data: the build cache has none of context \(`, cold[2])
	assert.Regexp(t, `^types of \d+ packages from source, of 0 from export data \(`, cold[3])
}

func loadLogged(t *testing.T, dir string) []string {
	t.Helper()
	var log []string
	logf := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	got := loadConfig(t, load.Config{Dir: dir, Logf: logf})
	require.Len(t, log, 4)
	assert.Equal(t, []string{"opik_gen.go: package m", "\tfunc f"}, got.lines())
	assert.Empty(t, got.Packages[0].TypeErrors)
	return log
}
