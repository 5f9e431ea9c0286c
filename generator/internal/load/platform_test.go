package load

import (
	"go/build"
	"go/build/constraint"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parseConstraint(t *testing.T, text string) constraint.Expr {
	t.Helper()
	if text == "" {
		return nil
	}
	x, err := constraint.Parse("//go:build " + text)
	require.NoError(t, err)
	return x
}

func TestPlatformForStaysNear(t *testing.T) {
	near := platform{system: "freebsd", arch: "arm", cgo: true, tags: []string{"given"}}
	for text, want := range map[string]string{
		"freebsd":                    " for freebsd/arm with given",
		"given && extra":             " for freebsd/arm with given,extra",
		"a || b":                     " for freebsd/arm with given,a",
		"(a && b) || windows":        " for windows/amd64 with given",
		"!cgo":                       " for freebsd/arm with given",
		"cgo && windows":             " for windows/amd64 with given,cgo",
		"!freebsd":                   " for linux/amd64 with given",
		"s390x":                      " for linux/s390x with given",
		"unix && !arm && !linux":     " for darwin/arm64 with given",
		"android":                    " for android/386 with given",
		"wasm && !js":                " for wasip1/wasm with given",
		"go1.18 && gc":               " for freebsd/arm with given",
		"a && b && c && d && e && f": " for freebsd/arm with given,a,b,c,d,e,f",
		"linux && windows":           "",
		"ignore":                     "",
		"gccgo":                      "",
		"!given":                     "",
		"a && !a":                    "",
	} {
		p, found := platformFor(parseConstraint(t, text), near)
		assert.Equal(t, want != "", found, text)
		if found {
			assert.Equal(t, want, p.String(), text)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		constraints []string
		of          string
		want        bool
	}{
		{[]string{"linux", "!linux"}, "", true},
		{[]string{"linux"}, "", false},
		{[]string{"linux"}, "linux", true},
		{[]string{"linux"}, "linux && amd64", true},
		{[]string{"unix", "windows", "plan9", "js", "wasip1"}, "", true},
		{[]string{"unix", "windows"}, "", false},
		{[]string{"cgo", "!cgo"}, "", true},
		{[]string{"tag && linux", "!tag", "tag && !linux"}, "", true},
		{[]string{"tag", "!tag && linux"}, "", false},
		{[]string{"tag", "!tag && linux"}, "linux", true},
		{[]string{"go1.18"}, "", true},
	} {
		var constraints []constraint.Expr
		for _, text := range test.constraints {
			constraints = append(constraints, parseConstraint(t, text))
		}
		assert.Equal(t, test.want, covers(constraints, parseConstraint(t, test.of)), "%v of %q", test.constraints, test.of)
	}
}

// TestNameTags holds the reading of file names against that of the go command.
func TestNameTags(t *testing.T) {
	for _, base := range []string{
		"a.go", "linux.go", "a_linux.go", "a_amd64.go", "a_linux_amd64.go", "a_amd64_linux.go", "a_linux_test.go", "linux_test.go",
		"a_test_linux.go", "a_test.go", "a_b_windows.go", "_linux.go", "a_linux.x.go", "a_ios.go", "a_unix.go", "a_linux_windows_arm64.go",
	} {
		tags, _ := nameTags(base)
		for _, candidate := range everywhere(nil) {
			context := build.Context{GOOS: candidate.system, GOARCH: candidate.arch, Compiler: "gc", OpenFile: emptyPackage}
			want, err := context.MatchFile("", base)
			require.NoError(t, err)
			var conditions []constraint.Expr
			for _, tag := range tags {
				conditions = append(conditions, &constraint.TagExpr{Tag: tag})
			}
			have := candidate.matches(conjunction(conditions)) && base[0] != '_'
			assert.Equal(t, want, have, "%s on %v", base, &candidate)
		}
	}
}

func emptyPackage(string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("package p\n")), nil
}
