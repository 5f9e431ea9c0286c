package model

import (
	"go/types"
	"slices"
	"strings"
)

// spellings are other names of types that the generated file cannot write by their own: an alias of a type that
// is internal or unexported elsewhere, and the second names of predeclared types whose first ones are hidden.
type spellings struct {
	builder *builder
	known   map[*types.TypeName]*types.TypeName // nil where there is no other name
}

// secondNames are the other names of predeclared types. That of any is no name, but can be written everywhere.
var secondNames = map[string]string{"byte": "uint8", "uint8": "byte", "rune": "int32", "int32": "rune", "any": "any"}

// of returns the name by which the generated file can write the type that obj declares: obj itself where that will
// do, and nil if nothing does.
func (s spellings) of(obj types.Object) types.Object {
	name, ok := obj.(*types.TypeName)
	if s.builder.outOfSight(obj) == "" {
		return obj
	}
	if !ok {
		return nil
	}
	other, known := s.known[name]
	if !known {
		other = s.find(name)
		s.known[name] = other
	}
	if other == nil {
		return nil
	}
	return other
}

func (s spellings) find(name *types.TypeName) *types.TypeName {
	if name.Pkg() == nil {
		return s.findPredeclared(name)
	}
	for _, pkg := range s.packages() {
		if alias := s.findIn(s.builder.pkg.Cut.Scope(pkg), name); alias != nil {
			return alias
		}
	}
	return nil
}

// findIn finds an alias of a type among those that a package declares.
func (s spellings) findIn(scope *types.Scope, name *types.TypeName) *types.TypeName {
	for _, candidate := range scope.Names() {
		alias, ok := scope.Lookup(candidate).(*types.TypeName)
		if ok && isAliasOf(alias, name) && s.builder.outOfSight(alias) == "" {
			return alias
		}
	}
	return nil
}

func (s spellings) findPredeclared(name *types.TypeName) *types.TypeName {
	other, ok := types.Universe.Lookup(secondNames[name.Name()]).(*types.TypeName)
	if !ok || other != anyType && s.builder.outOfSight(other) != "" {
		return nil
	}
	return other
}

// packages lists where aliases are looked for: where wrapped types are declared, and what this package imports itself.
func (s spellings) packages() []*types.Package {
	var all []*types.Package
	for _, site := range s.builder.pkg.Sites {
		all = append(all, site.Object.Pkg())
	}
	imported := slices.Clone(s.builder.pkg.Types.Imports())
	slices.SortFunc(imported, func(a, b *types.Package) int { return strings.Compare(a.Path(), b.Path()) })
	return append(all, imported...)
}

// isAliasOf reports whether an alias is another name for a declared type, with the same type parameters if any.
func isAliasOf(alias, name *types.TypeName) bool {
	t, ok := alias.Type().(*types.Alias)
	if !ok {
		return false
	}
	named, ok := t.Rhs().(*types.Named)
	if !ok || named.Obj() != name || named.TypeArgs().Len() != t.TypeParams().Len() {
		return false
	}
	for i := range named.TypeArgs().Len() {
		if named.TypeArgs().At(i) != t.TypeParams().At(i) {
			return false
		}
	}
	return true
}

// anyType is the declaration of any.
var anyType = types.Universe.Lookup("any").(*types.TypeName)
