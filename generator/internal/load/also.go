package load

import (
	"maps"
	"slices"

	"golang.org/x/tools/go/packages"
)

// Dependencies are packages of other modules.
type Dependencies struct {
	Imported []string               // by the packages that are generated for, or with types that these wrap
	Reached  []string               // all that those depend on, and they themselves
	Called   func(name string) bool // reports whether a function or method of that name may be wrapped; nil for always
}

// also returns the packages that are looked into beside those that sources name, because the export data of these does
// not tell all of them: context, as what has its methods is one, and those that others ask for.
func (l *loader) also(pkgs []*packages.Package, called func(name string) bool) []*packages.Package {
	reached := make(map[string]*packages.Package)
	packages.Visit(pkgs, func(pkg *packages.Package) bool {
		reached[pkg.PkgPath] = pkg
		return true
	}, nil)
	all := Dependencies{Imported: pathsOf(pkgs), Reached: slices.Sorted(maps.Keys(reached)), Called: called}
	wanted := []string{"context"}
	if l.config.Also != nil {
		wanted = append(wanted, l.config.Also(all)...)
	}
	found := make(map[string]*packages.Package)
	for _, path := range wanted {
		if pkg := reached[path]; pkg != nil && !slices.Contains(pkgs, pkg) {
			found[pkg.ID] = pkg
		}
	}
	return slices.SortedFunc(maps.Values(found), compareIDs)
}

func pathsOf(pkgs []*packages.Package) []string {
	paths := make([]string, len(pkgs))
	for i, pkg := range pkgs {
		paths[i] = pkg.PkgPath
	}
	return paths
}
