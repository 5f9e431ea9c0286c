package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// calls checks all calls in a file.
func (c *checker) calls(file *ast.File) {
	for _, decl := range file.Decls {
		within := c.declares(decl)
		deferred := map[*ast.CallExpr]bool{}
		ast.Inspect(decl, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.DeferStmt:
				deferred[node.Call] = true
			case *ast.CallExpr:
				c.call(node, within, deferred[node])
			}
			return true
		})
	}
}

// declares returns the function or method that a declaration is of, or nil.
func (c *checker) declares(decl ast.Decl) *types.Func {
	if decl, ok := decl.(*ast.FuncDecl); ok {
		fn, _ := c.TypesInfo.Defs[decl.Name].(*types.Func)
		return fn
	}
	return nil
}

// call reports a call, inside a function or outside of all, that should be one of the twin. Where a function that
// recovers is deferred, its twin would recover nothing.
func (c *checker) call(call *ast.CallExpr, within *types.Func, deferred bool) {
	callee := typeutil.StaticCallee(c.TypesInfo, call)
	if callee == nil || callee == within || c.inTest(call.Pos()) && !c.inTest(callee.Pos()) {
		return
	}
	var tracked twin
	if !c.ImportObjectFact(callee, &tracked) || callee.Pkg() != c.Pkg && !token.IsExported(tracked.Name) || deferred && tracked.Recovers {
		return
	}
	operand, name := calleeName(call)
	c.report(name.Pos(), analysis.Diagnostic{
		End:            name.End(),
		Category:       categoryDirect,
		Message:        "direct call of tracked " + shortName(callee) + " records no span: call " + tracked.Name,
		SuggestedFixes: c.fixes(operand, name, twinOf(callee, tracked.Name)),
	})
}

// calleeName takes the callee of a static call apart: the identifier that names it, and what stands before the dot in
// front of that, if anything does.
func calleeName(call *ast.CallExpr) (operand ast.Expr, name *ast.Ident) {
	fun := ast.Unparen(call.Fun)
	switch index := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(index.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(index.X)
	}
	if selector, ok := fun.(*ast.SelectorExpr); ok {
		return selector.X, selector.Sel
	}
	return nil, fun.(*ast.Ident)
}

// fixes returns the fix that puts the twin in the place of the name. There is none where the twin's name means
// something else there: a local variable, or the method of an outer struct.
func (c *checker) fixes(operand ast.Expr, name *ast.Ident, twin *types.Func) []analysis.SuggestedFix {
	if twin == nil || c.meaning(operand, name.Pos(), twin.Name()) != twin {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message:   "Call " + twin.Name(),
		TextEdits: []analysis.TextEdit{{Pos: name.Pos(), End: name.End(), NewText: []byte(twin.Name())}},
	}}
}

// meaning returns the function that a name stands for behind the operand, or by itself where there is none.
func (c *checker) meaning(operand ast.Expr, pos token.Pos, name string) *types.Func {
	var found types.Object
	if operand == nil {
		_, found = c.Pkg.Scope().Innermost(pos).LookupParent(name, pos)
	} else if pkg := c.namedPackage(operand); pkg != nil {
		found = pkg.Scope().Lookup(name)
	} else {
		found, _, _ = types.LookupFieldOrMethod(c.TypesInfo.TypeOf(operand), true, c.Pkg, name)
	}
	if fn, ok := found.(*types.Func); ok {
		return fn.Origin()
	}
	return nil
}

// namedPackage returns the imported package that an operand is the name of, or nil.
func (c *checker) namedPackage(operand ast.Expr) *types.Package {
	id, ok := operand.(*ast.Ident)
	if !ok {
		return nil
	}
	if imported, ok := c.TypesInfo.Uses[id].(*types.PkgName); ok {
		return imported.Imported()
	}
	return nil
}
