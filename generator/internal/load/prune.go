package load

import (
	"go/ast"
	"go/token"
)

// dropBodies empties the bodies of all functions, which a declaration's type never depends on. The braces stay: a
// generic function without a body is an error.
func dropBodies(file *ast.File) {
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
			fn.Body.List = nil
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				lit.Body.List = nil
			}
			return true
		})
	}
}

// prune removes from the files of an imported package, whose bodies have been dropped, what its exported declarations
// do not depend on, and with it most of the reasons to read further packages.
func prune(files []*ast.File) {
	p := pruner{byName: make(map[string][]*piece)}
	for _, file := range files {
		p.split(file)
	}
	for _, piece := range p.pieces {
		if piece.exported && !piece.kept {
			p.keep(piece)
		}
	}
	for _, file := range files {
		file.Decls = file.Decls[:0]
	}
	for _, piece := range p.pieces {
		if piece.kept {
			piece.file.Decls = append(piece.file.Decls, piece.decl)
		}
	}
}

// piece is a declaration that is kept or removed as a whole.
type piece struct {
	file     *ast.File
	decl     ast.Decl
	exported bool
	kept     bool
}

// pruner finds out which pieces of a package depend on which.
type pruner struct {
	pieces []*piece
	byName map[string][]*piece // what is needed along with a name: its declaration, and the methods of a type
}

// split cuts a file into pieces: a group of constants is one, since the values count on; of everything else each
// element is one.
func (p *pruner) split(file *ast.File) {
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			p.add(file, decl)
		case *ast.GenDecl:
			p.splitGroup(file, decl)
		}
	}
}

func (p *pruner) splitGroup(file *ast.File, decl *ast.GenDecl) {
	if decl.Tok == token.CONST || decl.Tok == token.IMPORT {
		p.add(file, decl)
		return
	}
	for _, spec := range decl.Specs {
		if variable, ok := spec.(*ast.ValueSpec); ok {
			dropValues(variable)
		}
		p.add(file, &ast.GenDecl{TokPos: decl.TokPos, Tok: decl.Tok, Specs: []ast.Spec{spec}})
	}
}

// add adds a piece, which is needed along with the names it declares or, if it is a method, with its receiver's.
func (p *pruner) add(file *ast.File, decl ast.Decl) {
	added := &piece{file: file, decl: decl, exported: isImport(decl)}
	p.pieces = append(p.pieces, added)
	for _, name := range declaredNames(decl) {
		p.byName[name.Name] = append(p.byName[name.Name], added)
		added.exported = added.exported || name.IsExported()
	}
	if method, ok := decl.(*ast.FuncDecl); ok && method.Recv != nil {
		if base := receiverName(method); base != nil {
			p.byName[base.Name] = append(p.byName[base.Name], added)
		}
	}
}

func isImport(decl ast.Decl) bool {
	group, ok := decl.(*ast.GenDecl)
	return ok && group.Tok == token.IMPORT
}

// declaredNames returns the names that a declaration adds to the package.
func declaredNames(decl ast.Decl) []*ast.Ident {
	var names []*ast.Ident
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil {
			names = append(names, decl.Name)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			names = append(names, specNames(spec)...)
		}
	}
	return names
}

func specNames(spec ast.Spec) []*ast.Ident {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []*ast.Ident{spec.Name}
	case *ast.ValueSpec:
		return spec.Names
	}
	return nil
}

// dropValues removes from variables what their types do not depend on.
func dropValues(spec *ast.ValueSpec) {
	if spec.Type != nil {
		spec.Values = nil
	}
	for _, value := range spec.Values {
		dropElements(value)
	}
}

// dropElements empties a composite literal, unless they say how long an array is.
func dropElements(value ast.Expr) {
	if address, ok := value.(*ast.UnaryExpr); ok {
		value = address.X
	}
	literal, ok := value.(*ast.CompositeLit)
	if !ok {
		return
	}
	if array, ok := literal.Type.(*ast.ArrayType); ok && array.Len != nil {
		return
	}
	literal.Elts = nil
}

// keep marks a piece and all that the names in it may stand for.
func (p *pruner) keep(first *piece) {
	first.kept = true
	for waiting := []*piece{first}; len(waiting) > 0; {
		next := waiting[len(waiting)-1]
		waiting = append(waiting[:len(waiting)-1], p.needed(next)...)
	}
}

// needed marks what the names in a piece may stand for, and returns what was not marked before.
func (p *pruner) needed(by *piece) []*piece {
	var fresh []*piece
	for _, name := range names(by.decl) {
		for _, needed := range p.byName[name] {
			if !needed.kept {
				needed.kept = true
				fresh = append(fresh, needed)
			}
		}
	}
	return fresh
}

// names returns the identifiers in a node that may stand for something declared outside it. Some are parameters or
// the like: following those, too, costs a little and is never wrong.
func names(node ast.Node) []string {
	var found []string
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr: // what is selected belongs to the left side
			ast.Inspect(n.X, visit)
			return false
		case *ast.Field: // its name is declared here
			ast.Inspect(n.Type, visit)
			return false
		case *ast.Ident:
			found = append(found, n.Name)
		}
		return true
	}
	ast.Inspect(node, visit)
	return found
}

// receiverName returns the name of the type that a method belongs to, or nil where there is none.
func receiverName(decl *ast.FuncDecl) *ast.Ident {
	if len(decl.Recv.List) == 0 {
		return nil
	}
	expr := decl.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.ParenExpr:
			expr = e.X
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e
		default:
			return nil
		}
	}
}
