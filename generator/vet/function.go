package vet

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// twin is the fact that a function or method is tracked, and what to call in its place.
type twin struct {
	Name     string
	Recovers bool // the function calls recover itself, which does something only where it is deferred directly
}

// AFact makes twin a fact.
func (*twin) AFact() {}

func (t *twin) String() string { return "tracked by " + t.Name }

// function checks a function or method under a directive: its context and, unless the wrapper of its type is where it
// is tracked, its twin.
func (c *checker) function(d directive.Directive, decl *ast.FuncDecl) {
	fn, ok := c.TypesInfo.Defs[decl.Name].(*types.Func)
	if !ok || fn.Name() == "_" || fn.Name() == "init" && decl.Recv == nil {
		return // opikgen says that no code can call it
	}
	if !slices.ContainsFunc(slices.Collect(fn.Signature().Params().Variables()), carriesContext) {
		c.reportf(decl.Name, categoryContext, "tracked %s takes no context: its span has no parent and no children; "+
			"add a parameter ctx context.Context", shortName(fn))
	}
	if receiver := receiverOf(fn); receiver != nil && c.owners[receiver.Obj().Name()] && fn.Exported() {
		return
	}
	name := wanted(d, fn.Name()+"Tracked")
	if fault := c.twinFault(fn, name); fault != "" {
		c.reportf(decl.Name, categoryStale, "%s %s: run go generate", name, fault)
		return
	}
	c.ExportObjectFact(fn, &twin{Name: name, Recovers: c.recovers(decl.Body)})
}

// recovers reports whether a function's body calls recover, other than in a function literal.
func (c *checker) recovers(body *ast.BlockStmt) bool {
	found := false
	if body == nil { // it is written in assembly
		return false
	}
	ast.Inspect(body, func(node ast.Node) bool {
		if id, ok := node.(*ast.Ident); ok && c.TypesInfo.Uses[id] == types.Universe.Lookup("recover") {
			found = true
		}
		_, literal := node.(*ast.FuncLit)
		return !literal && !found
	})
	return found
}

// wanted returns the name that a directive chooses, or otherwise.
func wanted(d directive.Directive, otherwise string) string {
	name, _ := d.Get("as")
	return cmp.Or(name.Value, otherwise)
}

// carriesContext reports whether a parameter tells a span its parent: it is a context, of whatever type, or a request
// that holds one.
func carriesContext(param *types.Var) bool {
	if pointer, ok := types.Unalias(param.Type()).(*types.Pointer); ok && isRequest(pointer.Elem()) {
		return true
	}
	for _, method := range []string{"Deadline", "Done", "Err", "Value"} {
		found, _, _ := types.LookupFieldOrMethod(param.Type(), false, nil, method)
		if _, ok := found.(*types.Func); !ok {
			return false
		}
	}
	return true
}

// isRequest reports whether t is http.Request.
func isRequest(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Request" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "net/http"
}

// twinFault says in what way the twin of fn is stale, or nothing.
func (c *checker) twinFault(fn *types.Func, name string) string {
	switch found := twinOf(fn, name); {
	case found == nil || !c.isOwn(found):
		return "is not generated yet, though " + shortName(fn) + " is tracked"
	case !sameSignature(fn, found):
		return "no longer has the signature of " + shortName(fn)
	}
	return ""
}

// twinOf finds the function, or the method of the same type, that is called name.
func twinOf(fn *types.Func, name string) *types.Func {
	receiver := receiverOf(fn)
	if receiver == nil {
		found, _ := fn.Pkg().Scope().Lookup(name).(*types.Func)
		return found
	}
	found, index, _ := types.LookupFieldOrMethod(receiver, true, fn.Pkg(), name)
	method, ok := found.(*types.Func)
	if !ok || len(index) > 1 {
		return nil
	}
	return method
}

// sameSignature reports whether two functions, or two methods of one type, can stand for each other. Methods of a
// generic type each have type parameters of their own, so they are compared on one instance.
func sameSignature(fn, other *types.Func) bool {
	receiver := receiverOf(fn)
	if receiver == nil {
		return types.Identical(fn.Type(), other.Type())
	}
	on := instance(receiver)
	return isPointer(fn.Signature().Recv().Type()) == isPointer(other.Signature().Recv().Type()) &&
		types.Identical(methodType(on, fn), methodType(on, other))
}

// methodType returns the signature that a method has on one instance of its type.
func methodType(on types.Type, method *types.Func) types.Type {
	found, _, _ := types.LookupFieldOrMethod(on, true, method.Pkg(), method.Name())
	return found.Type()
}

// instance returns a generic type with its own parameters for arguments, and any other type as it is.
func instance(t *types.Named) types.Type { return instanceWith(t, t.TypeParams()) }

// instanceWith returns a type with params for arguments.
func instanceWith(t *types.Named, params *types.TypeParamList) types.Type {
	if params.Len() == 0 {
		return t
	}
	var arguments []types.Type
	for param := range params.TypeParams() {
		arguments = append(arguments, param)
	}
	instance, err := types.Instantiate(nil, t, arguments, false)
	if err != nil {
		return t
	}
	return instance
}

// receiverOf returns the type that a method is declared for, and nil for a function.
func receiverOf(fn *types.Func) *types.Named {
	receiver := fn.Signature().Recv()
	if receiver == nil {
		return nil
	}
	t := types.Unalias(receiver.Type())
	if pointer, ok := t.(*types.Pointer); ok {
		t = types.Unalias(pointer.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok {
		return nil
	}
	return named.Origin()
}

func isPointer(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok
}

// shortName is what a reader calls a function of the package: answer, Agent.Answer.
func shortName(fn *types.Func) string {
	if receiver := receiverOf(fn); receiver != nil {
		return receiver.Obj().Name() + "." + fn.Name()
	}
	return fn.Name()
}
