package load_test

import (
	"go/build"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/load"
)

// constrained is a folder with a tracked function in a file for every way to say when it is built.
const constrained = `
-- a.go --
package m

//opik:track
func everywhere() {}
-- b_windows.go --
package m

import "syscall"

//opik:track
func onWindows(syscall.Handle) {}
-- c.go --
//go:build windows

package m

//opik:track
func onWindowsToo() {}
-- d_linux_amd64.go --
package m

//opik:track
func onLinuxAMD64() {}
-- e.go --
//go:build amd64 && linux

package m

//opik:track
func onLinuxAMD64Too() {}
-- f.go --
//go:build !windows

package m

//opik:track
func notOnWindows() {}
-- g.go --
//go:build linux || darwin

package m

//opik:track
func onTwo() {}
-- h.go --
//go:build integration && !short

package m

//opik:track
func forIntegration() {}
-- i.go --
//go:build test

package m

//opik:track
func taggedTest() {}
-- j_test.go --
package m

//opik:track
func inTests() {}
-- k_darwin_test.go --
package m_test

//opik:track
func inExternalTestsOnDarwin() {}
-- l_test.go --
package m_test

//opik:track
func inExternalTests() {}
-- m.go --
//go:build !cgo

package m

//opik:track
func withoutC() {}
-- n_plan9.go --
//go:build go1.21

package m

//opik:track
func onPlan9() {}
`

func TestLoadServesEveryPlatform(t *testing.T) {
	for _, env := range [][2]string{{"linux", "amd64"}, {"darwin", "arm64"}} {
		t.Setenv("GOOS", env[0])
		t.Setenv("GOARCH", env[1])
		got := loadModule(t, constrained)
		assert.Empty(t, got.diagnostics)
		assert.Equal(t, []string{
			"opik_gen.go: package m", "\tfunc everywhere",
			"opik_gen_darwin_test.go: package m_test if darwin", "\tfunc inExternalTestsOnDarwin",
			"opik_gen_external_test.go: package m_test", "\tfunc inExternalTests",
			"opik_gen_integration_not_short.go: package m if integration && !short", "\tfunc forIntegration",
			"opik_gen_linux_amd64.go: package m if linux && amd64", "\tfunc onLinuxAMD64", "\tfunc onLinuxAMD64Too",
			"opik_gen_linux_or_darwin_build.go: package m if linux || darwin", "\tfunc onTwo",
			"opik_gen_not_cgo.go: package m if !cgo", "\tfunc withoutC",
			"opik_gen_not_windows_build.go: package m if !windows", "\tfunc notOnWindows",
			"opik_gen_plan9_go1_21.go: package m if plan9 && go1.21", "\tfunc onPlan9",
			"opik_gen_test.go: package m", "\tfunc inTests",
			"opik_gen_test_build.go: package m if test", "\tfunc taggedTest",
			"opik_gen_windows.go: package m if windows", "\tfunc onWindows", "\tfunc onWindowsToo",
		}, got.lines())
		for _, pkg := range got.Packages {
			assert.Equal(t, strings.HasSuffix(pkg.Output, "_test.go"), pkg.Test, pkg.Output)
			assert.Empty(t, pkg.TypeErrors, pkg.Output)
		}
	}
}

// TestOutputNamesDoNotNarrow asks go/build which of the names would be built where their constraints hold.
func TestOutputNamesDoNotNarrow(t *testing.T) {
	for _, pkg := range loadModule(t, constrained).Packages {
		for _, context := range []build.Context{
			{GOOS: "linux", GOARCH: "amd64", BuildTags: []string{"integration", "test"}},
			{GOOS: "windows", GOARCH: "386", CgoEnabled: true},
			{GOOS: "darwin", GOARCH: "arm64", BuildTags: []string{"integration", "short"}},
			{GOOS: "plan9", GOARCH: "arm", ReleaseTags: []string{"go1.21"}},
		} {
			context.Compiler = "gc"
			source, err := context.MatchFile(pkg.Dir, pkg.Sources[0])
			require.NoError(t, err)
			context.OpenFile = openConstrained(pkg)
			output, err := context.MatchFile(pkg.Dir, filepath.Base(pkg.Output))
			require.NoError(t, err)
			assert.Equal(t, source, output, "%s on %s", pkg.Output, context.GOOS)
		}
	}
}

func TestLoadUsesGivenTags(t *testing.T) {
	dir := unpack(t, `
-- a.go --
//go:build special && windows

package m

import "syscall"

type X = Y

//opik:track
func f(X, syscall.Handle) {}
-- b.go --
//go:build other

package m

type Y int
`)
	got := loadConfig(t, load.Config{Dir: dir, BuildFlags: []string{"-tags=other"}})
	assert.Equal(t, []string{"opik_gen_windows_special.go: package m if windows && special", "\tfunc f"}, got.lines())
	assert.Empty(t, got.Packages[0].TypeErrors, "the given tags hold on other platforms, too")
}

func TestLoadRefusesFilesOfNoBuild(t *testing.T) {
	got := loadModule(t, `
-- a.go --
//go:build ignore

package main

//opik:track
func f() {}
-- b.go --
//go:build linux && windows

package m

//opik:track
func f() {}
-- c.go --
package m

//opik:track
func g() {}
`)
	assert.Equal(t, []string{
		`a.go:5:1: no build has this file, because of its constraint "ignore": move what is tracked to one that is built`,
		`b.go:5:1: no build has this file, because of its constraint "linux && windows": move what is tracked to one that is built`,
	}, got.diagnostics)
	assert.Equal(t, []string{"opik_gen.go: package m", "\tfunc g"}, got.lines())
}

func TestLoadNamesOutputsApart(t *testing.T) {
	got := loadModule(t, `
-- a.go --
//go:build a_b

package m

//opik:track
func f() {}
-- b.go --
//go:build a && b

package m

//opik:track
func f() {}
-- only/x_test.go --
package only_test

//opik:track
func f() {}
`)
	assert.Equal(t, []string{
		"opik_gen_a_b.go: package m if a && b", "\tfunc f",
		"opik_gen_2_a_b.go: package m if a_b", "\tfunc f",
		"only/opik_gen_test.go: package only_test", "\tfunc f",
	}, slices.Concat(got.lines()[2:4], got.lines()[:2], got.lines()[4:]))
}

func TestLoadBringsPlatformsTogether(t *testing.T) {
	const module = `
-- conn.go --
package m

//opik:track
type Conn struct{}

//opik:track name=here
func (*Conn) Everywhere() {}
-- conn_windows.go --
package m

import "syscall"

func (*Conn) Same(n int) error { return nil }

//opik:track type=tool
func (*Conn) Named() {}

//opik:ignore
func (*Conn) OnlyThere() {}

func (*Conn) AlsoOnlyThere() {}

func (*Conn) Handle(h syscall.Handle) {}
-- conn_other.go --
//go:build !windows

package m

func (*Conn) Same(n int) error { return nil }

//opik:track type=tool
func (*Conn) Named() {}

func (*Conn) Handle(fd int) {}
-- impl_linux.go --
package m

//opik:track
type impl struct{}
-- impl_notlinux.go --
//go:build !linux

package m

//opik:track
type impl struct{}
-- impl.go --
package m

//opik:ignore
func (impl) Close() {}

func (impl) Run() {}
`
	for system, members := range map[string]string{
		"linux":   "Everywhere: track name=here; Named: track type=tool",
		"windows": "Everywhere: track name=here; Named: track type=tool",
	} {
		t.Setenv("GOOS", system)
		got := loadModule(t, module)
		assert.Equal(t, []string{
			"conn.go:3:1: type Conn cannot be wrapped with its method AlsoOnlyThere: it is declared in conn_windows.go, which is not part of every build; put //opik:ignore over the method, or track it alone",
			"conn.go:3:1: type Conn cannot be wrapped with its method Handle: conn_other.go and conn_windows.go declare it differently; put //opik:ignore over the method, or track it alone",
		}, got.diagnostics)
		assert.Equal(t, []string{
			"opik_gen.go: package m",
			"\tstruct Conn; " + members,
			"opik_gen_linux.go: package m if linux",
			"\tstruct impl; Close: ignore",
			"opik_gen_not_linux_build.go: package m if !linux",
			"\tstruct impl; Close: ignore",
		}, got.lines())
		assert.Equal(t, []string{"AlsoOnlyThere", "Handle", "OnlyThere"}, got.Packages[0].Sites[0].LeftOut)
	}
}

// openConstrained opens any file as one that has nothing but the package's constraint.
func openConstrained(pkg *load.Package) func(string) (io.ReadCloser, error) {
	return func(string) (io.ReadCloser, error) {
		src := "package " + pkg.Name + "\n"
		if pkg.Constraint != "" {
			src = "//go:build " + pkg.Constraint + "\n\n" + src
		}
		return io.NopCloser(strings.NewReader(src)), nil
	}
}
