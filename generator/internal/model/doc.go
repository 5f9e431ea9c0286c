package model

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// declaration is what the source says of one method.
type declaration struct {
	node ast.Node // *ast.FuncDecl, or the *ast.Field of an interface
	doc  *ast.CommentGroup
}

// declarations are those of the methods of a package, of interfaces and of types, by the place of their names.
type declarations map[token.Pos]declaration

func methodDeclarations(files []*ast.File) declarations {
	found := declarations{}
	for _, file := range files {
		ast.Inspect(file, found.visit)
	}
	return found
}

// visit adds a method, and looks for more in everything but functions.
func (found declarations) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		found[n.Name.Pos()] = declaration{n, n.Doc}
		return false
	case *ast.InterfaceType:
		found.addExplicit(n)
	}
	return true
}

func (found declarations) addExplicit(iface *ast.InterfaceType) {
	for _, method := range iface.Methods.List {
		for _, name := range method.Names {
			found[name.Pos()] = declaration{method, method.Doc}
		}
	}
}

// deprecation returns the lines of the paragraph that calls a declaration deprecated.
func deprecation(doc *ast.CommentGroup) []string {
	for paragraph := range strings.SplitSeq(doc.Text(), "\n\n") {
		if strings.HasPrefix(paragraph, "Deprecated: ") {
			return strings.Split(strings.TrimRight(paragraph, "\n"), "\n")
		}
	}
	return nil
}

// withDeprecation appends the paragraph that is carried over.
func withDeprecation(doc string, deprecated []string) []string {
	if len(deprecated) == 0 {
		return []string{doc}
	}
	return append([]string{doc, ""}, deprecated...)
}

// funcDoc is the doc comment of the function generated for c, whose callee is linked.
func funcDoc(c *call, link string) []string {
	if c.span == nil {
		doc := fmt.Sprintf("%s calls [%s] untracked.", c.name, link)
		if c.rewraps() {
			doc = fmt.Sprintf("%s calls [%s] untracked, and wraps what it returns.", c.name, link)
		}
		return withDeprecation(doc, c.deprecated)
	}
	kind := "general"
	for word, constant := range spanTypes {
		if constant == c.span.typ {
			kind = word
		}
	}
	doc := c.name + " calls [" + link + "] in " + article(kind) + " span named " + strconv.Quote(c.span.name)
	if use := c.span.preset; use != nil {
		doc += ", with the preset " + use.preset.Name
	}
	return withDeprecation(doc+".", c.deprecated)
}

// doc is the doc comment of a wrapper, whose wrapped type is linked.
func (w *wrapper) doc(link string) []string {
	if w.iface {
		doc := fmt.Sprintf("%s is %s that reports every call to Opik.", w.name, article("["+link+"]"))
		if w.embedded {
			doc += " Methods that this package cannot write are handed on untracked."
		}
		return withDeprecation(doc, w.deprecated)
	}
	doc := fmt.Sprintf("%s reports every call of the methods of %s to Opik.", w.name, article("["+link+"]"))
	if len(w.leftOut) > 0 {
		doc += fmt.Sprintf(" It leaves out %s: no other package can write their types.", enumerated(w.leftOut))
	}
	if len(w.differing) > 0 {
		doc += fmt.Sprintf(" It leaves out %s: not the same on all platforms.", enumerated(w.differing))
	}
	return withDeprecation(doc, w.deprecated)
}

// enumerated joins names as a sentence does.
func enumerated(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func (w *wrapper) constructorDoc() []string {
	return withDeprecation(w.constructor+" returns inner wrapped so that its calls are spans.", w.deprecated)
}

func (w *wrapper) unwrapDoc() []string {
	held := w.obj.Name()
	if !w.iface {
		held = "*" + held
	}
	return []string{fmt.Sprintf("%s returns the %s that was given to %s.", w.unwrap, held, w.constructor)}
}

// vowel tells the words that take an: an interface, an Upload, but a User, a URL, a Unit, a One, an OnEvent.
var vowel = regexp.MustCompile(`^\[?(?:On[A-Z]|(?i:[ai]|e[^uw]|o[^n]|on[^ce]|up|un[^i]|uni[mn]|llm$))`)

// article puts a or an in front of a word, which may be a doc link.
func article(word string) string {
	if vowel.MatchString(word) {
		return "an " + word
	}
	return "a " + word
}
