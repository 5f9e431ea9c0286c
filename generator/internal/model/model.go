// Package model decides what a generated file says.
//
// [Build] takes one package with its directives and returns a [File]: which declarations get a wrapper, what the
// wrapper is called, which of its lines capture what, and which name every import, parameter and variable has. What
// comes out are plain structs that the emitter prints without a decision of its own.
package model

import (
	"go/token"
	"go/types"
	"slices"
)

// RuntimePath is the import path of the runtime that generated code calls.
const RuntimePath = "github.com/opikgen/opikgen/runtime"

// Generation is the constant of the runtime that a generated file names, so that a file and a runtime that do not
// fit each other fail the build.
const Generation = "Generation1"

// File is one generated file.
type File struct {
	Package    string   // of the package clause
	Constraint string   // the //go:build expression, or empty
	Sources    []string // base names of the files that hold the directives
	Runtime    string   // what the runtime is imported as
	Imports    []Import // all that the file needs, by path
	Decls      []Decl   // in source order

	own        *types.Package
	packages   map[string]string // import path to local name
	typeParams map[*types.TypeParam]string
	lengths    lengths
	locks      *locks
	spellings  spellings
}

// Import is one import of the file.
type Import struct {
	Path, Name string
	Explicit   bool // the name has to be written
}

// Decl is what one directive becomes: a [*Func] or a [*Wrapper].
type Decl interface{ decl() }

// Wrapper is a type that holds an interface or a pointer to a struct, and has a tracking method for each of its
// methods.
type Wrapper struct {
	Site                      token.Position // of the directive
	Doc                       []string
	Name                      string
	TypeParams                []TypeParam
	Inner                     types.Type // what it holds: the interface, or the pointer
	Interface                 bool       // Inner is an interface, so that the wrapper can be checked against it
	NoNil                     bool       // the check has to do without nil, because the package declares another one
	Field                     string     // that holds Inner
	Alias                     string     // by which Inner is embedded, where it has a method of its own name; otherwise empty
	Embedded                  bool       // the field is, for an interface that only its own package can implement
	Recv                      Recv       // of its methods
	Param                     string     // of the constructor
	Constructor, Unwrap       string     // their names
	ConstructorDoc, UnwrapDoc []string
	Provider                  *Provider // nil for what is no client of models
	Methods                   []*Func
}

// Func is one generated function or method.
type Func struct {
	Site       token.Position // of the directive
	Target     string         // what is called, as a reader knows it: "answer", "Completer.Complete"
	Doc        []string       // the lines of the doc comment, without slashes
	Recv       *Recv          // nil for a function
	Name       string
	TypeParams []TypeParam // of a function
	Params     []Param
	Results    []Param
	Named      bool     // the results have their names in the signature
	Naked      bool     // and are returned without being copied, because one holds a lock
	Callee     string   // "answer", "t.inner.Complete"
	TypeArgs   []string // of the callee
	Rewraps    []Rewrap
	Span       *Span  // nil where the call is handed on untracked
	Untracked  string // why it is
}

// Recv is the receiver of a generated method.
type Recv struct {
	Name, Type string
	Pointer    bool
	TypeParams []string
}

// TypeParam is one type parameter of a generated declaration.
type TypeParam struct {
	Name       string
	Constraint types.Type
}

// Param is one parameter or result.
type Param struct {
	Name     string
	Type     types.Type // of a variadic parameter: the slice
	Variadic bool
}

// Span is what a tracked call records.
type Span struct {
	Var             string // the variable that holds the span
	Start           string // the runtime's function that starts it
	Context         string // the expression it is started under
	Replaced        string // the variable that takes what Start returns, or "_"
	Name            string
	Type            string // the runtime's constant, or empty for a general span
	Project         string
	Preset          string // its name, or empty
	PresetReason    string // why the call has it: "is example.com/llm.Model.Chat"
	Shape           string // what the shape rules found, and by which: "R1 output.Usage"
	NoDuplicateRoot bool
	Flush           bool
	Before, After   []Line   // around the call
	Switches        []Switch // after the call, on what results hold
	Errors          []string // the variables of the error results
	Stream          *Stream  // nil where the call is over when it returns
	Direction       string   // of the headers that join this process's spans to those of another: in, out, or empty
	Incoming        *Headers // what Context is extended by, or nil
	Outgoing        *Headers // what is replaced before the call, or nil
	Skipped         bool     // where nothing is recorded, the call is all that there is to do
}

// Headers is a parameter that holds the headers of a trace.
type Headers struct {
	Call    string // the runtime's function that takes a context and the parameter
	Context string // the variable that holds the span's context
	Var     string // of the parameter
}

// Switch says what is captured of a variable, by the type of what it holds.
type Switch struct {
	Var   string
	Cases []Case
}

// Line is one captured fact.
type Line struct {
	Guard  string // the condition under which Args can be evaluated, or empty
	Method bool   // Call is a method of the span, not a function of the runtime that takes it
	Call   string
	Args   []string // Go expressions
	Chosen bool     // it is the program's choice, if there is one
}

func (*Func) decl()    {}
func (*Wrapper) decl() {}

// Calls returns all calls of the file, tracked or not, in order.
func (f *File) Calls() []*Func {
	var all []*Func
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *Func:
			all = append(all, decl)
		case *Wrapper:
			all = append(all, decl.Methods...)
		}
	}
	return all
}

// Lines returns all lines of the span: around the call, in its switches, and of its stream.
func (s *Span) Lines() []Line {
	lines := slices.Concat(s.Before, s.After)
	for _, on := range s.Switches {
		lines = append(lines, caseLines(on.Cases)...)
	}
	if s.Stream == nil {
		return lines
	}
	return slices.Concat(lines, s.Stream.Each.Lines, s.Stream.Done.Lines, caseLines(s.Stream.Each.Cases))
}

func caseLines(cases []Case) []Line {
	var lines []Line
	for _, c := range cases {
		lines = append(lines, c.Lines...)
	}
	return lines
}

// PackageName returns what the file calls pkg, which is nothing for its own package.
func (f *File) PackageName(pkg *types.Package) string {
	if pkg == nil {
		return ""
	}
	return f.packages[pkg.Path()]
}

// TypeName returns by what package and name the file writes a declared or predeclared type. The package is empty
// where none stands before the name.
func (f *File) TypeName(obj *types.TypeName) (pkg, name string) {
	if f.spellings.builder == nil {
		return f.PackageName(obj.Pkg()), obj.Name()
	}
	if other, ok := f.spellings.of(obj).(*types.TypeName); ok {
		obj = other
	}
	if obj == anyType && f.own.Scope().Lookup("any") != nil {
		return "", "interface{}"
	}
	return f.PackageName(obj.Pkg()), obj.Name()
}

// ArrayLength spells the length of an array type.
func (f *File) ArrayLength(array *types.Array) string { return f.lengths.spell(array, f.PackageName) }

// TypeParamName returns what the file calls a type parameter, which is not the source's name where that is blank.
func (f *File) TypeParamName(param *types.TypeParam) string {
	if name, ok := f.typeParams[param]; ok {
		return name
	}
	return param.Obj().Name()
}
