// Package opikgen_test holds what is true of the repository as a whole.
package opikgen_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/opikgen/opikgen"

// rooms says what each package may import beside the standard library. A package that is in no row may not exist:
// a new one is a decision about the direction of imports, taken here.
var rooms = []struct {
	pkg string // below the module, "x/..." for x and everything below
	may []string
}{
	{"", nil},
	{"cmd/opikgen", []string{module + "/generator", module + "/generator/vet", module + "/templates", "github.com/rogpeppe/go-internal/diff",
		"golang.org/x/mod/modfile", "golang.org/x/tools/go/analysis/unitchecker"}},
	{"generator", []string{module + "/generator/internal/..."}},
	{"generator/vet", []string{module + "/generator/internal/directive", "golang.org/x/tools/go/analysis", "golang.org/x/tools/go/types/typeutil"}},
	{"generator/internal/directive", nil},
	{"generator/internal/load", []string{module + "/generator/internal/directive", module + "/generator/internal/export",
		module + "/generator/internal/parallel", "golang.org/x/mod/modfile", "golang.org/x/tools/..."}},
	{"generator/internal/export", nil},
	{"generator/internal/parallel", nil},
	{"generator/internal/preset", []string{module + "/generator/internal/directive"}},
	{"generator/internal/project", []string{module + "/generator/internal/directive", "go.yaml.in/yaml/v3", "golang.org/x/mod/modfile"}},
	{"generator/internal/model", []string{module + "/generator/internal/directive", module + "/generator/internal/load",
		module + "/generator/internal/preset", module + "/generator/internal/shape"}},
	{"generator/internal/shape", nil},
	{"generator/internal/emit", []string{module + "/generator/internal/model", "github.com/dave/jennifer/jen"}},
	{"runtime", []string{module + "/runtime/internal/...", "github.com/google/uuid"}},
	{"runtime/internal/...", []string{module + "/runtime/internal/...", "github.com/google/uuid"}},
	{"runtime/internal/wire", []string{module + "/runtime/internal/...", "github.com/google/uuid", "github.com/klauspost/compress/gzip"}},
	{"runtime/opiktest", []string{module + "/runtime", module + "/runtime/internal/...", "github.com/google/uuid"}},
	{"runtime/rest", []string{module + "/runtime/internal/config", module + "/runtime/internal/answer", module + "/runtime/internal/redirect"}},
	{"runtime/opikhttp", []string{module + "/runtime", module + "/runtime/internal/redirect"}},
	{"templates", nil},
	{"examples/...", []string{module + "/runtime", module + "/runtime/opikhttp"}},
}

// TestImportsGoOneWay holds every package to its row.
func TestImportsGoOneWay(t *testing.T) {
	for _, pkg := range list(t, "./...") {
		may, found := allowed(pkg.ImportPath)
		assert.True(t, found, "%s has no row in the table of rooms", pkg.ImportPath)
		for _, path := range pkg.Imports {
			if isStandard(path) {
				continue
			}
			assert.True(t, slices.ContainsFunc(may, func(pattern string) bool { return matches(pattern, path) }),
				"%s may not import %s", pkg.ImportPath, path)
		}
	}
}

// TestRuntimeDependsOnLittle looks at all that a user's program links in with the runtime.
func TestRuntimeDependsOnLittle(t *testing.T) {
	modules := []string{module + "/runtime/...", "github.com/google/uuid/...", "github.com/klauspost/compress/..."}
	for _, pkg := range list(t, "-deps", "./runtime") {
		known := slices.ContainsFunc(modules, func(pattern string) bool { return matches(pattern, pkg.ImportPath) })
		assert.True(t, pkg.Standard || known, "the runtime links in %s", pkg.ImportPath)
	}
}

// TestOneRoomEach holds the heavy libraries to the room that is theirs.
func TestOneRoomEach(t *testing.T) {
	owners := map[string]string{
		"github.com/dave/jennifer/jen":       module + "/generator/internal/emit",
		"golang.org/x/tools/go/packages":     module + "/generator/internal/load",
		"golang.org/x/tools/go/gcexportdata": module + "/generator/internal/load",
		"golang.org/x/tools/go/analysis":     module + "/generator/vet",
		"go.yaml.in/yaml/v3":                 module + "/generator/internal/project",
		"github.com/klauspost/compress/gzip": module + "/runtime/internal/wire",
	}
	for _, pkg := range list(t, "./...") {
		for _, path := range pkg.Imports {
			if owner, ok := owners[path]; ok {
				assert.Equal(t, owner, pkg.ImportPath, "%s belongs to one room", path)
			}
		}
	}
}

// listed is what the go command tells of a package.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

// list runs go list.
func list(t *testing.T, args ...string) []listed {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Standard,Imports"}, args...)...).Output()
	require.NoError(t, err)
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var pkg listed
		err := decoder.Decode(&pkg)
		if errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		packages = append(packages, pkg)
	}
}

// allowed returns the imports of the most specific row for the package.
func allowed(path string) (may []string, found bool) {
	best := -1
	for _, room := range rooms {
		pattern := strings.TrimSuffix(module+"/"+room.pkg, "/")
		if matches(pattern, path) && len(pattern) > best {
			may, found, best = room.may, true, len(pattern)
		}
	}
	return may, found
}

// matches reports whether path is pattern, or lies below one that ends in "/...".
func matches(pattern, path string) bool {
	if root, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == root || strings.HasPrefix(path, root+"/")
	}
	return path == pattern
}

// isStandard tells the standard library's import paths, whose first element has no dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
