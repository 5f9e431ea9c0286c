package load

import (
	"context"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/parallel"
)

// Dependency is a package of another module, whose declarations are read as far as somebody names them.
type Dependency struct {
	Path, Name string
	Called     func(name string) bool // reports whether a function or method of that name may be wrapped
}

// wanted holds, by import path, the names that are looked up in packages. Those under nil are all of a package.
type wanted map[string]map[string]bool

// add notes that names are looked up in a package.
func (w wanted) add(path string, names ...string) {
	known, found := w[path]
	if found && known == nil {
		return
	}
	if known == nil {
		known = make(map[string]bool, len(names))
		w[path] = known
	}
	for _, name := range names {
		known[name] = true
	}
}

// addAll notes that it is not known which names are looked up in a package.
func (w wanted) addAll(path string) { w[path] = nil }

// selected returns what the unit's files select of the imports that they need.
func (u *unit) selected(fset *token.FileSet, sources map[string]*source) wanted {
	selected := make(wanted)
	for _, file := range u.files {
		u.addSelected(selected, file, sources[fset.File(file.FileStart).Name()])
	}
	return selected
}

// addSelected adds what one file selects. What its directives select is not told apart.
func (u *unit) addSelected(w wanted, file *ast.File, s *source) {
	selected := selections(file)
	var mentioned []string
	if s != nil {
		mentioned = s.mentions()
	}
	for _, spec := range file.Imports {
		path := importPath(spec)
		pkg := u.Imports[path]
		if pkg == nil || !u.needed[path] {
			continue
		}
		switch name := u.localName(spec, path); name {
		case "", ".":
			w.addAll(pkg.PkgPath)
		default:
			w.add(pkg.PkgPath, selected[name]...)
			if slices.Contains(mentioned, name) {
				w.add(pkg.PkgPath, mentioned...)
			}
		}
	}
}

// selections returns what the declarations of a file select, by the name in front of the dot.
func selections(file *ast.File) map[string][]string {
	found := make(map[string][]string)
	note := func(n ast.Node) bool {
		if x, name := selection(n); x != "" {
			found[x] = append(found[x], name)
		}
		return true
	}
	for _, decl := range file.Decls {
		ast.Inspect(decl, note)
	}
	return found
}

// selection takes x.name apart. It returns nothing of other nodes.
func selection(n ast.Node) (x, name string) {
	selector, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	id, ok := selector.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return id.Name, selector.Sel.Name
}

// addTargets notes what the wrap directives of an output name.
func (w wanted) addTargets(o *output) {
	for _, placed := range o.directives() {
		if placed.Verb != directive.Wrap {
			continue
		}
		words := strings.FieldsFunc(placed.Target, isNoLetter)
		for _, path := range placed.TargetPackages() {
			w.add(path, words...)
		}
	}
}

// wantedOf returns what is looked up in packages that are read from export data.
func (l *loader) wantedOf(ctx context.Context, u *universe, outside []*packages.Package, called func(string) bool) (wanted, error) {
	units := slices.Collect(maps.Values(u.units))
	selected := make([]wanted, len(units))
	if err := parallel.Each(ctx, len(units), func(i int) { selected[i] = units[i].selected(u.fset, u.sources) }); err != nil {
		return nil, err
	}
	all := make(wanted)
	for _, w := range selected {
		all.merge(w)
	}
	for _, o := range u.outputs {
		all.addTargets(o)
	}
	if l.config.Names != nil {
		for _, pkg := range outside {
			all.add(pkg.PkgPath, l.config.Names(Dependency{pkg.PkgPath, pkg.Name, called})...)
		}
	}
	return all, nil
}

func (w wanted) merge(other wanted) {
	for path, names := range other {
		if names == nil {
			w.addAll(path)
			continue
		}
		w.add(path, slices.Collect(maps.Keys(names))...)
	}
}
