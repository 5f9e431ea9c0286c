package load

import (
	"maps"
	"slices"

	"golang.org/x/tools/go/packages"
)

// also returns the packages that expressions may name beside what signatures do, as far as the given ones depend on
// them: of a package that a signature only mentions, the export data of others does not tell all.
func (l *loader) also(pkgs []*packages.Package) []*packages.Package {
	if l.config.Also == nil {
		return nil
	}
	found := make(map[string]*packages.Package)
	visited := make(map[*packages.Package]bool)
	var visit func(pkg *packages.Package)
	visit = func(pkg *packages.Package) {
		if visited[pkg] {
			return
		}
		visited[pkg] = true
		if l.config.Also(pkg.PkgPath) {
			found[pkg.ID] = pkg
		}
		for _, imported := range pkg.Imports {
			visit(imported)
		}
	}
	for _, pkg := range pkgs {
		visit(pkg)
	}
	for _, pkg := range pkgs {
		delete(found, pkg.ID)
	}
	return slices.SortedFunc(maps.Values(found), compareIDs)
}
