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
	if v, ok := e.values[id]; ok {
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
	text := func(node ast.Expr) string { return simpleText(node, spell) }
	switch node := node.(type) {
	case *ast.BinaryExpr:
		return text(node.X) + " " + node.Op.String() + " " + text(node.Y)
	case *ast.SelectorExpr:
		return text(node.X) + "." + node.Sel.Name
	case *ast.IndexExpr:
		return text(node.X) + "[" + text(node.Index) + "]"
	case *ast.CallExpr:
		args := make([]string, len(node.Args))
		for i, arg := range node.Args {
			args[i] = text(arg)
		}
		return text(node.Fun) + "(" + strings.Join(args, ", ") + ")"
	case *ast.BasicLit:
		return node.Value
	default:
		return spell(node.(*ast.Ident))
	}
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
	var conditions []string
	for _, guard := range e.guards {
		conditions = append(conditions, e.text(guard, file))
	}
	return strings.Join(conditions, " && ")
}
