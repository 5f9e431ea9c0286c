package load

import (
	"bytes"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/opikgen/opikgen/generator/internal/export"
)

// exports reads packages from their export data, in which each of them has what others' declarations need.
type exports struct {
	wanted wanted // what is looked up in packages of other modules; nil is everything
	cut    *Cut   // takes down what is left out; nil where nothing is

	packages map[string]*packages.Package // by path
}

// read returns the types of packages by path. It fails where the build cache does not have the export data of all of
// them, and where a newer compiler wrote it than this program knows.
func (e *exports) read(fset *token.FileSet, pkgs []*packages.Package) (map[string]*types.Package, error) {
	e.packages = make(map[string]*packages.Package, len(pkgs))
	for _, pkg := range pkgs {
		if pkg.ExportFile == "" {
			return nil, fmt.Errorf("the build cache has none of %s", pkg.PkgPath)
		}
		e.packages[pkg.PkgPath] = pkg
	}
	reader := importer.ForCompiler(fset, "gc", e.open)
	exported := make(map[string]*types.Package, len(pkgs))
	for _, pkg := range pkgs {
		found, err := reader.Import(pkg.PkgPath)
		if err != nil {
			return nil, fmt.Errorf("reading that of %s: %w", pkg.PkgPath, err)
		}
		exported[pkg.PkgPath] = found
	}
	e.connect(exported)
	return exported, nil
}

// open returns the export data of a package, cut down to what is looked up in it. That of the standard library is not
// worth the effort, and where the form is not known, the importer may know more. Nor is anything left out where nothing
// of a package would be left: one that is empty passes for one that nobody needs.
func (e *exports) open(path string) (io.ReadCloser, error) {
	pkg, names := e.packages[path], e.wanted[path]
	if names != nil && pkg.Module != nil {
		if trimmed, err := e.trim(pkg, names); err == nil {
			return io.NopCloser(bytes.NewReader(trimmed)), nil
		}
	}
	e.cut.keepWhole(path)
	return os.Open(pkg.ExportFile)
}

// trim cuts the export data of a package down to some names, and takes that down.
func (e *exports) trim(pkg *packages.Package, names map[string]bool) ([]byte, error) {
	data, err := export.Open(pkg.ExportFile)
	if err != nil {
		return nil, err
	}
	if !declaresAny(data, pkg.PkgPath, names) {
		return nil, fmt.Errorf("package %s declares nothing of what is looked up in it", pkg.PkgPath)
	}
	trimmed, err := data.Trim(names)
	if err != nil {
		return nil, err
	}
	e.cut.from = append(e.cut.from, data)
	return trimmed, nil
}

func declaresAny(data *export.Data, path string, names map[string]bool) bool {
	for name := range names {
		if data.Tells(path, name) {
			return true
		}
	}
	return false
}

// connect lets each package import all that it depends on and that was read, however much of what that is for was. Those
// of the standard library do without.
func (e *exports) connect(exported map[string]*types.Package) {
	for path, pkg := range exported {
		if e.packages[path].Module == nil {
			continue
		}
		imported := make(map[string]*types.Package)
		for _, known := range pkg.Imports() {
			imported[known.Path()] = known
		}
		packages.Visit(slices.Collect(maps.Values(e.packages[path].Imports)), func(next *packages.Package) bool {
			if found := exported[next.PkgPath]; found != nil {
				imported[next.PkgPath] = found
			}
			return true
		}, nil)
		pkg.SetImports(slices.SortedFunc(maps.Values(imported), comparePaths))
	}
}

func comparePaths(a, b *types.Package) int { return strings.Compare(a.Path(), b.Path()) }
