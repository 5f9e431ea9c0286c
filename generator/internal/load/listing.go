package load

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/go/packages"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// listing is what the go command knows, in one build configuration, about the packages of some outputs and about
// those whose types they wrap.
type listing struct {
	packages []*packages.Package // as asked for, by ID, the variants for tests last
}

// list asks the go command about the packages of the outputs, about what they wrap, and all that these import.
func (l *loader) list(ctx context.Context, p *platform, outputs []*output) (listing, error) {
	q := l.query(p, outputs)
	if known, ok := l.listings[q.String()]; ok {
		return known, nil
	}
	pkgs, ok := l.guess(ctx, q)
	if !ok {
		start := time.Now()
		var err error
		if pkgs, err = l.ask(ctx, q); err != nil {
			return listing{}, err
		}
		l.logf(start, "go list%v: %d packages", p, len(pkgs))
		l.keep(q, pkgs)
	}
	l.listings[q.String()] = listing{pkgs}
	return listing{pkgs}, nil
}

// query returns what to ask about the packages of the outputs.
func (l *loader) query(p *platform, outputs []*output) query {
	q := query{mode: metadata, platform: p}
	for _, o := range outputs {
		q.patterns = append(q.patterns, l.pattern(o.folder.dir))
		q.tests = q.tests || o.key.test
		q.hidden = append(q.hidden, o.folder.outputs...)
		q.patterns = append(q.patterns, o.wrapped()...)
	}
	slices.Sort(q.patterns)
	q.patterns = slices.Compact(q.patterns)
	return q
}

// ask returns what the go command says, by ID, the variants for tests last.
func (l *loader) ask(ctx context.Context, q query) ([]*packages.Package, error) {
	pkgs, err := l.goList(ctx, q)
	if len(pkgs) == 0 && err == nil {
		// go/packages takes a question that failed for a package that does not compile where export data is asked for.
		q.mode &^= packages.NeedExportFile
		pkgs, err = l.goList(ctx, q)
	}
	slices.SortFunc(pkgs, func(a, b *packages.Package) int {
		return cmp.Or(cmp.Compare(a.ForTest, b.ForTest), cmp.Compare(a.ID, b.ID))
	})
	return pkgs, err
}

// pattern writes a folder in a way that the go command does not take for an import path.
func (l *loader) pattern(dir string) string {
	relative, err := filepath.Rel(l.config.Dir, dir)
	if err != nil || strings.HasPrefix(relative, "..") {
		return dir
	}
	return "./" + filepath.ToSlash(relative)
}

// wrapped returns the import paths of the types that the output's wrap directives name. What is no path but the name
// of an import is among them where a type argument has one.
func (o *output) wrapped() []string {
	var paths []string
	for _, placed := range o.directives() {
		if placed.Verb == directive.Wrap {
			paths = append(paths, placed.TargetPackages()...)
		}
	}
	return paths
}

// packageOf returns the package that a file is part of. Of the variants of a package, those for tests come last.
func (l listing) packageOf(path string) *packages.Package {
	for _, pkg := range l.packages {
		if slices.Contains(pkg.GoFiles, path) {
			return pkg
		}
	}
	return nil
}

// named returns the package of an import path, other than a variant for tests.
func (l listing) named(path string) *packages.Package {
	for _, pkg := range l.packages {
		if pkg.PkgPath == path && pkg.ForTest == "" {
			return pkg
		}
	}
	return nil
}

// reached returns the package with an import path among those that were listed and all that they import, or nil.
func (l listing) reached(path string) (found *packages.Package) {
	packages.Visit(l.packages, func(pkg *packages.Package) bool {
		if pkg.PkgPath == path && pkg.ForTest == "" {
			found = pkg
		}
		return found == nil
	}, nil)
	return found
}

// ignores reports whether the build configuration leaves a file out.
func (l listing) ignores(path string) bool {
	return slices.ContainsFunc(l.packages, func(pkg *packages.Package) bool {
		return slices.Contains(pkg.IgnoredFiles, path)
	})
}

// problem returns what the go command has to say about a folder that it could not make sense of. It may name that
// by no more than the pattern.
func (l listing) problem(dir, pattern string) string {
	for _, pkg := range l.packages {
		if len(pkg.Errors) > 0 && (pkg.Dir == dir || pkg.PkgPath == pattern) {
			return pkg.Errors[0].Msg + "; nothing is generated for this package"
		}
	}
	return "the go command does not list this file as part of any package; nothing is generated for it"
}
