package load

import (
	"cmp"
	"go/ast"
	"go/build/constraint"
	"slices"
	"strings"
)

// constraintOf returns the condition under which a file is built, other than being a test, or nil. It is made of the
// file's //go:build line, of what its name implies, and of cgo where the file imports "C".
func constraintOf(base string, file *ast.File) constraint.Expr {
	conditions := conjuncts(buildLine(file))
	tags, _ := nameTags(base)
	if importsC(file) {
		tags = append(slices.Clone(tags), "cgo")
	}
	for _, tag := range tags {
		conditions = append(conditions, &constraint.TagExpr{Tag: tag})
	}
	return conjunction(conditions)
}

// buildLine returns the expression of the //go:build line above the package clause, or nil.
func buildLine(file *ast.File) constraint.Expr {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, comment := range group.List {
			if !constraint.IsGoBuild(comment.Text) {
				continue
			}
			if x, err := constraint.Parse(comment.Text); err == nil {
				return x
			}
		}
	}
	return nil
}

func importsC(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool { return spec.Path.Value == `"C"` })
}

// conjuncts returns the conditions that x joins by &&.
func conjuncts(x constraint.Expr) []constraint.Expr {
	switch x := x.(type) {
	case nil:
		return nil
	case *constraint.AndExpr:
		return append(conjuncts(x.X), conjuncts(x.Y)...)
	}
	return []constraint.Expr{x}
}

// conjunction joins conditions by &&, each once and in a fixed order: files whose constraints differ in spelling
// alone share an output.
func conjunction(conditions []constraint.Expr) constraint.Expr {
	slices.SortStableFunc(conditions, func(a, b constraint.Expr) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.String(), b.String()))
	})
	conditions = slices.CompactFunc(conditions, func(a, b constraint.Expr) bool { return a.String() == b.String() })
	var joined constraint.Expr
	for _, condition := range conditions {
		if joined == nil {
			joined = condition
			continue
		}
		joined = &constraint.AndExpr{X: joined, Y: condition}
	}
	return joined
}

// rank orders conditions as a file name does: system, architecture, other tags, the rest.
func rank(x constraint.Expr) int {
	tag, ok := x.(*constraint.TagExpr)
	switch {
	case !ok:
		return 3
	case slices.Contains(knownSystems, tag.Tag):
		return 0
	case slices.Contains(knownArchs, tag.Tag):
		return 1
	}
	return 2
}

// constraintText is the expression as it goes into a //go:build line, or empty.
func constraintText(x constraint.Expr) string {
	if x == nil {
		return ""
	}
	return x.String()
}

// nameOf writes a constraint with letters, digits and underscores.
func nameOf(x constraint.Expr) string {
	switch x := x.(type) {
	case *constraint.AndExpr:
		return nameOf(x.X) + "_" + nameOf(x.Y)
	case *constraint.OrExpr:
		return nameOf(x.X) + "_or_" + nameOf(x.Y)
	case *constraint.NotExpr:
		return "not_" + nameOf(x.X)
	}
	return strings.Map(fileLetter, x.String())
}

func fileLetter(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}
