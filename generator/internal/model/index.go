package model

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// index guards x[i] for everything but maps, which hold a zero value for what they do not have.
func (g *guarding) index(node *ast.IndexExpr) {
	tv := g.info.Types[node.X]
	if !tv.IsValue() { // a generic type
		return
	}
	switch tv.Type.Underlying().(type) {
	case *types.Slice, *types.Array, *types.Basic:
		g.within(node.X, node.Index)
	case *types.Pointer:
		g.notNil(node.X)
		g.within(node.X, node.Index)
	case *types.Interface:
		g.refuse(node, "indexes a value whose type is a type parameter; call a function that does it")
	}
}

// within guards x[i]. The checker has already refused constant indices that are out of an array's bounds.
func (g *guarding) within(x, i ast.Expr) {
	index := g.info.Types[i]
	if index.Value != nil {
		if n, ok := constant.Int64Val(constant.ToInt(index.Value)); ok && !isArray(g.info.Types[x].Type) {
			g.add(binary(g.lengthOf(x), token.GTR, number(n)))
		}
		return
	}
	if n, ok := g.fromEnd(x, i); ok {
		g.add(binary(g.lengthOf(x), token.GTR, number(n-1)))
		return
	}
	if basic, ok := index.Type.Underlying().(*types.Basic); !ok || basic.Kind() != types.Int {
		g.refuse(i, "is an index of type %s; convert it to int, so that it can be compared with the length", index.Type)
		return
	}
	g.add(binary(i, token.GEQ, number(0)))
	g.add(binary(i, token.LSS, g.lengthOf(x)))
}

// fromEnd returns n where the index is len(x)-n.
func (g *guarding) fromEnd(x, i ast.Expr) (n int64, ok bool) {
	difference, ok := ast.Unparen(i).(*ast.BinaryExpr)
	if !ok || difference.Op != token.SUB || exprText(difference.X) != "len("+exprText(x)+")" {
		return 0, false
	}
	n, ok = constantInt(g.info.Types[difference.Y])
	return n, ok && n > 0
}

func isArray(t types.Type) bool {
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		t = pointer.Elem()
	}
	_, ok := t.Underlying().(*types.Array)
	return ok
}

// slice guards x[low:high] with constant bounds.
func (g *guarding) slice(node *ast.SliceExpr) {
	if _, ok := g.info.Types[node.X].Type.Underlying().(*types.Pointer); ok {
		g.notNil(node.X)
	}
	longest := int64(0)
	for _, bound := range []ast.Expr{node.Low, node.High, node.Max} {
		if bound == nil {
			continue
		}
		n, ok := constantInt(g.info.Types[bound])
		if !ok {
			g.refuse(bound, "is a slice bound that is not constant; call a function that slices")
			return
		}
		longest = max(longest, n)
	}
	if longest > 0 && !isArray(g.info.Types[node.X].Type) {
		g.add(binary(g.lengthOf(node.X), token.GEQ, number(longest)))
	}
}

func constantInt(tv types.TypeAndValue) (int64, bool) {
	if tv.Value == nil {
		return 0, false
	}
	return constant.Int64Val(constant.ToInt(tv.Value))
}
