package model

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
)

// word decides whether a value stands for itself, and returns it as Go source. It does if it names no parameter and
// no result of any call, and if it is a word with dashes such as text-embedding-3 of which only a part happens to
// be the name of one. No model is called as fields are, request.Model: that is a name that is misspelt.
func (p *planner) word(row *capture, value string, calls []*call) (source string, ok bool) {
	if !row.words {
		return "", false
	}
	if node := p.memory.parses.of(value); node != nil {
		if p.layer.lent && mentionsAlias(node) || p.layer.asksReceiver(node) || slices.ContainsFunc(calls, func(c *call) bool { return p.scope(c).means(node) }) {
			return "", false
		}
		if isConstant(node, row) {
			return value, true
		}
		if row.want == wantText && isField(node) {
			return "", false
		}
	}
	return strconv.Quote(value), true
}

// isField tells a field of something, such as request.Model, from the name of a model, which may have dots as well.
func isField(node ast.Expr) bool {
	selector, ok := node.(*ast.SelectorExpr)
	return ok && selector.Sel.IsExported()
}

// means reports whether an expression is about this call's values, and not a word that looks like one.
func (s *scope) means(node ast.Expr) bool {
	_, dashed := node.(*ast.BinaryExpr)
	return s.mentionsValue(node) && (!dashed || s.knowsAll(node))
}

// isConstant tells literals that keep their kind: quoted strings everywhere, numbers and booleans in metadata.
func isConstant(node ast.Expr, row *capture) bool {
	switch node := node.(type) {
	case *ast.BasicLit:
		return node.Kind == token.STRING || row.want == wantAny && isSmallNumber(node)
	case *ast.Ident:
		return row.want == wantAny && (node.Name == "true" || node.Name == "false")
	default:
		return false
	}
}

// isSmallNumber tells numbers that fit their types. Any other is taken as text.
func isSmallNumber(literal *ast.BasicLit) bool {
	var err error
	switch literal.Kind {
	case token.INT:
		_, err = strconv.ParseInt(literal.Value, 0, 64)
	case token.FLOAT:
		_, err = strconv.ParseFloat(literal.Value, 64)
	default:
		return false
	}
	return err == nil
}
