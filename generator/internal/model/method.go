package model

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// method is one method of what is wrapped.
type method struct {
	fn  *types.Func
	sig *types.Signature // with the type arguments of what is wrapped
	pos token.Position   // where this package declares it for the type itself; otherwise not valid
}

// methodsOf lists the methods to write: those that the source declares for the type itself in its order, then those
// that come with embedded types by name.
func (p *planner) methodsOf(w *wrapper) []method {
	var methods []method
	if iface, ok := w.inner.Underlying().(*types.Interface); ok {
		methods = p.interfaceMethods(iface)
	} else {
		methods = p.pointerMethods(w.inner)
	}
	methods = slices.DeleteFunc(methods, func(m method) bool { return slices.Contains(p.site.LeftOut, m.fn.Name()) })
	slices.SortFunc(methods, method.compare)
	return methods
}

func (m method) compare(other method) int {
	switch {
	case m.pos.IsValid() && other.pos.IsValid():
		return cmp.Or(strings.Compare(m.pos.Filename, other.pos.Filename), m.pos.Offset-other.pos.Offset)
	case m.pos.IsValid():
		return -1
	case other.pos.IsValid():
		return 1
	default:
		return strings.Compare(m.fn.Id(), other.fn.Id())
	}
}

func (p *planner) interfaceMethods(iface *types.Interface) []method {
	own := map[*types.Func]bool{}
	for fn := range iface.ExplicitMethods() {
		own[fn] = true
	}
	var methods []method
	for fn := range iface.Methods() {
		methods = append(methods, method{fn: fn, sig: fn.Signature(), pos: p.sourcePos(fn, own[fn])})
	}
	return methods
}

// pointerMethods lists the exported methods that a pointer to a declared type has, promoted ones included.
func (p *planner) pointerMethods(pointer types.Type) []method {
	var methods []method
	for selection := range types.NewMethodSet(pointer).Methods() {
		if fn := selection.Obj().(*types.Func); fn.Exported() {
			own := len(selection.Index()) == 1
			methods = append(methods, method{fn: fn, sig: selection.Type().(*types.Signature), pos: p.sourcePos(fn, own)})
		}
	}
	return methods
}

// sourcePos returns where the package's own source declares a method, to keep its order. Other methods have no place,
// because what is known of other packages need not tell.
func (p *planner) sourcePos(fn *types.Func, own bool) token.Position {
	if pos := p.position(fn.Pos()); own && p.sourceFile(pos.Filename) != nil {
		return pos
	}
	return token.Position{}
}

// outOfReach says why this package cannot write the method, or nothing.
func (p *planner) outOfReach(m method) string {
	if !m.fn.Exported() && m.fn.Pkg().Path() != p.pkg.Types.Path() {
		return "itself, which is not exported"
	}
	reason := ""
	for obj := range mentions(m.sig) {
		if obj == invalidType {
			return obj.Name()
		}
		if reason == "" {
			reason = p.unspellable(obj)
		}
	}
	return reason
}
