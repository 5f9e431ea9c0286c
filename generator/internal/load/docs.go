package load

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"

	"golang.org/x/tools/go/packages"
)

// deprecatedMark stands in each file that calls something deprecated. Of other packages only those are looked at: their
// types may come from export data, which has no comments, and of all these say this alone is carried over.
const deprecatedMark = "Deprecated: "

// docsOf returns the doc comments of another package's type, under the empty name, and of the methods that are declared
// for it, as far as they stand in files that call something deprecated.
func (u *universe) docsOf(pkg *packages.Package, name string) map[string]*ast.CommentGroup {
	docs := make(map[string]*ast.CommentGroup)
	for _, path := range pkg.GoFiles {
		if file := u.deprecating(path, name); file != nil {
			addDocs(docs, file, name)
		}
	}
	return docs
}

// deprecating returns the syntax of a file that calls something deprecated and mentions a name, or nil.
func (u *universe) deprecating(path, name string) *ast.File {
	if file, known := u.documented[path]; known {
		return file
	}
	src, err := os.ReadFile(path)
	marked := err == nil && bytes.Contains(src, []byte(deprecatedMark))
	if marked && !bytes.Contains(src, []byte(name)) {
		return nil
	}
	u.documented[path] = nil
	if marked {
		// What does not parse has been reported, or is another module's business.
		u.documented[path], _ = parser.ParseFile(token.NewFileSet(), path, src, parser.ParseComments|parser.SkipObjectResolution)
	}
	return u.documented[path]
}

func addDocs(docs map[string]*ast.CommentGroup, file *ast.File, name string) {
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			addMethodDoc(docs, decl, name)
		case *ast.GenDecl:
			addTypeDocs(docs, decl, name)
		}
	}
}

// addEmbeddedDocs adds the doc comments of the methods that a type has because it embeds types of other packages.
func (b *siteBuilder) addEmbeddedDocs(site *Site, object *types.TypeName) {
	known := make(map[*types.TypeName]map[string]*ast.CommentGroup)
	for selection := range types.NewMethodSet(methodHolder(object.Type())).Methods() {
		method := selection.Obj().(*types.Func)
		owner := ownerOf(method)
		if owner == nil || owner == object || owner.Pkg().Path() == b.unit.PkgPath {
			continue
		}
		if _, asked := known[owner]; !asked {
			known[owner] = b.docsOf(owner)
		}
		if doc := known[owner][method.Name()]; doc != nil {
			site.setDoc(method.Name(), doc)
		}
	}
}

// docsOf returns the doc comments of another package's type and of its methods.
func (b *siteBuilder) docsOf(object *types.TypeName) map[string]*ast.CommentGroup {
	if pkg := b.list.reached(object.Pkg().Path()); pkg != nil {
		return b.universe.docsOf(pkg, object.Name())
	}
	return nil
}

// methodHolder returns the type whose method set holds all methods of t.
func methodHolder(t types.Type) types.Type {
	if types.IsInterface(t) {
		return t
	}
	return types.NewPointer(t)
}

// ownerOf returns the name of the type that declares a method, or nil for one without a name or of no package.
func ownerOf(method *types.Func) *types.TypeName {
	t := method.Signature().Recv().Type()
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		return named.Obj()
	}
	return nil
}

func (s *Site) setDoc(method string, doc *ast.CommentGroup) {
	if s.Docs == nil {
		s.Docs = make(map[string]*ast.CommentGroup)
	}
	s.Docs[method] = doc
}

func addMethodDoc(docs map[string]*ast.CommentGroup, decl *ast.FuncDecl, name string) {
	if decl.Recv == nil {
		return
	}
	if receiver := receiverName(decl); receiver != nil && receiver.Name == name {
		docs[decl.Name.Name] = decl.Doc
	}
}

// addTypeDocs adds the doc comments of a type and of an interface's own methods.
func addTypeDocs(docs map[string]*ast.CommentGroup, decl *ast.GenDecl, name string) {
	for _, spec := range decl.Specs {
		spec, ok := spec.(*ast.TypeSpec)
		if !ok || spec.Name.Name != name {
			continue
		}
		docs[""] = spec.Doc
		if spec.Doc == nil && !decl.Lparen.IsValid() {
			docs[""] = decl.Doc
		}
		if iface, ok := spec.Type.(*ast.InterfaceType); ok {
			addInterfaceDocs(docs, iface)
		}
	}
}

func addInterfaceDocs(docs map[string]*ast.CommentGroup, iface *ast.InterfaceType) {
	for _, method := range iface.Methods.List {
		for _, id := range method.Names {
			docs[id.Name] = method.Doc
		}
	}
}
