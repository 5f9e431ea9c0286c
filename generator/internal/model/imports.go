package model

import (
	"go/ast"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// nameImports decides what the generated file imports and under which names: the runtime first, then by path. A
// package has the name that the sources give it where that is free.
func (b *builder) nameImports(f *File, taken names) {
	for _, draft := range b.drafts {
		for _, param := range draft.typeParams() {
			taken = taken.with(names{param.Obj().Name(): true})
		}
	}
	needed := b.neededPackages()
	delete(needed, RuntimePath)
	spelled := b.spelledImports()
	f.packages = map[string]string{RuntimePath: taken.claim("opik")}
	f.Imports = []Import{newImport(RuntimePath, f.packages[RuntimePath], "opik")}
	for _, importPath := range slices.Sorted(maps.Keys(needed)) {
		name := needed[importPath]
		if alias, ok := spelled[importPath]; ok {
			name = alias
		}
		f.packages[importPath] = taken.claim(name)
		f.Imports = append(f.Imports, newImport(importPath, f.packages[importPath], needed[importPath]))
	}
	f.Runtime = f.packages[RuntimePath]
	slices.SortFunc(f.Imports, func(a, b Import) int { return strings.Compare(a.Path, b.Path) })
}

// newImport writes the name down unless it is the package's own and its path tells it.
func newImport(importPath, name, packageName string) Import {
	return Import{Path: importPath, Name: name, Explicit: name != packageName || name != assumedName(importPath)}
}

// assumedName is the name that goimports takes a package to have, going by its path. It writes any other name down.
func assumedName(importPath string) string {
	base := path.Base(importPath)
	if major, ok := strings.CutPrefix(base, "v"); ok && isNumber(major) && path.Dir(importPath) != "." {
		base = path.Base(path.Dir(importPath))
	}
	base = strings.TrimPrefix(base, "go-")
	if i := strings.IndexFunc(base, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }); i >= 0 {
		base = base[:i]
	}
	return base
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// neededPackages returns the names of the packages, by path, that the generated file mentions.
func (b *builder) neededPackages() map[string]string {
	needed := map[string]string{}
	for _, draft := range b.drafts {
		for obj := range draft.mentions {
			b.neededFor(obj, needed)
		}
		for _, c := range draft.calls() {
			c.neededPackages(needed)
		}
	}
	return needed
}

// neededFor adds the packages that the spelling of an object names.
func (b *builder) neededFor(obj types.Object, needed map[string]string) {
	if other := b.spellings.of(obj); other != nil {
		obj = other
	}
	if pkg := obj.Pkg(); pkg != nil && pkg.Path() != b.pkg.Types.Path() {
		needed[pkg.Path()] = pkg.Name()
	}
	array, ok := arrayOf(obj)
	if !ok {
		return
	}
	for _, pkg := range b.lengths.packages(array) {
		needed[pkg.Path()] = pkg.Name()
	}
}

// mentions yields the objects that the types in the draft name.
func (d draft) mentions(yield func(types.Object) bool) {
	var all []types.Type
	if d.wrapper != nil {
		all = append(all, d.wrapper.inner)
	}
	if !d.isMethod() {
		for _, param := range d.typeParams() {
			all = append(all, param.Constraint())
		}
	}
	for _, c := range d.calls() {
		for _, v := range append(slices.Clone(c.params), c.results...) {
			all = append(all, v.typ)
		}
		all = slices.Concat(all, c.bodyTypes(), c.declaredTypes())
	}
	for _, t := range all {
		if !mention(t, yield) {
			return
		}
	}
}

// isMethod reports whether the draft is a method beside the one that it calls, whose receiver names the type's
// parameters but not their constraints.
func (d draft) isMethod() bool { return d.call != nil && d.call.owner != nil }

// typeParams returns the type parameters that the draft declares.
func (d draft) typeParams() []*types.TypeParam {
	if d.wrapper != nil {
		return d.wrapper.typeParams
	}
	return d.call.typeParams
}

// neededPackages adds the packages that the call's body names.
func (c *call) neededPackages(needed map[string]string) {
	if c.span == nil {
		return
	}
	if c.span.carrier.param == nil {
		needed["context"] = "context"
	}
	for e := range c.span.exprs {
		for _, pkg := range e.imports() {
			needed[pkg.Path()] = pkg.Name()
		}
	}
}

// spelledImports returns the names, by path, that the files with directives give to their imports. Where two
// disagree, the first in source order has it.
func (b *builder) spelledImports() map[string]string {
	spelled := map[string]string{}
	for _, site := range slices.Backward(b.pkg.Sites) {
		for _, spec := range slices.Backward(withAlias(site.File.Imports)) {
			importPath, _ := strconv.Unquote(spec.Path.Value)
			spelled[importPath] = spec.Name.Name
		}
	}
	return spelled
}

// withAlias returns the imports that have a name of the file's choice.
func withAlias(specs []*ast.ImportSpec) []*ast.ImportSpec {
	return slices.DeleteFunc(slices.Clone(specs), func(spec *ast.ImportSpec) bool {
		return spec.Name == nil || spec.Name.Name == "." || spec.Name.Name == "_"
	})
}
