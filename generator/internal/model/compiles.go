package model

import (
	"go/ast"
	"go/types"
	"strings"
)

// compiles reports the type errors in a declaration. Bodies are not checked, and errors elsewhere do not matter.
func (p *planner) compiles(node ast.Node, what string) bool {
	if node == nil { // it is another package's, or a type's without a place of its own
		return true
	}
	for _, err := range p.pkg.TypeErrors {
		continued := strings.HasPrefix(err.Msg, "\t") // the rest of the error before
		if node.Pos() <= err.Pos && err.Pos < node.End() && !continued {
			p.broken = true
			p.report(p.position(err.Pos), "%s cannot be wrapped: %s", what, p.cause(err))
		}
	}
	return !p.broken
}

// invalid reports a declaration that names a type which the checker does not know, though it found nothing wrong.
func (p *planner) invalid(node ast.Node, what string) {
	p.broken = true
	if node == nil {
		p.report(p.site.Directive.Pos, "%s cannot be wrapped: %s", what, "the package that declares it has errors")
		return
	}
	for _, name := range qualifiers(node) {
		if reason := p.notImported(name); reason != "" {
			p.report(p.site.Directive.Pos, "%s cannot be wrapped: %s", what, reason)
			return
		}
	}
	p.report(p.site.Directive.Pos, "%s cannot be wrapped: %s", what, "one of its types is not known; see what it imports")
}

// cause says what is behind a type error: the name of a package that is not found is undefined, which helps nobody.
func (p *planner) cause(err types.Error) string {
	if name, undefined := strings.CutPrefix(err.Msg, "undefined: "); undefined {
		if reason := p.notImported(name); reason != "" {
			return reason
		}
	}
	return err.Msg
}

// notImported says why the package that a file calls name is not found, or nothing. What a package calls itself is not
// known then; most have a word of their path for a name.
func (p *planner) notImported(name string) string {
	var specs []*ast.ImportSpec
	for _, file := range p.pkg.Files {
		specs = append(specs, file.Imports...)
	}
	for _, spec := range specs {
		if reason := p.importFault(spec); reason != "" && mayBeCalled(spec, name) {
			return reason
		}
	}
	return ""
}

func mayBeCalled(spec *ast.ImportSpec, name string) bool {
	if spec.Name != nil {
		return spec.Name.Name == name
	}
	return strings.Contains(spec.Path.Value, name)
}

// importFault says why an import is not found, in the words of the go command, or nothing.
func (p *planner) importFault(spec *ast.ImportSpec) string {
	for _, err := range p.pkg.TypeErrors {
		fault, found := strings.CutPrefix(err.Msg, "could not import ")
		if path, reason, explained := strings.Cut(fault, " ("); found && explained && spec.Pos() <= err.Pos && err.Pos < spec.End() {
			return path + " is not found: " + strings.TrimSuffix(reason, ")")
		}
	}
	return ""
}

// qualifiers returns the names before the dots in a declaration, those of packages among them.
func qualifiers(node ast.Node) []string {
	var names []string
	ast.Inspect(node, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if id, ok := selector.X.(*ast.Ident); ok {
				names = append(names, id.Name)
			}
		}
		return true
	})
	return names
}
