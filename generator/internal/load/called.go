package load

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// called returns what tells the names of functions and methods that may be wrapped. With a type of another package come
// methods that no source names.
func (u *universe) called() func(name string) bool {
	names := make(map[string]bool)
	foreign := slices.ContainsFunc(u.outputs, func(o *output) bool { return len(o.wrapped()) > 0 || o.choosesPreset() })
	for _, unit := range u.units {
		for _, file := range unit.files {
			if unit.whole && !foreign {
				foreign = addCalls(names, file)
			}
		}
	}
	return func(name string) bool { return foreign || names[name] }
}

// choosesPreset reports whether a directive names a preset, which is then for calls of any name.
func (o *output) choosesPreset() bool {
	for _, placed := range o.directives() {
		if slices.ContainsFunc(placed.Args, func(arg directive.Arg) bool { return arg.Key == "preset" }) {
			return true
		}
	}
	return false
}

// addCalls adds the names of a file's functions, and of the methods that it declares. It reports whether a type embeds
// one of another package.
func addCalls(names map[string]bool, file *ast.File) (foreign bool) {
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			names[decl.Name.Name] = true
		case *ast.GenDecl:
			if decl.Tok == token.TYPE && addMethods(names, decl) {
				return true
			}
		}
	}
	return false
}

// addMethods adds the names of the fields in type declarations, methods of interfaces among them. It reports whether a
// type embeds one of another package.
func addMethods(names map[string]bool, decl *ast.GenDecl) (foreign bool) {
	ast.Inspect(decl, func(n ast.Node) bool {
		for _, field := range fieldsOf(n) {
			for _, name := range field.Names {
				names[name.Name] = true
			}
			foreign = foreign || len(field.Names) == 0 && isForeign(field.Type)
		}
		return true
	})
	return foreign
}

// fieldsOf returns the fields of a struct, or the methods and embedded types of an interface.
func fieldsOf(n ast.Node) []*ast.Field {
	switch n := n.(type) {
	case *ast.StructType:
		return n.Fields.List
	case *ast.InterfaceType:
		return n.Methods.List
	}
	return nil
}

// isForeign reports whether a type may be one of another package.
func isForeign(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.SelectorExpr:
		return true
	case *ast.StarExpr:
		return isForeign(t.X)
	case *ast.IndexExpr:
		return isForeign(t.X)
	case *ast.IndexListExpr:
		return isForeign(t.X)
	}
	return false
}
