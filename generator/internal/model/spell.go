package model

import (
	"go/ast"
	"go/types"
	"strings"
)

// spellable reports a declaration whose types the generated file could not write.
func (p *planner) spellable(node ast.Node, what string, t types.Type) {
	for obj := range mentions(t) {
		if obj == invalidType {
			p.invalid(node, what)
			return
		}
		if reason := p.unspellable(obj); reason != "" {
			p.report(p.site.Directive.Pos, "%s cannot be wrapped: its signature names %s", what, reason)
			return
		}
	}
}

// reasonAgainst says why this package cannot write a type, or nothing. What is wrong with a type that is not known is
// said elsewhere.
func (b *builder) reasonAgainst(t types.Type) string {
	for obj := range mentions(t) {
		if reason := b.unspellable(obj); obj != invalidType && reason != "" {
			return reason
		}
	}
	return ""
}

// unspellable says why this package cannot write obj, not even by another name, or nothing.
func (b *builder) unspellable(obj types.Object) string {
	if b.spellings.of(obj) != nil {
		return ""
	}
	return b.outOfSight(obj)
}

// outOfSight says why this package cannot name obj itself, or nothing.
func (b *builder) outOfSight(obj types.Object) string {
	switch pkg := obj.Pkg(); {
	case pkg == nil:
		return b.hidden(obj)
	case pkg.Path() == b.pkg.Types.Path():
		return ""
	case !obj.Exported():
		return obj.Name() + ", which package " + pkg.Path() + " does not export"
	case !importable(b.pkg.Types.Path(), pkg.Path()):
		return obj.Name() + " of package " + pkg.Path() + ", which this package may not import"
	default:
		return ""
	}
}

// hidden says that the package declares a name that means something predeclared where the type was written.
func (b *builder) hidden(obj types.Object) string {
	if !b.declares(obj.Name()) {
		return ""
	}
	return "the predeclared type " + obj.Name() + ", but this package declares another " + obj.Name()
}

// declares reports whether the package itself declares a name.
func (b *builder) declares(name string) bool { return b.pkg.Types.Scope().Lookup(name) != nil }

// importable follows the go command's rule on folders called internal.
func importable(from, path string) bool {
	if strings.HasPrefix(path, "vendor/") {
		return false
	}
	from = strings.TrimSuffix(from, "_test")
	root, _, found := cutInternal(path)
	return !found || from == root || strings.HasPrefix(from, root+"/")
}

// cutInternal returns what stands before the last path element "internal".
func cutInternal(path string) (root, rest string, found bool) {
	if !strings.Contains(path, "internal") { // as hardly any does
		return path, "", false
	}
	elements := strings.Split(path, "/")
	for i := len(elements) - 1; i >= 0; i-- {
		if elements[i] == "internal" {
			return strings.Join(elements[:i], "/"), strings.Join(elements[i+1:], "/"), true
		}
	}
	return path, "", false
}
