package model

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// parse parses an expression, with what resp stands for put in its place.
func (s *scope) parse(source string) (ast.Expr, *token.FileSet, *flaw) {
	node, fset, found := parseExpr(source)
	if found != nil || s.response == "" {
		return node, fset, found
	}
	expanded := s.expand(node, source)
	if expanded == source {
		return node, fset, nil
	}
	return parseExpr(expanded)
}

// expand puts the response where resp is named.
func (s *scope) expand(node ast.Expr, source string) string {
	places := identifiers(node)
	slices.SortFunc(places, func(a, b *ast.Ident) int { return int(b.Pos() - a.Pos()) }) // from the end
	for _, id := range places {
		if id.Name == "resp" && s.values["resp"] == nil {
			at := int(id.Pos()) - 1
			source = source[:at] + s.response + source[at+len("resp"):]
		}
	}
	return source
}

// checkType reads the name of a type.
func (s *scope) checkType(source string) (types.Type, *flaw) {
	node, fset, found := parseExpr(source)
	if found != nil {
		return nil, found
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	scratch, _ := s.scratch(identifiers(node))
	if err := types.CheckExpr(fset, scratch, token.NoPos, node, info); err != nil {
		return nil, s.explain(err, fset, node, info)
	}
	if !info.Types[node].IsType() {
		return nil, &flaw{message: source + " is no type; the type is expected that elements add up to"}
	}
	return info.Types[node].Type, nil
}
