package model

import (
	"go/types"
	"iter"
)

// mentions yields the objects that the spelling of t names: declared types, aliases (never what stands behind them,
// which may be internal elsewhere), type parameters, predeclared types, and the fields and methods of type literals.
// It yields invalidType where the source has a type error, and an [arrayObject] for each array type.
func mentions(t types.Type) iter.Seq[types.Object] {
	return func(yield func(types.Object) bool) {
		mention(t, yield)
	}
}

// invalidType stands for a type that the checker could not make out.
var invalidType types.Object = types.NewTypeName(0, nil, "invalid type", nil)

// mention yields what t names, until yield returns false, and reports whether it never did.
func mention(t types.Type, yield func(types.Object) bool) bool {
	switch t := t.(type) {
	case *types.Basic:
		return yield(basicObject(t))
	case *types.TypeParam:
		return yield(t.Obj())
	case *types.Named:
		return yield(t.Obj()) && mentionAll(t.TypeArgs().Types(), yield)
	case *types.Alias:
		return yield(t.Obj()) && mentionAll(t.TypeArgs().Types(), yield)
	case *types.Map:
		return mention(t.Key(), yield) && mention(t.Elem(), yield)
	case *types.Array:
		return yield(arrayObject(t)) && mention(t.Elem(), yield)
	case interface{ Elem() types.Type }: // pointers, slices, channels
		return mention(t.Elem(), yield)
	default:
		return mentionLiteral(t, yield)
	}
}

// mentionLiteral is the part of mention that deals with function, struct and interface literals and with unions.
func mentionLiteral(t types.Type, yield func(types.Object) bool) bool {
	switch t := t.(type) {
	case *types.Signature:
		return mentionTyped(t.Params().Variables(), yield) && mentionTyped(t.Results().Variables(), yield)
	case *types.Struct:
		return mentionFields(t, yield)
	case *types.Interface:
		return mentionInterface(t, yield)
	case *types.Union:
		return mentionTyped(t.Terms(), yield)
	default:
		return true
	}
}

func mentionFields(t *types.Struct, yield func(types.Object) bool) bool {
	for field := range t.Fields() {
		if !field.Embedded() && !yield(field) || !mention(field.Type(), yield) {
			return false
		}
	}
	return true
}

func mentionInterface(t *types.Interface, yield func(types.Object) bool) bool {
	for method := range t.ExplicitMethods() {
		if !yield(method) || !mention(method.Type(), yield) {
			return false
		}
	}
	return mentionAll(t.EmbeddedTypes(), yield)
}

func mentionAll(all iter.Seq[types.Type], yield func(types.Object) bool) bool {
	for t := range all {
		if !mention(t, yield) {
			return false
		}
	}
	return true
}

// mentionTyped is mentionAll for variables and terms.
func mentionTyped[T interface{ Type() types.Type }](all iter.Seq[T], yield func(types.Object) bool) bool {
	for v := range all {
		if !mention(v.Type(), yield) {
			return false
		}
	}
	return true
}

// basicObject returns the declaration of a predeclared type, or of unsafe.Pointer.
func basicObject(t *types.Basic) types.Object {
	switch t.Kind() {
	case types.Invalid:
		return invalidType
	case types.UnsafePointer:
		return types.Unsafe.Scope().Lookup("Pointer")
	default:
		return types.Universe.Lookup(t.Name())
	}
}
