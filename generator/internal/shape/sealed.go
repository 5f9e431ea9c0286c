package shape

import "go/types"

// maxMembers bounds how many types a sealed interface is taken apart into.
const maxMembers = 100

// sealed returns the types that an interface can hold (R11): one that has an unexported method can be implemented by its
// own package only, embedding aside. They are in the order of their names.
func (c *Call) sealed(t types.Type) []types.Type {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.TypeArgs().Len() > 0 || !hasUnexported(named) {
		return nil
	}
	iface, pkg := named.Underlying().(*types.Interface), named.Obj().Pkg()
	var members []types.Type
	scope := pkg.Scope()
	if c.Scope != nil {
		scope = c.Scope(pkg)
	}
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() || !obj.Exported() && (c.Package == nil || pkg.Path() != c.Package.Path()) {
			continue
		}
		if member := implementer(obj.Type(), iface); member != nil && len(members) < maxMembers {
			members = append(members, member)
		}
	}
	return members
}

func hasUnexported(named *types.Named) bool {
	iface, ok := named.Underlying().(*types.Interface)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	for method := range iface.Methods() {
		if !method.Exported() {
			return true
		}
	}
	return false
}

// implementer returns the type, or the pointer to it, that implements an interface.
func implementer(t types.Type, iface *types.Interface) types.Type {
	generic, ok := t.(*types.Named)
	if !ok || generic.TypeParams().Len() > 0 || types.IsInterface(t) {
		return nil
	}
	if types.Implements(t, iface) {
		return t
	}
	if pointer := types.NewPointer(t); types.Implements(pointer, iface) {
		return pointer
	}
	return nil
}
