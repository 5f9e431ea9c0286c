package load

import "go/types"

// structType is a declared type whose methods a wrapped struct has, and the folder that declares it.
type structType struct {
	object *types.TypeName
	dir    string
}

// structsOf returns the type of an object, if it is a struct, and all that it embeds.
func (b *siteBuilder) structsOf(object types.Object) []structType {
	var found []structType
	seen := make(map[*types.TypeName]bool)
	for queue := []types.Type{object.Type()}; len(queue) > 0; queue = queue[1:] {
		named := declaredType(queue[0])
		if named == nil || seen[named.Obj()] {
			continue
		}
		seen[named.Obj()] = true
		if dir := b.dirOf(named.Obj().Pkg().Path()); dir != "" {
			found = append(found, structType{named.Obj(), dir})
		}
		queue = append(queue, embeddedTypes(named)...)
	}
	return found
}

// declaredType returns the type that has the methods of t, which may be a pointer to it, or nil. Interfaces have the same
// methods everywhere.
func declaredType(t types.Type) *types.Named {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || types.IsInterface(named) {
		return nil
	}
	return named
}

func embeddedTypes(named *types.Named) []types.Type {
	var embedded []types.Type
	if under, ok := named.Underlying().(*types.Struct); ok {
		for field := range under.Fields() {
			if field.Embedded() {
				embedded = append(embedded, field.Type())
			}
		}
	}
	return embedded
}

// dirOf returns the folder of the package that has an import path, or nothing.
func (b *siteBuilder) dirOf(path string) string {
	if path == b.unit.PkgPath {
		return b.unit.Dir
	}
	if pkg := b.list.reached(path); pkg != nil {
		return pkg.Dir
	}
	return ""
}

// gives reports whether it is from this type that the site's struct has a method, if it has the method at all on the
// platform that is loaded.
func (s structType) gives(site *Site, name string) bool {
	found, index, _ := types.LookupFieldOrMethod(site.Object.Type(), true, s.object.Pkg(), name)
	method, ok := found.(*types.Func)
	if !ok {
		return found == nil && index == nil
	}
	receiver := declaredType(method.Signature().Recv().Type())
	return receiver != nil && receiver.Obj() == s.object
}
