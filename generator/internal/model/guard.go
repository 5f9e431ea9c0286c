package model

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// guarding derives, from the types along an expression, the conditions under which evaluating it cannot panic.
type guarding struct {
	info   *types.Info
	fset   *token.FileSet
	pkg    *types.Package
	guards []ast.Expr
	uses   names // predeclared names in the guards, which must mean what they mean
	found  *flaw

	runs     bool                  // a function is called that is not the compiler's
	present  map[types.Object]bool // variables that are never nil
	literals bool                  // function literals may do what they like
}

// present returns the variables that opikgen makes itself, and that are never nil.
func present(values map[types.Object]*value) map[types.Object]bool {
	found := map[types.Object]bool{}
	for obj, v := range values {
		found[obj] = v.present
	}
	return found
}

// guard derives the guards of e. An expression that cannot be guarded is a flaw.
func (e *expr) guard(g *guarding) *flaw {
	g.visit(e.node)
	e.guards, e.runs = distinct(g.guards), g.runs
	for name := range g.uses {
		e.free[name] = true
		if g.pkg.Scope().Lookup(name) != nil {
			g.refuse(e.node, "needs a guard with %s, which the package declares as something else; rename that one", name)
		}
	}
	return g.found
}

// distinct leaves out guards that repeat one before them.
func distinct(guards []ast.Expr) []ast.Expr {
	seen := map[string]bool{}
	return slices.DeleteFunc(guards, func(guard ast.Expr) bool {
		text := exprText(guard)
		again := seen[text]
		seen[text] = true
		return again
	})
}

// visit collects guards from the inside out, so that each one can rely on those before it.
func (g *guarding) visit(node ast.Expr) {
	if _, ok := node.(*ast.FuncLit); ok && g.literals {
		return
	}
	for _, child := range operands(node) {
		if !g.catches(node, child) {
			g.visit(child)
		}
	}
	switch node := node.(type) {
	case *ast.SelectorExpr:
		g.selector(node)
	case *ast.StarExpr:
		if !g.info.Types[node.X].IsType() {
			g.notNil(node.X)
		}
	case *ast.IndexExpr:
		g.index(node)
	case *ast.SliceExpr:
		g.slice(node)
	case *ast.CallExpr:
		g.call(node)
	case *ast.BinaryExpr:
		g.binary(node)
	case *ast.UnaryExpr:
		if node.Op == token.ARROW {
			g.refuse(node, "receives from a channel, which would take the value from the program")
		}
	case *ast.TypeAssertExpr:
		g.refuse(node, "has a type assertion, which may panic; call a function that makes it with the two-value form")
	case *ast.FuncLit:
		g.refuse(node, "has a function literal; declare the function and call it")
	}
}

// catches reports whether a function literal is an argument of one of the runtime's functions, which expect panics.
func (g *guarding) catches(node, child ast.Expr) bool {
	call, ok := node.(*ast.CallExpr)
	if _, literal := child.(*ast.FuncLit); !ok || !literal {
		return false
	}
	fun, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	object := g.info.Uses[fun.Sel]
	return object != nil && object.Pkg() != nil && object.Pkg().Path() == RuntimePath
}

// selector guards every pointer on the way to a field, embedded ones included, and an interface or pointer whose
// method is called.
func (g *guarding) selector(node *ast.SelectorExpr) {
	selection := g.info.Selections[node]
	if selection == nil || selection.Kind() == types.MethodExpr { // pkg.Name, T.Method
		return
	}
	x, t := node.X, selection.Recv()
	for _, i := range selection.Index()[:len(selection.Index())-1] {
		g.notNilOf(x, t)
		field := structOf(t).Field(i)
		x, t = &ast.SelectorExpr{X: x, Sel: ast.NewIdent(field.Name())}, field.Type()
	}
	g.notNilOf(x, t)
}

// structOf returns the struct that t is or points to.
func structOf(t types.Type) *types.Struct {
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		t = pointer.Elem()
	}
	return t.Underlying().(*types.Struct)
}

// harmless are the predeclared functions that change nothing and do not panic.
var harmless = []string{"cap", "complex", "imag", "len", "max", "min", "new", "real"}

func (g *guarding) call(node *ast.CallExpr) {
	fun := g.info.Types[node.Fun]
	switch {
	case fun.IsType():
		g.conversion(node, fun.Type)
	case fun.IsBuiltin():
		if id, ok := ast.Unparen(node.Fun).(*ast.Ident); ok && !slices.Contains(harmless, id.Name) {
			g.refuse(node, "calls %s, which can change the program's values or panic", id.Name)
		}
	case g.isVariable(node.Fun):
		g.runs = true
		g.notNil(node.Fun)
	default:
		g.runs = true
	}
}

// conversion refuses those that panic: from a slice to an array.
func (g *guarding) conversion(node *ast.CallExpr, to types.Type) {
	if _, ok := g.info.Types[node.Args[0]].Type.Underlying().(*types.Slice); ok && isArray(to) {
		g.refuse(node, "converts a slice to an array, which panics if the slice is shorter")
	}
}

// isVariable tells a function value, which may be nil, from a declared function or method.
func (g *guarding) isVariable(fun ast.Expr) bool {
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident:
		_, ok := g.info.Uses[fun].(*types.Var)
		return ok
	case *ast.SelectorExpr:
		_, ok := g.info.Uses[fun.Sel].(*types.Var)
		return ok
	case *ast.IndexExpr:
		return g.info.Types[fun.X].IsValue() && !isSignature(g.info.Types[fun.X].Type)
	case *ast.IndexListExpr:
		return false
	default:
		return true
	}
}

func isSignature(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// binary guards integer division, and shifts by a signed count. Of constants the checker has seen to it. A type parameter
// may stand for any number.
func (g *guarding) binary(node *ast.BinaryExpr) {
	y := g.info.Types[node.Y]
	basic, known := y.Type.Underlying().(*types.Basic)
	switch {
	case y.Value != nil:
	case node.Op == token.QUO || node.Op == token.REM:
		if !known || basic.Info()&types.IsInteger != 0 {
			g.add(binary(node.Y, token.NEQ, number(0)))
		}
	case node.Op == token.SHL || node.Op == token.SHR:
		if !known || basic.Info()&types.IsUnsigned == 0 {
			g.add(binary(node.Y, token.GEQ, number(0)))
		}
	}
}

// notNil guards x by its own type.
func (g *guarding) notNil(x ast.Expr) { g.notNilOf(x, g.info.Types[x].Type) }

// notNilOf guards x, of type t, if that can be nil. The address of a variable cannot.
func (g *guarding) notNilOf(x ast.Expr, t types.Type) {
	if address, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && address.Op == token.AND {
		return
	}
	if id, ok := ast.Unparen(x).(*ast.Ident); ok && g.present[g.info.Uses[id]] {
		return
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return
	}
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature:
		g.add(binary(ast.Unparen(x), token.NEQ, g.predeclared("nil")))
	}
}

func (g *guarding) add(guard ast.Expr) { g.guards = append(g.guards, guard) }

// refuse notes the first thing that keeps the expression from being safe.
func (g *guarding) refuse(node ast.Expr, format string, args ...any) {
	if g.found == nil {
		g.found = &flaw{offset: g.fset.Position(node.Pos()).Offset, message: types.ExprString(node) + " " + fmt.Sprintf(format, args...)}
	}
}

// operands returns the expressions directly under node, in order.
func operands(node ast.Expr) []ast.Expr {
	var found []ast.Expr
	ast.Inspect(node, func(n ast.Node) bool {
		child, ok := n.(ast.Expr)
		if !ok || n == node {
			return true
		}
		found = append(found, child)
		return false
	})
	return found
}

func binary(x ast.Expr, op token.Token, y ast.Expr) ast.Expr {
	return &ast.BinaryExpr{X: x, Op: op, Y: y}
}

// predeclared returns a predeclared identifier and notes that it is used.
func (g *guarding) predeclared(name string) *ast.Ident {
	g.uses[name] = true
	return ast.NewIdent(name)
}

func (g *guarding) lengthOf(x ast.Expr) ast.Expr {
	return &ast.CallExpr{Fun: g.predeclared("len"), Args: []ast.Expr{x}}
}

func number(n int64) ast.Expr {
	return &ast.BasicLit{Kind: token.INT, Value: strconv.FormatInt(n, 10)}
}
