package model

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"slices"
	"strings"
)

// text prints the expression, or one of its guards, under the names of the generated function.
func (e *expr) text(node ast.Expr, file *File) string {
	spell := func(id *ast.Ident) string { return e.spell(id, file) }
	if isSimple(node) {
		return simpleText(node, spell)
	}
	for _, id := range identifiers(node) {
		id.Name = spell(id)
	}
	return exprText(node)
}

// spell returns what the generated function calls what an identifier of the expression stands for.
func (e *expr) spell(id *ast.Ident, file *File) string {
	if v := e.values.of(id); v != nil {
		return v.local
	}
	if pkg, ok := e.packages[id]; ok {
		return file.PackageName(pkg)
	}
	if param, ok := e.generic[id]; ok {
		return file.TypeParamName(param)
	}
	if obj, ok := e.dotted[id]; ok {
		return file.PackageName(obj.Pkg()) + "." + obj.Name()
	}
	return id.Name
}

// exprText prints an expression as gofmt would.
func exprText(node ast.Expr) string {
	if isSimple(node) {
		return simpleText(node, func(id *ast.Ident) string { return id.Name })
	}
	var b strings.Builder
	if err := format.Node(&b, token.NewFileSet(), node); err != nil {
		panic(fmt.Sprintf("printing a checked expression: %v", err)) // nothing but a bug in here can cause it
	}
	return b.String()
}

// simpleText prints a simple expression, which has no blanks but those around the operator.
func simpleText(node ast.Expr, spell func(*ast.Ident) string) string {
	return string(appendSimple(make([]byte, 0, 128), node, spell))
}

func appendSimple(text []byte, node ast.Expr, spell func(*ast.Ident) string) []byte {
	switch node := node.(type) {
	case *ast.BinaryExpr:
		text = append(appendSimple(text, node.X, spell), " "+node.Op.String()+" "...)
		return appendSimple(text, node.Y, spell)
	case *ast.SelectorExpr:
		text = append(appendSimple(text, node.X, spell), '.')
		return append(text, node.Sel.Name...)
	case *ast.IndexExpr:
		text = append(appendSimple(text, node.X, spell), '[')
		return append(appendSimple(text, node.Index, spell), ']')
	case *ast.CallExpr:
		text = append(appendSimple(text, node.Fun, spell), '(')
		return append(appendArguments(text, node.Args, spell), ')')
	case *ast.BasicLit:
		return append(text, node.Value...)
	default:
		return append(text, spell(node.(*ast.Ident))...)
	}
}

func appendArguments(text []byte, args []ast.Expr, spell func(*ast.Ident) string) []byte {
	for i, arg := range args {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = appendSimple(text, arg, spell)
	}
	return text
}

// isSimple reports whether gofmt writes an expression as it comes: a path such as resp.Usage, or a comparison of two. Most
// are that simple, and the formatter takes many times as long.
func isSimple(node ast.Expr) bool {
	if comparison, ok := node.(*ast.BinaryExpr); ok && comparison.Op.Precedence() == token.EQL.Precedence() {
		return isPath(comparison.X) && isPath(comparison.Y)
	}
	return isPath(node)
}

// isPath reports whether an expression only selects, indexes and calls.
func isPath(node ast.Expr) bool {
	switch node := node.(type) {
	case *ast.Ident:
		return true
	case *ast.BasicLit:
		return node.Kind == token.INT && strings.Trim(node.Value, "0123456789") == ""
	case *ast.SelectorExpr:
		return isPath(node.X)
	case *ast.IndexExpr:
		return isPath(node.X) && isPath(node.Index)
	case *ast.CallExpr:
		return isPath(node.Fun) && !node.Ellipsis.IsValid() && !slices.ContainsFunc(node.Args, func(arg ast.Expr) bool { return !isPath(arg) })
	default:
		return false
	}
}

// condition joins the guards.
func (e *expr) condition(file *File) string {
	conditions := make([]string, len(e.guards))
	for i, guard := range e.guards {
		conditions[i] = e.text(guard, file)
	}
	return strings.Join(conditions, " && ")
}

// notEmpty is the condition under which the expression, a string, can be evaluated and says something.
func (e *expr) notEmpty(file *File) string {
	return strings.TrimPrefix(e.condition(file)+" && "+e.text(e.node, file)+` != ""`, " && ")
}
