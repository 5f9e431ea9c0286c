package load

import (
	"cmp"
	"context"
	"go/ast"
	"go/types"
	"runtime"
	"slices"
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
	if err := l.readOutside(ctx, u, outside); err != nil {
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
	err := l.readExports(ctx, u, pkgs)
	if err == nil {
		l.logf(start, "export data of %d packages", len(u.exported))
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	l.doubted = true
	l.logf(start, "no export data: %v", err)
	_, err = u.read(ctx, append(pkgs, l.also(pkgs, nil)...), func(*packages.Package) bool { return true })
	return err
}

// readExports adds packages by their export data, and as far as that is named, unless all of it is wanted.
func (l *loader) readExports(ctx context.Context, u *universe, pkgs []*packages.Package) (err error) {
	if l.whole {
		u.exported, err = new(exports).read(u.fset, append(pkgs, l.also(pkgs, nil)...))
		return err
	}
	called := u.called()
	pkgs = slices.Concat(pkgs, l.also(pkgs, called))
	e := exports{cut: new(Cut)}
	if e.wanted, err = l.wantedOf(ctx, u, pkgs, called); err != nil {
		return err
	}
	if u.exported, err = e.read(u.fset, pkgs); err == nil {
		u.cut = e.cut
		l.cuts = append(l.cuts, e.cut)
	}
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
		outputs:  outputs,
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
