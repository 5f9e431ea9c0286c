package load

import (
	"fmt"
	"go/types"
)

// unitImporter resolves the imports of one unit.
type unitImporter struct {
	universe *universe
	unit     *unit
}

// Import returns the package that an import path stands for in the unit. One that no declaration depends on is
// hollow: it has its name and nothing in it.
func (i unitImporter) Import(importPath string) (*types.Package, error) {
	if importPath == "unsafe" {
		return types.Unsafe, nil
	}
	pkg := i.unit.Imports[importPath]
	if pkg == nil {
		return nil, fmt.Errorf("no package provides %s", importPath)
	}
	if !i.unit.needed[importPath] {
		hollow := types.NewPackage(pkg.PkgPath, pkg.Name)
		hollow.MarkComplete()
		return hollow, nil
	}
	return i.universe.typesOf(pkg)
}
