package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/packages"

	"github.com/opikgen/opikgen/generator/internal/parallel"
)

// universe holds the types of the packages of one build configuration. Packages of the main module are type-checked
// from source, without the bodies of functions; the others, too, unless the build cache has their export data.
type universe struct {
	fset     *token.FileSet
	platform *platform // nil is what the environment says
	sizes    types.Sizes
	sources  map[string]*source        // by path: already parsed, and their packages stay whole
	folders  map[string]bool           // that hold the sources
	outputs  []*output                 // that the sources go into
	extras   []Extra                   // of all packages
	units    map[string]*unit          // by package ID
	exported map[string]*types.Package // by path: packages without a unit
	cut      *Cut                      // what was left out of them

	documented map[string]*ast.File // by path: files of wrapped and embedded types; nil where nothing is deprecated
}

// read parses the packages and, as far as their declarations depend on it, what they import. Packages outside the
// reach of within are not read but returned, sorted by path.
func (u *universe) read(ctx context.Context, pkgs []*packages.Package, within func(*packages.Package) bool) ([]*packages.Package, error) {
	outside := make(map[string]*packages.Package)
	for len(pkgs) > 0 {
		added := u.add(pkgs, within, outside)
		err := parallel.Each(ctx, len(added), func(i int) { added[i].read(u.fset, u.sources) })
		if err != nil {
			return nil, err
		}
		pkgs = nil
		for _, unit := range added {
			pkgs = append(pkgs, unit.dependencies()...)
		}
	}
	return slices.SortedFunc(maps.Values(outside), compareIDs), nil
}

// add makes units of the packages that are new. Those that within does not hold for are put aside.
func (u *universe) add(pkgs []*packages.Package, within func(*packages.Package) bool, outside map[string]*packages.Package) []*unit {
	var added []*unit
	for _, pkg := range pkgs {
		if u.units[pkg.ID] != nil {
			continue
		}
		if !within(pkg) {
			outside[pkg.ID] = pkg
			continue
		}
		unit := &unit{
			Package: pkg,
			whole:   u.folders[pkg.Dir],
			needed:  make(map[string]bool),
			done:    make(chan struct{}),
		}
		u.units[pkg.ID] = unit
		added = append(added, unit)
	}
	return added
}

// typesOf returns the types of a package that has been read.
func (u *universe) typesOf(pkg *packages.Package) (*types.Package, error) {
	if len(pkg.GoFiles) == 0 {
		return nil, missing(pkg)
	}
	if unit := u.units[pkg.ID]; unit != nil {
		<-unit.done
		return unit.types, nil
	}
	if found := u.exported[pkg.PkgPath]; found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("package %s has not been read", pkg.PkgPath)
}

// missing says why there is nothing to read of a package.
func missing(pkg *packages.Package) error {
	if len(pkg.Errors) > 0 {
		return errors.New(pkg.Errors[0].Msg)
	}
	return fmt.Errorf("package %s has no Go files", pkg.PkgPath)
}

// check type-checks all units.
func (u *universe) check(ctx context.Context) error {
	u.addPlaceholders()
	order := u.order()
	return parallel.Each(ctx, len(order), func(i int) { u.checkUnit(order[i]) })
}

// order returns the units with each behind those it depends on.
func (u *universe) order() []*unit {
	var order []*unit
	visited := make(map[*unit]bool, len(u.units))
	var visit func(*unit)
	visit = func(next *unit) {
		if next == nil || visited[next] {
			return
		}
		visited[next] = true
		for _, pkg := range next.dependencies() {
			visit(u.units[pkg.ID])
		}
		order = append(order, next)
	}
	for _, id := range slices.Sorted(maps.Keys(u.units)) {
		visit(u.units[id])
	}
	return order
}

// checkUnit type-checks one unit. It waits for those it depends on, which are earlier in the order.
func (u *universe) checkUnit(unit *unit) {
	defer close(unit.done)
	for _, pkg := range unit.dependencies() {
		if dependency := u.units[pkg.ID]; dependency != nil {
			<-dependency.done
		}
	}
	config := types.Config{
		Importer:                 unitImporter{u, unit},
		Sizes:                    u.sizes,
		IgnoreFuncBodies:         true,
		FakeImportC:              true,
		DisableUnusedImportCheck: true,
		Error:                    unit.fault,
	}
	if unit.whole {
		unit.info = newInfo()
	}
	// The error is the first of those that Error was called with.
	unit.types, _ = config.Check(unit.PkgPath, u.fset, slices.Concat(unit.files, unit.placeholders, unit.declareC(u.fset)), unit.info)
	if !unit.whole {
		unit.files, unit.placeholders = nil, nil
	}
}

// fault keeps what is wrong with an annotated package. What is wrong with others is nothing that this tool could do
// anything about, and seldom matters to the types of what is left.
func (u *unit) fault(err error) {
	if e, ok := errors.AsType[types.Error](err); ok && u.whole {
		u.errors = append(u.errors, e)
	}
}

func newInfo() *types.Info {
	return &types.Info{
		Types:     make(map[ast.Expr]types.TypeAndValue),
		Instances: make(map[*ast.Ident]types.Instance),
		Defs:      make(map[*ast.Ident]types.Object),
		Uses:      make(map[*ast.Ident]types.Object),
		Implicits: make(map[ast.Node]types.Object),
		Scopes:    make(map[ast.Node]*types.Scope),
	}
}

func compareIDs(a, b *packages.Package) int { return cmp.Compare(a.ID, b.ID) }
