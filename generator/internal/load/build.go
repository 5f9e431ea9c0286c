package load

import (
	"cmp"
	"context"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/packages"
)

// loadFor fills in the packages of the outputs that a build configuration has. It returns the others.
func (l *loader) loadFor(ctx context.Context, p *platform, outputs []*output) ([]*output, error) {
	if len(outputs) == 0 {
		return nil, nil
	}
	u := l.newUniverse(p, outputs)
	list, err := l.list(ctx, p, outputs)
	if err != nil {
		return nil, err
	}
	found, left := l.assign(list, outputs)
	if err := l.typecheck(ctx, u, list.seeds(found)); err != nil {
		return nil, err
	}
	for _, pkg := range slices.SortedFunc(maps.Keys(found), compareIDs) {
		l.build(list, u, u.units[pkg.ID], found[pkg])
	}
	return left, nil
}

// assign finds the package of each output. It returns those that another build configuration may have, and reports
// those whose package the go command cannot make sense of.
func (l *loader) assign(list listing, outputs []*output) (found map[*packages.Package][]*output, left []*output) {
	found = make(map[*packages.Package][]*output)
	for _, o := range outputs {
		path := o.sources[0].path
		if pkg := list.packageOf(path); pkg != nil {
			found[pkg] = append(found[pkg], o)
		} else if list.ignores(path) {
			left = append(left, o)
		} else {
			l.report(o.pos(), "%s", list.problem(o.folder.dir, l.pattern(o.folder.dir)))
		}
	}
	return found, left
}

// seeds returns the packages whose types are asked for: those with outputs, and those that they wrap types of.
func (l listing) seeds(found map[*packages.Package][]*output) []*packages.Package {
	seeds := slices.Collect(maps.Keys(found))
	for _, outputs := range found {
		for _, o := range outputs {
			seeds = append(seeds, l.targets(o)...)
		}
	}
	slices.SortFunc(seeds, compareIDs)
	return slices.Compact(seeds)
}

// targets returns the packages that an output wraps types of, as far as there are such.
func (l listing) targets(o *output) []*packages.Package {
	var targets []*packages.Package
	for _, path := range o.wrapped() {
		if target := l.named(path); target != nil && len(target.GoFiles) > 0 {
			targets = append(targets, target)
		}
	}
	return targets
}

// build makes the packages of the outputs that one unit has.
func (l *loader) build(list listing, u *universe, unit *unit, outputs []*output) {
	if len(unit.syntax) > 0 {
		l.diagnostics = append(l.diagnostics, syntaxErrors(unit.syntax)...)
		return
	}
	slices.SortFunc(unit.errors, func(a, b types.Error) int {
		return comparePlaces(l.position(a.Pos), l.position(b.Pos))
	})
	b := siteBuilder{
		loader:   l,
		list:     list,
		universe: u,
		unit:     unit,
		outputs:  make(map[*output]bool),
		owners:   make(map[string]*Site),
	}
	for _, o := range outputs {
		o.pkg = l.newPackage(unit, o)
		o.pkg.Cut = u.cut
		b.outputs[o] = true
	}
	test := outputs[0].key.test
	b.build(slices.DeleteFunc(slices.Clone(unit.sources), func(s *source) bool { return s.test != test }))
	for _, o := range outputs {
		slices.SortFunc(o.pkg.Sites, func(a, b *Site) int { return comparePlaces(a.Directive.Pos, b.Directive.Pos) })
	}
}

func (l *loader) newPackage(unit *unit, o *output) *Package {
	var module string
	if unit.Module != nil {
		module = unit.Module.Path
	}
	return &Package{
		Path:       unit.PkgPath,
		Module:     module,
		Name:       unit.Name,
		Dir:        o.folder.dir,
		Output:     o.path,
		Constraint: o.key.constraint,
		Test:       o.key.test,
		Fset:       l.fset,
		Files:      unit.files,
		Types:      unit.types,
		Info:       unit.info,
		TypeErrors: unit.errors,
		Sources:    o.declaredFrom(),
	}
}

// position returns where a node really is, whatever line directives say.
func (l *loader) position(pos token.Pos) token.Position { return l.fset.PositionFor(pos, false) }

func comparePlaces(a, b token.Position) int {
	return cmp.Or(cmp.Compare(a.Filename, b.Filename), cmp.Compare(a.Offset, b.Offset))
}
