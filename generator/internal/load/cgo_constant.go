package load

import (
	"fmt"
	"go/ast"
	"go/token"
)

// constantsOfC returns the names of C that are constants, by what renameC calls them, with what the package itself calls
// them or nothing: Go needs those to be constants that it gives as values to its own, or as lengths to arrays.
func (u *unit) constantsOfC() map[string]string {
	constants := make(map[string]string)
	for _, file := range u.files {
		if importsC(file) {
			ast.Inspect(file, func(n ast.Node) bool {
				collectConstantsOfC(n, constants)
				return true
			})
		}
	}
	return constants
}

func collectConstantsOfC(n ast.Node, constants map[string]string) {
	switch n := n.(type) {
	case *ast.ArrayType:
		addConstantsOfC(n.Len, constants)
	case *ast.GenDecl:
		for _, spec := range n.Specs {
			if values, ok := spec.(*ast.ValueSpec); ok && n.Tok == token.CONST {
				nameConstantsOfC(values, constants)
			}
		}
	}
}

// nameConstantsOfC adds the constants of C that a specification names, among them those that it gives a name.
func nameConstantsOfC(spec *ast.ValueSpec, constants map[string]string) {
	for i, value := range spec.Values {
		addConstantsOfC(value, constants)
		if id, ok := value.(*ast.Ident); ok && i < len(spec.Names) && isNameOfC(id) {
			constants[id.Name] = spec.Names[i].Name
		}
	}
}

// addConstantsOfC adds the constants in an expression, which may also name types, to convert to.
func addConstantsOfC(expr ast.Expr, constants map[string]string) {
	if expr == nil {
		return
	}
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			for _, arg := range n.Args {
				addConstantsOfC(arg, constants)
			}
			return false
		case *ast.Ident:
			if _, known := constants[n.Name]; !known && isNameOfC(n) {
				constants[n.Name] = ""
			}
		}
		return true
	})
}

// refusalOfConstant says why a constant of C cannot be in a tracked signature, and what can.
func refusalOfConstant(name, alias string) string {
	refusal := fmt.Sprintf("C.%s means something only below the preamble of this file, which a generated file cannot repeat; ", name)
	if alias != "" {
		return refusal + fmt.Sprintf("write %s, which is the same constant", alias)
	}
	alias = goNameOfC(name)
	return refusal + fmt.Sprintf("declare const %s = C.%s, and write %[1]s, which is the same constant", alias, name)
}
