// Package load finds the directives of a module and the declarations they stand over, with types.
//
// It goes from cheap to dear: the bytes of the matched folders are searched for directives; about the folders that
// have some, the go command is asked; and only what their declarations depend on is type-checked, from source with
// the bodies of functions dropped, or from the build cache's export data where that is at hand. What the tool itself
// wrote is left out, so that it can never be in the way of its own repair.
//
// It is the only room that runs the go command.
package load

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"time"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// Config says what to load.
type Config struct {
	Dir        string                           // where the patterns are relative to; empty is the current folder
	Patterns   []string                         // as the go command takes them; none is "."
	Env        []string                         // of the go command; nil is the environment of this process
	BuildFlags []string                         // of the go command, such as -tags=integration
	CacheDir   string                           // where what the go command says is kept for the next run; empty is nowhere
	Extras     []Extra                          // wrappers besides those that the sources ask for
	Also       func(Dependencies) []string      // returns the paths of dependencies to look into that no source imports; may be nil
	Names      func(Dependency) []string        // what is looked up in a dependency besides what the sources name; may be nil
	Logf       func(format string, args ...any) // says what was done how, and how long it took; may be nil
}

// Load finds what the patterns match. Diagnostics are about the user's sources, all that there are, by position; an
// error means that nothing could be loaded.
func Load(ctx context.Context, c Config) (*Module, []directive.Diagnostic, error) {
	l, err := newLoader(c)
	if err != nil {
		return nil, nil, err
	}
	if l.folders, err = l.scan(ctx); err != nil {
		return nil, nil, err
	}
	return l.attempt(ctx)
}

// attempt loads what the scan has found. What fails on what was guessed is tried once more on what is known.
func (l *loader) attempt(ctx context.Context) (*Module, []directive.Diagnostic, error) {
	module, diagnostics, err := l.finish(ctx)
	if err == nil || len(l.guesses) == 0 {
		return module, diagnostics, err
	}
	if _, err := l.settle(ctx); err != nil {
		return nil, nil, err
	}
	return l.finish(ctx)
}

// finish loads what the scan has found.
func (l *loader) finish(ctx context.Context) (*Module, []directive.Diagnostic, error) {
	l.diagnostics, l.cuts = slices.Clone(l.scanned), nil
	outputs := l.plan(l.folders)
	if err := l.load(ctx, outputs); err != nil {
		return nil, nil, err
	}
	if err := l.checkMethods(outputs); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(l.diagnostics, comparePositions)
	module := &Module{Packages: loaded(outputs), Orphans: orphans(l.folders, outputs), loader: l}
	return module, slices.Compact(l.diagnostics), nil
}

// loader holds what one call of Load needs everywhere.
type loader struct {
	config      Config
	fset        *token.FileSet
	diagnostics []directive.Diagnostic

	folders  []*folder              // that were scanned
	scanned  []directive.Diagnostic // about them
	listings map[string]listing     // what the go command said, by question
	cuts     []*Cut                 // what was left out of dependencies, by platform
	whole    bool                   // nothing is
	guesses  []*guess               // what the go command is taken to say, and has not said yet
	settled  bool                   // nothing is guessed any more
	doubted  bool                   // export data is not where it was taken to be
}

func newLoader(c Config) (*loader, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the folder to start from: %w", err)
	}
	c.Dir = dir
	if len(c.Patterns) == 0 {
		c.Patterns = []string{"."}
	}
	return &loader{config: c, fset: token.NewFileSet(), listings: make(map[string]listing)}, nil
}

func (l *loader) report(pos token.Position, format string, args ...any) {
	l.diagnostics = append(l.diagnostics, directive.Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// logf says what took the time since start.
func (l *loader) logf(start time.Time, format string, args ...any) {
	l.say("%s (%s)", fmt.Sprintf(format, args...), time.Since(start).Round(time.Millisecond))
}

func (l *loader) say(format string, args ...any) {
	if l.config.Logf != nil {
		l.config.Logf(format, args...)
	}
}

// scan finds the folders that the patterns match, and the directives in them.
func (l *loader) scan(ctx context.Context) ([]*folder, error) {
	start := time.Now()
	dirs, err := l.match(ctx)
	if err != nil {
		return nil, err
	}
	folders, err := scan(ctx, l.fset, dirs)
	if err != nil {
		return nil, err
	}
	files := 0
	for _, folder := range folders {
		files += len(folder.sources)
		l.diagnostics = append(l.diagnostics, folder.diagnostics...)
	}
	l.placeExtras(folders)
	l.scanned = l.diagnostics
	l.logf(start, "directives in %d files of %d folders", files, len(folders))
	return folders, nil
}

func comparePositions(a, b directive.Diagnostic) int {
	return cmp.Or(
		cmp.Compare(a.Pos.Filename, b.Pos.Filename),
		cmp.Compare(a.Pos.Line, b.Pos.Line),
		cmp.Compare(a.Pos.Column, b.Pos.Column),
		cmp.Compare(a.Message, b.Message),
	)
}

// loaded returns the packages of the outputs that there is something to generate for.
func loaded(outputs []*output) []*Package {
	var pkgs []*Package
	for _, output := range outputs {
		if output.pkg != nil && len(output.pkg.Sites) > 0 {
			pkgs = append(pkgs, output.pkg)
		}
	}
	return pkgs
}

// orphans returns the generated files that no directive asks for. In a folder with faulty directives none is one:
// what they ask for is not known.
func orphans(folders []*folder, outputs []*output) []string {
	wanted := make(map[string]bool, len(outputs))
	for _, output := range outputs {
		wanted[output.path] = output.pkg == nil || len(output.pkg.Sites) > 0
	}
	var paths []string
	for _, folder := range folders {
		if len(folder.diagnostics) > 0 {
			continue
		}
		paths = append(paths, slices.DeleteFunc(slices.Clone(folder.outputs), func(path string) bool { return wanted[path] })...)
	}
	slices.Sort(paths)
	return paths
}
