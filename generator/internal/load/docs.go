package load

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
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
	src, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(src, []byte(deprecatedMark)) || !bytes.Contains(src, []byte(name)) {
		return nil
	}
	file, parsed := u.documented[path]
	if !parsed {
		// What does not parse has been reported, or is another module's business.
		file, _ = parser.ParseFile(token.NewFileSet(), path, src, parser.ParseComments|parser.SkipObjectResolution)
		u.documented[path] = file
	}
	return file
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
