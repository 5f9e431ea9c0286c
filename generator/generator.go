// Package generator turns //opik:track directives into the wrappers that report calls to Opik.
//
// It is a pure function from packages to files: Generate reads Go packages, decides, and returns what the generated
// files should hold. Writing them is the caller's business.
//
//	directive -> site -> model -> emitted file
//	   parse     load    build     emit
package generator

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/emit"
	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/model"
	"github.com/opikgen/opikgen/generator/internal/parallel"
)

// Options says what to generate. The zero value is the package in the current directory.
//
// The file opikgen.yaml at the root of Dir's module is read, too, where there is one, and under a go.work that of each
// module it uses.
type Options struct {
	Dir      string   // where patterns and relative paths start, "" for the current directory
	Patterns []string // package patterns as the go command's; none is "."

	// Presets holds the presets that come with opikgen, the FS of package templates; nil stands for none. Templates
	// names folders of the user's own. They replace presets of the same file name, later folders those of earlier ones.
	Presets   fs.FS
	Templates []string

	// CacheDir is a folder in which what the go command says is kept for the next run, which then begins with it while the
	// go command is asked, and begins anew if that says anything else. "" keeps nothing.
	CacheDir string

	Logf func(format string, args ...any) // is told how packages were loaded and how long it took; may be nil
}

// A Result is what Generate decided. Files and Diagnostics are sorted by position, and are the same for the same
// sources on every run.
type Result struct {
	Files       []File
	Diagnostics []Diagnostic
	Tracked     []Tracked
}

// A File is one generated file, as it should be and as it is.
type File struct {
	Path    string // absolute
	Content []byte // nil where the file should not exist, because the last directive of its package went away
	Current []byte // nil where there is no such file
}

// Stale reports whether the file has to be written or removed.
func (f File) Stale() bool {
	return (f.Content == nil) != (f.Current == nil) || !bytes.Equal(f.Content, f.Current)
}

// Generate loads the packages that opts names and returns the files that belong beside their sources.
//
// A mistake in a directive or in a tracked signature is a Diagnostic, not an error: it costs that wrapper, and
// everything else is in the result. The error is non-nil where nothing could be decided, because the packages could
// not be found, say, or ctx has ended.
func Generate(ctx context.Context, opts Options) (*Result, error) {
	defaults, err := readDefaults(opts)
	if err != nil {
		return nil, err
	}
	module, diagnostics, err := load.Load(ctx, load.Config{
		Dir: opts.Dir, Patterns: opts.Patterns, CacheDir: opts.CacheDir, Logf: opts.Logf,
		Extras: defaults.extras(), Also: defaults.imports, Names: defaults.lookups,
	})
	if err != nil {
		return nil, err
	}
	g := generation{module: module, diagnostics: diagnostics}
	if err := g.run(ctx, defaults); err != nil {
		return nil, err
	}
	return g.result(defaults.diagnostics), nil
}

// generation is what comes of a module.
type generation struct {
	module      *load.Module
	diagnostics []Diagnostic // about how it is loaded
	outcomes    []outcome
}

// run generates for all packages, and begins anew where the module has to be loaded again. What was remembered of types
// is of others then.
func (g *generation) run(ctx context.Context, defaults *defaults) error {
	outcomes, failed := generateAll(ctx, g.module.Packages, defaults)
	again, diagnostics, err := g.module.Again(ctx)
	switch {
	case err != nil:
		return err
	case again == nil:
		g.outcomes = outcomes
		return failed
	}
	g.module, g.diagnostics, defaults.memory = again, diagnostics, new(model.Memory)
	return g.run(ctx, defaults)
}

// result puts together what was decided, and what is known besides to be wrong.
func (g *generation) result(wrong []Diagnostic) *Result {
	result := new(Result)
	diagnostics := slices.Concat(g.diagnostics, wrong)
	for _, outcome := range g.outcomes {
		diagnostics = append(diagnostics, outcome.diagnostics...)
		result.Files = append(result.Files, outcome.files...)
		result.Tracked = append(result.Tracked, outcome.tracked...)
	}
	for _, path := range g.module.Orphans {
		if len(wrong) == 0 { // else it may well be asked for
			result.Files = append(result.Files, File{Path: path})
		}
	}
	result.Diagnostics = sorted(diagnostics)
	result.readCurrent()
	return result
}

// outcome is what one package comes to.
type outcome struct {
	files       []File // one, or none if nothing is left of the directives
	tracked     []Tracked
	diagnostics []Diagnostic
	err         error
}

// generateAll generates for each package on its own, in the order of the packages.
func generateAll(ctx context.Context, pkgs []*load.Package, defaults *defaults) ([]outcome, error) {
	outcomes := make([]outcome, len(pkgs))
	if err := parallel.Each(ctx, len(pkgs), func(i int) { outcomes[i] = generate(pkgs[i], defaults) }); err != nil {
		return nil, err
	}
	for _, outcome := range outcomes {
		if outcome.err != nil {
			return nil, outcome.err
		}
	}
	return outcomes, nil
}

func generate(pkg *load.Package, defaults *defaults) outcome {
	file, diagnostics := model.Build(pkg, defaults.of(pkg))
	if file == nil {
		return outcome{diagnostics: diagnostics}
	}
	content, err := emit.Emit(file)
	if err != nil {
		return outcome{err: fmt.Errorf("%s: %w", pkg.Output, err)}
	}
	return outcome{
		files:       []File{{Path: pkg.Output, Content: content}},
		tracked:     slices.Collect(tracked(file)),
		diagnostics: diagnostics,
	}
}

// readCurrent reads what stands at the paths of the files now. What cannot be read is not as it should be, and whoever
// writes the file finds out why.
func (r *Result) readCurrent() {
	for i := range r.Files {
		if current, err := os.ReadFile(r.Files[i].Path); err == nil {
			r.Files[i].Current = current
		}
	}
}
