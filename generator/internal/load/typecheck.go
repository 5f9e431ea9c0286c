package load

import (
	"cmp"
	"context"
	"go/ast"
	"go/types"
	"runtime"
	"time"

	"golang.org/x/tools/go/packages"
)

// typecheck finds the types of packages and of those that their declarations depend on.
func (l *loader) typecheck(ctx context.Context, u *universe, pkgs []*packages.Package) error {
	start := time.Now()
	outside, err := u.read(ctx, pkgs, fromSource())
	if err != nil {
		return err
	}
	if err := l.readOutside(ctx, u, append(outside, l.also(outside)...)); err != nil {
		return err
	}
	if err := u.check(ctx); err != nil {
		return err
	}
	l.logf(start, "types of %d packages from source, of %d from export data", len(u.units), len(u.exported))
	return nil
}

// readOutside adds packages of other modules: by their export data where the build cache has it for all of them,
// otherwise from source.
func (l *loader) readOutside(ctx context.Context, u *universe, pkgs []*packages.Package) error {
	if len(pkgs) == 0 {
		return nil
	}
	start := time.Now()
	exported, err := readExports(u.fset, pkgs)
	if err == nil {
		u.exported = exported
		l.logf(start, "export data of %d packages", len(pkgs))
		return nil
	}
	l.logf(start, "no export data: %v", err)
	_, err = u.read(ctx, pkgs, func(*packages.Package) bool { return true })
	return err
}

// fromSource returns what tells the packages that are always type-checked from source: those of the main module, as
// compiling them first would take long after each change, and those that import them, whose types have to agree.
func fromSource() func(*packages.Package) bool {
	known := make(map[*packages.Package]bool)
	var visit func(pkg *packages.Package) bool
	visit = func(pkg *packages.Package) bool {
		source, ok := known[pkg]
		if ok {
			return source
		}
		source = isOwn(pkg)
		for _, imported := range pkg.Imports {
			source = visit(imported) || source
		}
		known[pkg] = source
		return source
	}
	return visit
}

// newUniverse returns the universe of a build configuration in which the packages of the outputs stay whole.
func (l *loader) newUniverse(p *platform, outputs []*output) *universe {
	arch := l.near().arch
	if p != nil {
		arch = p.arch
	}
	u := &universe{
		fset:     l.fset,
		platform: p,
		sizes:    cmp.Or(types.SizesFor("gc", arch), types.SizesFor("gc", runtime.GOARCH)),
		sources:  make(map[string]*source),
		folders:  make(map[string]bool),
		extras:   l.config.Extras,
		units:    make(map[string]*unit),

		documented: make(map[string]*ast.File),
	}
	for _, o := range outputs {
		u.folders[o.folder.dir] = true
		for _, s := range o.folder.sources {
			u.sources[s.path] = s
		}
	}
	return u
}
