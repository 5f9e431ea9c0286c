package model

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
)

// runtimeSource declares what presets can name of the runtime. The packages that are wrapped do not import it, so that it
// is not among those that are loaded.
//
//go:embed standin.txt
var runtimeSource string

// runtime returns the stand-in for the runtime, made with the types of the packages that were loaded. What needs one
// that was not is not known.
func (b *builder) runtime() *types.Package {
	if b.standIn == nil {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "runtime.go", runtimeSource, parser.SkipObjectResolution)
		if err != nil {
			panic(fmt.Sprintf("parsing the stand-in for the runtime: %v", err)) // nothing but a bug in here can cause it
		}
		config := types.Config{Importer: b, IgnoreFuncBodies: true, Error: func(error) {}}
		b.standIn, _ = config.Check(RuntimePath, fset, []*ast.File{file}, nil)
	}
	return b.standIn
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
