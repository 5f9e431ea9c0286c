package load

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"

	"golang.org/x/tools/go/packages"
)

// readExports returns the types of packages from their export data, by path. It fails where the build cache does not
// have it of all of them, and where a newer compiler wrote it than this program knows.
func readExports(fset *token.FileSet, pkgs []*packages.Package) (map[string]*types.Package, error) {
	files := make(map[string]string, len(pkgs))
	for _, pkg := range pkgs {
		if pkg.ExportFile == "" {
			return nil, fmt.Errorf("the build cache has none of %s", pkg.PkgPath)
		}
		files[pkg.PkgPath] = pkg.ExportFile
	}
	reader := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
	exported := make(map[string]*types.Package, len(files))
	for _, pkg := range pkgs {
		found, err := reader.Import(pkg.PkgPath)
		if err != nil {
			return nil, fmt.Errorf("reading that of %s: %w", pkg.PkgPath, err)
		}
		exported[pkg.PkgPath] = found
	}
	return exported, nil
}
