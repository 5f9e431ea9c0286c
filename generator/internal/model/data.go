package model

import (
	"go/types"
	"reflect"
	"strings"
)

// dataRule tells what is captured unasked: values that say something to who reads a trace. Contexts, functions,
// channels, services (interfaces with methods), connections, loggers and whatever holds only those are not, and
// neither is a type or field that is tagged opik:"-".
type dataRule struct {
	context types.Type // context.Context, nil where the package has never heard of it
	module  string     // whose types are the program's own
	inside  map[*types.Named]bool
	known   *viewMemory // what was asked before, as the deep structs of an SDK take long to look through
}

// serviceTypes are the packages whose types are machinery, or hold credentials, whatever they consist of.
var serviceTypes = map[string]bool{"io": true, "log": true, "log/slog": true, "net/http": true, "testing": true}

// newDataRule returns the rule for a package of the module in which context is context.Context.
func newDataRule(context types.Type, module string, memory *Memory) dataRule {
	return dataRule{context: context, module: module, inside: map[*types.Named]bool{}, known: memory.in(context, module)}
}

// isData applies the rule to a type on its own.
func (r dataRule) isData(t types.Type) bool { return r.known.data.of(t, r.holds) }

func (r dataRule) holds(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return t.Kind() != types.UnsafePointer && t.Kind() != types.Invalid
	case *types.Named:
		return r.named(t)
	case *types.TypeParam:
		return r.constraint(t.Constraint().Underlying().(*types.Interface))
	case *types.Interface:
		return r.iface(t)
	case *types.Struct:
		return r.structure(t)
	case *types.Pointer:
		return r.holds(t.Elem())
	case *types.Slice:
		return r.holds(t.Elem())
	case *types.Array:
		return r.holds(t.Elem())
	case *types.Map:
		return r.holds(t.Elem())
	default: // functions, channels
		return false
	}
}

// named judges a declared type. One that holds itself is judged by the rest of what it holds.
func (r dataRule) named(t *types.Named) bool {
	if r.inside[t] || isService(t) || isSecret(t) || r.isContext(t) || r.isClient(t) {
		return false
	}
	if marshals(t) {
		return true
	}
	r.inside[t] = true
	defer delete(r.inside, t)
	return r.holds(t.Underlying())
}

func (r dataRule) isContext(t *types.Named) bool {
	return r.context != nil && (implements(t, r.context) || implements(types.NewPointer(t), r.context))
}

func isService(t *types.Named) bool {
	if t.Obj().Pkg() == nil {
		return false
	}
	path := t.Obj().Pkg().Path()
	return serviceTypes[path] || strings.HasPrefix(path, "net/http/")
}

// iface judges an interface: one without methods holds anything, one whose methods only print or marshal the value
// holds data, any other is a service.
func (r dataRule) iface(t *types.Interface) bool {
	if marshals(t) {
		return true
	}
	for method := range t.Methods() {
		if name := method.Name(); name != "Error" && name != "String" {
			return false
		}
	}
	return true
}

// constraint judges a type parameter by what may stand for it.
func (r dataRule) constraint(t *types.Interface) bool {
	if !r.iface(t) {
		return false
	}
	for embedded := range t.EmbeddedTypes() {
		if union, ok := embedded.(*types.Union); ok && !r.holds(union.Term(0).Type()) {
			return false
		}
	}
	return true
}

func (r dataRule) structure(t *types.Struct) bool {
	for i := range t.NumFields() {
		field := t.Field(i)
		visible := field.Exported() || field.Embedded()
		if visible && !isHidden(t.Tag(i)) && r.holds(field.Type()) {
			return true
		}
	}
	return false
}

// isHidden reports whether a field's tag keeps its value out of every span.
func isHidden(tag string) bool { return reflect.StructTag(tag).Get("opik") == "-" }

// isSecret reports whether a struct is tagged as a whole, by a blank field.
func isSecret(t *types.Named) bool {
	structure, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for i := range structure.NumFields() {
		if structure.Field(i).Name() == "_" && isHidden(structure.Tag(i)) {
			return true
		}
	}
	return false
}

// marshals reports whether a value of type t, or a pointer to one, encodes itself as JSON or text.
func marshals(t types.Type) bool {
	return hasMarshaler(t, "MarshalJSON") || hasMarshaler(t, "MarshalText")
}

func hasMarshaler(t types.Type, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	method, ok := obj.(*types.Func)
	return ok && method.Signature().Params().Len() == 0 && method.Signature().Results().Len() == 2
}
