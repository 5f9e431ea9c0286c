package load

import (
	"context"
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
)

// exports is the export data of packages. It is not safe for concurrent use.
type exports struct {
	files  map[string]string // by package path; empty where the build cache has been asked and has none
	reader types.Importer    // of the files
}

func newExports(fset *token.FileSet) *exports {
	e := &exports{files: make(map[string]string)}
	e.reader = importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if e.files[path] == "" {
			return nil, fmt.Errorf("the build cache has none of %s", path)
		}
		return os.Open(e.files[path])
	})
	return e
}

// find asks the build cache for the export data of packages.
func (e *exports) find(ctx context.Context, l *loader, p *platform, paths []string) error {
	paths = slices.DeleteFunc(slices.Clone(paths), func(path string) bool { _, asked := e.files[path]; return asked })
	if len(paths) == 0 {
		return nil
	}
	found, err := l.listExports(ctx, p, paths)
	for _, path := range paths {
		e.files[path] = found[path]
	}
	return err
}

// warm reads packages before it is known for sure that they are needed.
func (e *exports) warm(paths []string) {
	for _, path := range paths {
		if e.files[path] != "" {
			_, _ = e.reader.Import(path) // who needs it meets the error again
		}
	}
}

// importPaths returns what the sources of the outputs import and wrap from outside their own module, sorted. Most of the
// packages whose export data will be needed are among them.
func importPaths(outputs []*output, own string) []string {
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
	maps.DeleteFunc(paths, func(path string, _ bool) bool { return path == own || strings.HasPrefix(path, own+"/") })
	return slices.Sorted(maps.Keys(paths))
}

// likelyPaths returns those of the import paths that the declarations of the outputs seem to depend on. What name an
// import has in its file is not known before its package is, but most names are part of the path.
func likelyPaths(outputs []*output, paths []string) []string {
	used := make(map[string]bool)
	for _, o := range outputs {
		for _, s := range o.sources {
			s.use(used)
		}
	}
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		for name := range used {
			if len(name) > 1 && strings.Contains(path, name) {
				return false
			}
		}
		return true
	})
}

// use notes the names that the file's declarations depend on.
func (s *source) use(used map[string]bool) {
	for _, decl := range s.file.Decls {
		for _, name := range names(decl) {
			used[name] = true
		}
	}
}

// readExports returns the types of packages from their export data. It fails where the build cache does not have it
// of all of them, and where a newer compiler wrote it than this program knows.
func (l *loader) readExports(ctx context.Context, u *universe, pkgs []*packages.Package) (map[string]*types.Package, error) {
	var paths []string
	for _, pkg := range pkgs {
		paths = append(paths, pkg.PkgPath)
	}
	if err := u.exports.find(ctx, l, u.platform, paths); err != nil {
		return nil, err
	}
	exported := make(map[string]*types.Package, len(pkgs))
	for _, path := range paths {
		if u.exports.files[path] == "" {
			return nil, fmt.Errorf("the build cache has none of %s", path)
		}
		found, err := u.exports.reader.Import(path)
		if err != nil {
			return nil, fmt.Errorf("reading that of %s: %w", path, err)
		}
		exported[path] = found
	}
	return exported, nil
}
