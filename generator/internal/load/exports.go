package load

import (
	"context"
	"fmt"
	"go/importer"
	"go/types"
	"io"
	"maps"
	"os"
	"slices"

	"golang.org/x/tools/go/packages"
)

// exportFiles are the files of packages' export data, by package path. A package that the build cache has none of is
// there, without a file.
type exportFiles map[string]string

// findExports asks the build cache for the export data of packages. The go command is told to print what a package
// lacks (-n) instead of running it: so a cold cache is found out about in a moment and nothing is compiled.
func (l *loader) findExports(ctx context.Context, p *platform, paths []string) (exportFiles, error) {
	files := make(exportFiles, len(paths))
	if len(paths) == 0 {
		return files, nil
	}
	for _, path := range paths {
		files[path] = ""
	}
	pkgs, err := l.goList(ctx, query{
		mode:     packages.NeedName | packages.NeedExportFile,
		patterns: paths,
		platform: p,
		flags:    []string{"-n"},
	})
	for _, pkg := range pkgs {
		files[pkg.PkgPath] = pkg.ExportFile
	}
	return files, err
}

// importPaths returns what the sources of the outputs import and wrap, sorted. Most of the packages whose export data
// will be needed are among them.
func importPaths(outputs []*output) []string {
	paths := make(map[string]bool)
	for _, o := range outputs {
		for _, path := range o.wrapped() {
			paths[path] = true
		}
		for _, s := range o.sources {
			for _, spec := range s.file.Imports {
				paths[importPath(spec)] = true
			}
		}
	}
	delete(paths, "C")
	delete(paths, "unsafe")
	return slices.Sorted(maps.Keys(paths))
}

// readExports returns the types of packages from their export data. It fails where the build cache does not have it
// of all of them, and where a newer compiler wrote it than this program knows.
func (l *loader) readExports(ctx context.Context, u *universe, pkgs []*packages.Package) (map[string]*types.Package, error) {
	files, err := l.completeExports(ctx, u, pkgs)
	if err != nil {
		return nil, err
	}
	reader := importer.ForCompiler(l.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(files[path])
	})
	exported := make(map[string]*types.Package, len(pkgs))
	for _, pkg := range pkgs {
		if files[pkg.PkgPath] == "" {
			return nil, fmt.Errorf("the build cache has none of %s", pkg.PkgPath)
		}
		exported[pkg.PkgPath], err = reader.Import(pkg.PkgPath)
		if err != nil {
			return nil, fmt.Errorf("reading that of %s: %w", pkg.PkgPath, err)
		}
	}
	return exported, nil
}

// completeExports adds the packages that the build cache has not been asked for.
func (l *loader) completeExports(ctx context.Context, u *universe, pkgs []*packages.Package) (exportFiles, error) {
	var unknown []string
	for _, pkg := range pkgs {
		if _, asked := u.exports[pkg.PkgPath]; !asked {
			unknown = append(unknown, pkg.PkgPath)
		}
	}
	files, err := l.findExports(ctx, u.platform, unknown)
	if err != nil {
		return nil, err
	}
	maps.Copy(files, u.exports)
	return files, nil
}
