package model

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// explain turns what the type checker says about an expression into a finding with a suggestion.
func (s *scope) explain(err error, fset *token.FileSet, node ast.Expr, info *types.Info) *flaw {
	found := &flaw{message: err.Error()}
	failure, ok := errors.AsType[types.Error](err)
	if !ok {
		return found
	}
	found.offset, found.message = fset.Position(failure.Pos).Offset, failure.Msg
	for _, id := range identifiers(node) {
		if id.Pos() == failure.Pos && strings.HasPrefix(failure.Msg, "undefined: ") {
			found.message = "there is no parameter, result or package called " + id.Name + didYouMean(id.Name, s.names())
		}
	}
	ast.Inspect(node, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok && selector.Sel.Pos() == failure.Pos {
			found.message += didYouMean(selector.Sel.Name, s.members(info.Types[selector.X].Type))
		}
		return true
	})
	return found
}

// members lists the fields and methods that the package can select from a value of type t.
func (s *scope) members(t types.Type) []string {
	if t == nil {
		return nil
	}
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		t = pointer.Elem()
	}
	var found []types.Object
	if structure, ok := t.Underlying().(*types.Struct); ok {
		for field := range structure.Fields() {
			found = append(found, field)
		}
	}
	for method := range types.NewMethodSet(methodHolder(t)).Methods() {
		found = append(found, method.Obj())
	}
	var selectable []string
	for _, obj := range found {
		if obj.Exported() || obj.Pkg() != nil && obj.Pkg().Path() == s.pkg.Path() {
			selectable = append(selectable, obj.Name())
		}
	}
	slices.Sort(selectable)
	return selectable
}

// methodHolder returns the type whose method set holds all methods that a variable of type t has.
func methodHolder(t types.Type) types.Type {
	if types.IsInterface(t) {
		return t
	}
	return types.NewPointer(t)
}
