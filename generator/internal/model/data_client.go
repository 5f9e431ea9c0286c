package model

import (
	"go/types"
	"strings"
)

// isClient reports whether a type is the client of a service, which holds its services and options, and among them
// a number or two: a struct of another module that has a method with a context, and an exported field that is machinery.
// A struct of the program's own may well have both, and say something.
func (r dataRule) isClient(t *types.Named) bool {
	structure, ok := t.Underlying().(*types.Struct)
	if !ok || t.Obj().Pkg() == nil || r.module == "" || strings.HasPrefix(t.Obj().Pkg().Path()+"/", r.module+"/") {
		return false
	}
	return r.holdsMachinery(structure) && r.takesContext(t)
}

func (r dataRule) holdsMachinery(structure *types.Struct) bool {
	for field := range structure.Fields() {
		if field.Exported() && r.isMachinery(field.Type()) {
			return true
		}
	}
	return false
}

// isMachinery reports whether a type is that of services, or of lists of them.
func (r dataRule) isMachinery(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Interface:
		return !r.iface(t)
	case *types.Slice:
		return r.isMachinery(t.Elem())
	default:
		return false
	}
}

// takesContext reports whether a method of the type takes a context.
func (r dataRule) takesContext(t *types.Named) bool {
	for method := range t.Methods() {
		if method.Exported() && r.hasContext(method.Signature().Params()) {
			return true
		}
	}
	return false
}

func (r dataRule) hasContext(params *types.Tuple) bool {
	for param := range params.Variables() {
		if named, ok := types.Unalias(param.Type()).(*types.Named); ok && r.isContext(named) {
			return true
		}
	}
	return false
}
