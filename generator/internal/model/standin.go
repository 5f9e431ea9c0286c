package model

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
)

// runtimeSource declares what presets can name of the runtime. The packages that are wrapped do not import it, so that it
// is not among those that are loaded.
//
//go:embed standin.txt
var runtimeSource string

// RuntimeImports are the packages that the stand-in imports.
var RuntimeImports = []string{"context", "io", "net/http"}

// runtime returns the stand-in for the runtime, made with the types of the packages that were loaded. What needs one
// that was not is not known.
func (b *builder) runtime() *types.Package {
	if b.standIn == nil {
		fset := token.NewFileSet()
		config := types.Config{Importer: b, IgnoreFuncBodies: true, Error: func(error) {}}
		b.standIn, _ = config.Check(RuntimePath, fset, []*ast.File{parseRuntime(fset)}, nil)
	}
	return b.standIn
}

func parseRuntime(fset *token.FileSet) *ast.File {
	file, err := parser.ParseFile(fset, "runtime.go", runtimeSource, parser.SkipObjectResolution)
	if err != nil {
		panic(fmt.Sprintf("parsing the stand-in for the runtime: %v", err)) // nothing but a bug in here can cause it
	}
	return file
}

// isComplete reports whether the packages that a stand-in names were there when it was made, with all that it needs.
func isComplete(standIn *types.Package) bool {
	s := &scope{pkg: standIn, imports: types.NewScope(nil, token.NoPos, token.NoPos, "")}
	file := parseRuntime(token.NewFileSet())
	for _, imported := range standIn.Imports() {
		s.imports.Insert(types.NewPkgName(token.NoPos, standIn, imported.Name(), imported))
	}
	selected := s.selections(file)
	for pkg, names := range selected {
		if slices.ContainsFunc(names, func(name string) bool { return pkg.Scope().Lookup(name) == nil }) {
			return false
		}
	}
	return len(selected) == len(file.Imports)
}

// Import finds a package among those that the sites' declarations see.
func (b *builder) Import(path string) (*types.Package, error) {
	for _, pkg := range b.packages() {
		if pkg.Path() == path {
			return pkg, nil
		}
	}
	return nil, fmt.Errorf("package %s is not imported", path)
}

// runtimeType returns a type of the stand-in, with type arguments where it is generic.
func (b *builder) runtimeType(name string, args ...types.Type) types.Type {
	obj := b.runtime().Scope().Lookup(name)
	if len(args) == 0 {
		return obj.Type()
	}
	t, _ := types.Instantiate(nil, obj.Type(), args, false) // the parameters are any
	return t
}
