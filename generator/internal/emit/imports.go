package emit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/opikgen/opikgen/generator/internal/model"
)

// imports prints the import declaration itself, in the groups of goimports: jennifer knows no groups, does no scope
// analysis, and would rename what the model has named with care.
func (p printer) imports() *jen.Statement {
	imports := slices.Clone(p.file.Imports)
	slices.SortStableFunc(imports, func(a, b model.Import) int { return cmp.Compare(importGroup(a.Path), importGroup(b.Path)) })
	if len(imports) == 1 {
		return jen.Id("import").Add(importSpec(imports[0]))
	}
	var specs []jen.Code
	for i, imported := range imports {
		if i > 0 && importGroup(imported.Path) != importGroup(imports[i-1].Path) {
			specs = append(specs, jen.Empty())
		}
		specs = append(specs, importSpec(imported))
	}
	return jen.Id("import").Defs(specs...)
}

func importSpec(imported model.Import) *jen.Statement {
	if imported.Explicit {
		return jen.Id(imported.Name).Lit(imported.Path)
	}
	return jen.Lit(imported.Path)
}

// importGroup is the place of an import's group among those of goimports: the standard library, whose first element
// has no dot, the others, and what it takes to be of the first App Engine.
func importGroup(path string) int {
	first, _, _ := strings.Cut(path, "/")
	switch {
	case strings.HasPrefix(path, "appengine"):
		return 2
	case strings.Contains(first, "."):
		return 1
	}
	return 0
}
