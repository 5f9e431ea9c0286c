package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/tools/go/packages"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// unit is one package on its way from files to types.
type unit struct {
	*packages.Package
	whole   bool // it is annotated: all its declarations are kept, and what is wrong with them is of interest
	files   []*ast.File
	sources []*source // those of the files that hold directives
	syntax  scanner.ErrorList
	needed  map[string]bool // the import paths that its declarations depend on

	placeholders []*ast.File // declare what generated files will

	done   chan struct{} // closed when the following is there
	types  *types.Package
	info   *types.Info
	errors []types.Error
}

// read parses the package's files, but for this tool's own output, and finds out which imports its declarations
// depend on. The sources are parsed already.
func (u *unit) read(fset *token.FileSet, sources map[string]*source) {
	for _, name := range u.GoFiles {
		if s := sources[name]; s != nil {
			u.files = append(u.files, s.file)
			u.sources = append(u.sources, s)
			continue
		}
		u.readFile(fset, name)
	}
	u.compareClauses(fset)
	if !u.whole {
		prune(u.files)
	}
	for _, file := range u.files {
		u.need(file, sources[fset.File(file.FileStart).Name()])
	}
}

func (u *unit) readFile(fset *token.FileSet, name string) {
	src, err := os.ReadFile(name)
	if err != nil {
		u.syntax.Add(token.Position{Filename: name}, err.Error())
		return
	}
	own := isOwn(u.Package)
	if own && isOutput(filepath.Base(name), src) {
		return
	}
	annotated := own && directive.Mentioned(src)
	mode := parser.SkipObjectResolution
	if u.whole || annotated {
		mode |= parser.ParseComments
	}
	file, err := parser.ParseFile(fset, name, src, mode)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		u.syntax = append(u.syntax, list...)
	}
	if annotated {
		placed, _ := directive.Place(fset, file)
		u.sources = append(u.sources, &source{path: name, file: file, placed: placed})
	}
	dropBodies(file)
	renameC(file)
	u.files = append(u.files, file)
}

// compareClauses complains where the files are of several packages.
func (u *unit) compareClauses(fset *token.FileSet) {
	if len(u.syntax) > 0 {
		return // and a file may have no clause at all
	}
	for _, file := range u.files {
		first := u.files[0]
		if file.Name.Name != first.Name.Name {
			u.syntax.Add(fset.Position(file.Name.Pos()), fmt.Sprintf("this is package %s, where %s says %s",
				file.Name.Name, filepath.Base(fset.File(first.FileStart).Name()), first.Name.Name))
		}
	}
}

// isOwn reports whether a package can have output of this tool beside its sources: whether it is part of the main
// module, or of one in the workspace.
func isOwn(pkg *packages.Package) bool { return pkg.Module != nil && pkg.Module.Main }

// need notes the imports that a file's declarations depend on, and those that its directives mention.
func (u *unit) need(file *ast.File, s *source) {
	used := make(map[string]bool)
	for _, decl := range file.Decls {
		for _, name := range names(decl) {
			used[name] = true
		}
	}
	if s != nil {
		for _, name := range s.mentions() {
			used[name] = true
		}
	}
	for _, spec := range file.Imports {
		path := importPath(spec)
		if name := u.localName(spec, path); name == "" || name == "." || used[name] {
			u.needed[path] = true
		}
	}
}

// importPath returns the path of an import without its quotes, which the parser has checked.
func importPath(spec *ast.ImportSpec) string {
	path, _ := strconv.Unquote(spec.Path.Value)
	return path
}

// dependencies returns the packages that the declarations depend on, by import path, as far as there are such.
func (u *unit) dependencies() []*packages.Package {
	var pkgs []*packages.Package
	for _, path := range slices.Sorted(maps.Keys(u.needed)) {
		if pkg := u.Imports[path]; pkg != nil && len(pkg.GoFiles) > 0 && path != "unsafe" {
			pkgs = append(pkgs, pkg)
		}
	}
	return pkgs
}

// localName returns the name that an import has in its file, or nothing where that is not known because the go
// command could not make sense of the package.
func (u *unit) localName(spec *ast.ImportSpec, path string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	if imported := u.Imports[path]; imported != nil && len(imported.Errors) == 0 {
		return imported.Name
	}
	return ""
}
