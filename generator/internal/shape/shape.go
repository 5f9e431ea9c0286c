// Package shape recognises calls of language models by the types in their signatures.
//
// It is what opikgen knows where no preset says it: that a struct with the fields PromptTokens and CompletionTokens
// counts tokens, that Messages are an input, that a type with the methods Next, Current and Err is a stream. The rules
// are numbered R1 to R16, the kinds of stream S1 to S7, and what was found by which is told, so that nobody has to
// guess. The package only reads types: the same signature gives the same answer, and no type makes it fail.
package shape

import (
	"go/types"
	"slices"
	"strings"
)

// Value is a parameter or a result of a call.
type Value struct {
	Name     string // what an expression calls it
	Type     types.Type
	Failure  bool // an error result
	Variadic bool
}

// Call is a call to be judged.
type Call struct {
	Package *types.Package // of the generated file: what only it can select is found there
	Name    string
	Self    types.Type // that it is a method of; nil for others
	Params  []Value
	Results []Value
	Context func(types.Type) bool // reports whether a parameter carries a context
	Tracked func(types.Type) bool // reports whether a result is wrapped again; nil for never
	Data    func(types.Type) bool // reports whether a value says something to who reads a trace
	Known   *Memory               // of calls to which the same types say the same; may be nil

	Scope func(*types.Package) *types.Scope // all that a package declares; nil for its own scope
}

// Fact is something to record: an argument as in a directive, and the rule that found it.
type Fact struct {
	Key, Expr string
	Rule      string
}

// maxDepth bounds every search: how many fields an expression may go through.
const maxDepth = 4

// separators stand between the words of names. A Replacer takes longer to make than to use.
var separators = strings.NewReplacer("_", "", "-", "", ".", "")

// normal returns a name without underscores, dashes and capitals, as names are compared.
func normal(name string) string {
	return strings.ToLower(separators.Replace(name))
}

// deref follows pointers, and tells how many there were.
func deref(t types.Type) (elem types.Type, pointers int) {
	for pointers < maxDepth {
		pointer, ok := types.Unalias(t).(*types.Pointer)
		if !ok {
			break
		}
		t = pointer.Elem()
		pointers++
	}
	return t, pointers
}

// structOf returns the struct that t is or points to, or nil.
func structOf(t types.Type) *types.Struct {
	elem, _ := deref(t)
	structure, _ := elem.Underlying().(*types.Struct)
	return structure
}

func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// basicInfo returns what kind of basic type t is, or points to.
func basicInfo(t types.Type) types.BasicInfo {
	elem, _ := deref(t)
	basic, ok := elem.Underlying().(*types.Basic)
	if !ok {
		return 0
	}
	return basic.Info()
}

func isString(t types.Type) bool { return basicInfo(t)&types.IsString != 0 }

func isNumber(t types.Type) bool { return basicInfo(t)&(types.IsInteger|types.IsFloat) != 0 }

// isNamed reports whether t is the type path.name, under whatever alias and with whatever type arguments.
func isNamed(t types.Type, path, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path && named.Obj().Name() == name
}

// machinery are packages whose types no search enters: they hold connections, headers and instants, never counts.
var machinery = []string{"net/http", "time", "encoding/json", "context", "sync", "sync/atomic", "io", "github.com/aws/smithy-go/middleware"}

func isMachinery(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && slices.Contains(machinery, named.Obj().Pkg().Path())
}
