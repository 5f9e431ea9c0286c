package directive

import (
	"go/ast"
	"go/token"
)

const overPackage = "stands over the package clause: put it on the line above a declaration"

// spot is what a comment group stands over: a node that can be tracked, or the reason why there is none.
type spot struct {
	node    ast.Node
	owner   *ast.TypeSpec
	refusal string // completes a sentence that starts with the directive
}

// surveyor finds the comment groups of a file that belong to declarations.
type surveyor struct {
	spots map[*ast.CommentGroup]spot
}

func spotsOf(file *ast.File) map[*ast.CommentGroup]spot {
	s := surveyor{spots: make(map[*ast.CommentGroup]spot)}
	s.refuse(overPackage, file.Doc)
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			s.accept(decl.Doc, spot{node: decl})
		case *ast.GenDecl:
			s.genDecl(decl)
		}
	}
	return s.spots
}

func (s surveyor) accept(group *ast.CommentGroup, place spot) {
	if group != nil {
		s.spots[group] = place
	}
}

func (s surveyor) refuse(why string, groups ...*ast.CommentGroup) {
	for _, group := range groups {
		s.accept(group, spot{refusal: why})
	}
}

func (s surveyor) genDecl(decl *ast.GenDecl) {
	switch {
	case decl.Tok != token.TYPE:
		s.refuse("stands over "+describe(decl)+": only functions, methods, interfaces and structs can be tracked", decl.Doc)
	case decl.Lparen.IsValid():
		s.refuse("stands over a group of types: put it over one of them, inside the parentheses", decl.Doc)
	default:
		s.accept(decl.Doc, spot{node: decl.Specs[0]})
	}
	for _, spec := range decl.Specs {
		s.spec(spec, decl.Tok)
	}
}

func (s surveyor) spec(spec ast.Spec, tok token.Token) {
	const behind = "stands behind a declaration: put it on the line above"
	switch spec := spec.(type) {
	case *ast.ImportSpec:
		s.refuse("stands over an import: put it on the line above a declaration", spec.Doc, spec.Comment)
	case *ast.ValueSpec:
		s.refuse("stands over a "+tok.String()+": only functions, methods, interfaces and structs can be tracked",
			spec.Doc, spec.Comment)
	case *ast.TypeSpec:
		s.accept(spec.Doc, spot{node: spec})
		s.refuse(behind, spec.Comment)
		s.members(spec)
	}
}

// members looks at the comments inside an interface or a struct.
func (s surveyor) members(owner *ast.TypeSpec) {
	switch typ := ast.Unparen(owner.Type).(type) {
	case *ast.InterfaceType:
		for _, field := range typ.Methods.List {
			s.element(field, owner)
		}
	case *ast.StructType:
		for _, field := range typ.Fields.List {
			s.refuse("stands over a field: put it over the struct or over one of its methods", field.Doc, field.Comment)
		}
	}
}

// element takes the comments of an interface's method, above or behind it.
func (s surveyor) element(field *ast.Field, owner *ast.TypeSpec) {
	if len(field.Names) == 0 {
		s.refuse("stands over an embedded interface: put it over a method, or over the interface as a whole",
			field.Doc, field.Comment)
		return
	}
	s.accept(field.Doc, spot{node: field, owner: owner})
	s.accept(field.Comment, spot{node: field, owner: owner})
}
