package directive

import (
	"fmt"
	"go/ast"
	"go/token"
)

// Placed is a directive with what it stands over.
type Placed struct {
	Directive
	Doc *ast.CommentGroup // that the directive is part of

	// Node is the *ast.FuncDecl, the *ast.TypeSpec or, for a method of an interface, the *ast.Field. A [Wrap]
	// stands for itself and has none.
	Node ast.Node

	// Owner is the declaration of the interface that a *ast.Field belongs to.
	Owner *ast.TypeSpec
}

// Place reads all directives of a file, in source order, and finds the declarations under them. A directive that
// stands over nothing it can be about is a diagnostic and not in the result.
func Place(fset *token.FileSet, file *ast.File) ([]Placed, []Diagnostic) {
	p := placer{fset: fset, file: file, spots: spotsOf(file)}
	for _, group := range file.Comments {
		p.group(group)
	}
	return p.placed, p.diagnostics
}

// placer collects the directives of one file.
type placer struct {
	fset        *token.FileSet
	file        *ast.File
	spots       map[*ast.CommentGroup]spot
	placed      []Placed
	diagnostics []Diagnostic
}

func (p *placer) group(group *ast.CommentGroup) {
	directives, diagnostics := Parse(p.fset, group)
	p.diagnostics = append(p.diagnostics, diagnostics...)
	var over *Directive // the first one about the declaration below
	for _, d := range directives {
		if d.Verb == Wrap {
			p.placed = append(p.placed, Placed{Directive: d, Doc: group})
			continue
		}
		if over != nil {
			p.report(d.Pos, fmt.Sprintf("%s%s stands beside %s%s: keep one of them", prefix, d.Verb, prefix, over.Verb))
			continue
		}
		over = &d
		p.place(d, group)
	}
}

func (p *placer) place(d Directive, group *ast.CommentGroup) {
	place, found := p.spots[group]
	if !found {
		place.refusal = p.floating(group)
	}
	if place.refusal != "" {
		p.report(d.Pos, fmt.Sprintf("%s%s %s", prefix, d.Verb, place.refusal))
		return
	}
	p.placed = append(p.placed, Placed{Directive: d, Doc: group, Node: place.node, Owner: place.owner})
}

func (p *placer) report(pos token.Position, message string) {
	p.diagnostics = append(p.diagnostics, Diagnostic{Pos: pos, Message: message})
}

// floating says why a comment that belongs to no declaration does not.
func (p *placer) floating(group *ast.CommentGroup) string {
	if group.Pos() < p.file.Package {
		return overPackage
	}
	for _, decl := range p.file.Decls {
		if decl.End() <= group.Pos() {
			continue
		}
		if decl.Pos() < group.Pos() {
			return "stands inside " + describe(decl) + ": put it on the line above a declaration"
		}
		return fmt.Sprintf("is separated from %s on line %d: remove what is between them, or the directive",
			describe(decl), p.fset.PositionFor(decl.Pos(), false).Line)
	}
	return "is followed by no declaration: put it on the line above the one it is about"
}

// describe names a declaration as a reader would.
func describe(decl ast.Decl) string {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		return "func " + decl.Name.Name
	case *ast.GenDecl:
		if name := firstName(decl); name != "" {
			return decl.Tok.String() + " " + name
		}
		return "the " + decl.Tok.String() + " declaration"
	}
	return "a declaration"
}

// firstName returns the name that a declaration of a single one introduces.
func firstName(decl *ast.GenDecl) string {
	if len(decl.Specs) != 1 {
		return ""
	}
	switch spec := decl.Specs[0].(type) {
	case *ast.TypeSpec:
		return spec.Name.Name
	case *ast.ValueSpec:
		return spec.Names[0].Name
	}
	return ""
}
