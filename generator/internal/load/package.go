package load

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// Module is what the patterns matched.
type Module struct {
	Packages []*Package // by folder, then output
	Orphans  []string   // absolute paths of generated files that no directive asks for any more, sorted

	loader *loader
}

// Again loads the module once more where it is not what it should be, and returns nil where it is. It is to be called
// when the module has been looked at, until it returns nil or an error: more may have been looked for in dependencies
// than had been read of them, and the go command, which is waited for, may say something else than the last time.
func (m *Module) Again(ctx context.Context) (*Module, []directive.Diagnostic, error) {
	l := m.loader
	if slices.ContainsFunc(l.cuts, (*Cut).hasMissed) {
		l.whole = true
		l.say("more was looked for in dependencies than their users name: reading all of them")
		return l.attempt(ctx)
	}
	changed, err := l.settle(ctx)
	if err != nil || !changed {
		return nil, nil, err
	}
	return l.finish(ctx)
}

// Package is what goes into one generated file: a package's directives under one build constraint, in its tests or
// outside them.
type Package struct {
	Path, Name, Dir string
	Module          string // path of the module that the package is of
	Output          string // absolute path of the file to generate
	Constraint      string // the //go:build expression of the sources, or empty
	Test            bool   // the sources are _test.go files

	Fset       *token.FileSet
	Files      []*ast.File   // of the whole package but for this tool's output; bodies dropped, comments kept
	Info       *types.Info   // of Files: Types, Instances, Defs, Uses, Implicits and Scopes
	TypeErrors []types.Error // in Files, by file name, then offset

	// Types is the package as Files declare it. A wrapper type that they mention and that is still to be generated
	// has a placeholder in it, whose position is in a generated file and thus in none of Files.
	Types *types.Package
	Cut   *Cut // what was left out of the packages that it imports

	Sources []string // base names of the files that hold directives or ask for wraps, sorted
	Sites   []*Site  // by file name, then offset
}

// Kind is what a directive stands over.
type Kind int

// The kinds of sites.
const (
	Func Kind = iota
	Method
	Interface
	Struct
	Wrap
)

// Site is one thing to wrap.
type Site struct {
	Kind      Kind
	Directive directive.Directive
	Object    types.Object // *types.Func of Func and Method, else *types.TypeName
	Instance  types.Type   // of Wrap: what to wrap where the directive gives the type arguments; else nil

	File *ast.File         // that holds the directive
	Doc  *ast.CommentGroup // of the declaration; nil for Wrap
	Node ast.Node          // *ast.FuncDecl or *ast.TypeSpec; nil for Wrap

	// Members holds the directives over single methods of the interface or struct, by method name. They are not
	// merged with Directive.
	Members map[string]directive.Directive

	// Docs holds what comments in other packages say, as far as something in their files is deprecated: for a Wrap of
	// the type, under the empty name, and of its methods, and for every type of the methods that it has by embedding.
	Docs map[string]*ast.CommentGroup

	// LeftOut names the methods of a struct, sorted, that are not the same on all platforms that the wrapper is for,
	// and which it therefore cannot have.
	LeftOut []string

	structs []structType // whose methods the struct has
}
