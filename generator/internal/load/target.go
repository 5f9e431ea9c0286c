package load

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// target adds the site of a type that another package owns.
func (b *siteBuilder) target(s spot) {
	path, name := s.TargetType()
	if path == "" {
		return // the parser has reported it
	}
	object, fault := b.resolve(path, name)
	if fault != "" {
		b.refuse(s, "cannot wrap %s: %s", s.Target, fault)
		return
	}
	site := &Site{Kind: Wrap, Object: object, Docs: b.universe.docsOf(b.list.named(path), name)}
	if s.HasTypeArguments() {
		if site.Instance, fault = b.instance(s); fault != "" {
			b.refuse(s, "cannot wrap %s: %s", s.Target, fault)
			return
		}
	}
	b.add(s, site)
}

// resolve finds a type of another package, or says what keeps it from being wrapped.
func (b *siteBuilder) resolve(path, name string) (object *types.TypeName, fault string) {
	pkg := b.list.named(path)
	if fault := b.faultyPackage(path, pkg); fault != "" {
		return nil, fault
	}
	found, err := b.universe.typesOf(pkg)
	if err != nil {
		return nil, err.Error()
	}
	return b.typeNamed(found, name)
}

// faultyPackage says why types of a package cannot be wrapped here, or nothing.
func (b *siteBuilder) faultyPackage(path string, pkg *packages.Package) string {
	switch {
	case path == "C":
		return "C is no package that Go declares: define a Go type on it, and put //opik:track over that one or its methods"
	case path == b.unit.PkgPath:
		return "it is declared in this package: put //opik:track over the declaration"
	case pkg == nil:
		return "no package of this module or of its requirements has that path"
	case len(pkg.GoFiles) == 0:
		return missing(pkg).Error() + b.importedAs(path)
	case pkg.Name == "main":
		return path + " is a program, which cannot be imported"
	case !mayImport(cmp.Or(b.unit.ForTest, b.unit.PkgPath), path):
		return path + " is internal to other code"
	case dependsOn(pkg, b.unit.PkgPath):
		return path + " imports this package, so importing it here would make a cycle"
	}
	return ""
}

// importedAs says which package was probably meant by one that there is not: sources call packages by their names, and a
// directive calls them by their paths.
func (b *siteBuilder) importedAs(name string) string {
	var specs []*ast.ImportSpec
	for _, file := range b.unit.files {
		specs = append(specs, file.Imports...)
	}
	for _, spec := range specs {
		path, err := strconv.Unquote(spec.Path.Value)
		named := spec.Name != nil && spec.Name.Name == name
		if imported := b.unit.Imports[path]; err == nil && path != name && (named || imported != nil && imported.Name == name) {
			return "; did you mean " + path + "?"
		}
	}
	return ""
}

// mayImport applies the rule about folders named internal.
func mayImport(importer, path string) bool {
	end := strings.LastIndex("/"+path+"/", "/internal/")
	if end < 0 {
		return true
	}
	parent := strings.TrimSuffix(path[:end], "/")
	return importer == parent || strings.HasPrefix(importer, parent+"/")
}

// dependsOn reports whether a package imports another one, by whatever way.
func dependsOn(pkg *packages.Package, path string) bool {
	visited := make(map[*packages.Package]bool)
	var visit func(*packages.Package) bool
	visit = func(next *packages.Package) bool {
		if next.PkgPath == path {
			return true
		}
		if visited[next] {
			return false
		}
		visited[next] = true
		for _, imported := range next.Imports {
			if visit(imported) {
				return true
			}
		}
		return false
	}
	return visit(pkg)
}

// typeNamed finds an exported type of a package, or says why there is none.
func (b *siteBuilder) typeNamed(pkg *types.Package, name string) (*types.TypeName, string) {
	if !token.IsExported(name) {
		return nil, name + " is not exported" + b.typeMeant(pkg, name)
	}
	switch object := pkg.Scope().Lookup(name).(type) {
	case nil:
		return nil, "package " + pkg.Name() + " has no " + name + b.typeMeant(pkg, name)
	case *types.TypeName:
		return object, ""
	}
	return nil, name + " is not a type"
}

// typeMeant completes a message about a name by the exported type that it was probably meant to be.
func (b *siteBuilder) typeMeant(pkg *types.Package, name string) string {
	scope := b.universe.cut.Scope(pkg)
	wrappable := slices.DeleteFunc(scope.Names(), func(name string) bool {
		_, isType := scope.Lookup(name).(*types.TypeName)
		return !isType || !token.IsExported(name)
	})
	if meant, ok := directive.Nearest(name, wrappable); ok {
		return "; did you mean " + meant + "?"
	}
	return ""
}
