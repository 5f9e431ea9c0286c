// Package project reads opikgen.yaml, the file at a module's root that says what holds for more than one declaration:
//
//	templates: [./presets]          # folders of presets
//	packages:
//	  ./...: {project_name: support}
//	  ./internal/llm:
//	    type: llm
//	    redact: [apiKey, password]
//	wrap:
//	  - target: net/http.RoundTripper
//	    package: ./internal/web
//	    as: Transport
//
// Below packages stand defaults of the directives, by pattern; below wrap the types of other people that get a wrapper
// without a directive in the sources.
package project

import (
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// FileName is what the file is called.
const FileName = "opikgen.yaml"

// File is what one opikgen.yaml says. The zero value is that of a module without one.
type File struct {
	Root      string // absolute path of the module's root
	Templates []Folder
	Wraps     []Wrap

	// Faulty says that a diagnostic is about the file as a whole: what it asks for is not known.
	Faulty bool

	packages []defaults
}

// Folder is a folder that the file names.
type Folder struct {
	Pos token.Position
	Dir string // absolute
}

// Wrap asks for a wrapper of a type that another package owns.
type Wrap struct {
	Dir       string // absolute path of the folder that the wrapper is for
	Directive directive.Directive
}

// defaults are the arguments for the packages that a pattern matches.
type defaults struct {
	pattern   pattern
	directive directive.Directive
}

// Read reads the file of the module that a folder is part of. Diagnostics are all that is wrong with it; an error means
// that it is there and cannot be read.
func Read(dir string) (*File, []directive.Diagnostic, error) {
	root, ok := moduleRoot(dir)
	if !ok {
		return &File{}, nil, nil
	}
	src, err := os.ReadFile(filepath.Join(root, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return &File{Root: root}, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the project's defaults: %w", err)
	}
	file, diagnostics := Parse(root, src)
	return file, append(diagnostics, file.missingFolders()...), nil
}

// moduleRoot returns the nearest folder, from dir upwards, that holds a go.mod.
func moduleRoot(dir string) (root string, ok bool) {
	for {
		info, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil && !info.IsDir() {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// Defaults returns the arguments for a package, by its folder and import path: those of the more specific patterns
// over those of the others, key by key.
func (f *File) Defaults(dir, importPath string) directive.Directive {
	at := placeOf(f.Root, dir, importPath)
	matching := slices.DeleteFunc(slices.Clone(f.packages), func(d defaults) bool { return !d.pattern.matches(at) })
	slices.SortStableFunc(matching, func(a, b defaults) int { return a.pattern.compareSpecificity(b.pattern, at) })
	merged := directive.Directive{Faulty: f.Faulty}
	for _, d := range matching {
		faulty := merged.Faulty || d.directive.Faulty
		merged = directive.Merge(merged, d.directive)
		merged.Faulty = faulty
	}
	return merged
}

// missingFolders reports patterns and wraps whose folders are not there.
func (f *File) missingFolders() []directive.Diagnostic {
	var found []directive.Diagnostic
	report := func(pos token.Position, dir string) {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			found = append(found, directive.Diagnostic{Pos: pos, Message: fmt.Sprintf(
				"there is no folder %s: write it relative to this file", relative(f.Root, dir))})
		}
	}
	for i, d := range f.packages {
		if d.pattern.local {
			before := len(found)
			report(d.directive.Pos, filepath.Join(f.Root, filepath.FromSlash(d.pattern.path)))
			f.packages[i].directive.Faulty = d.directive.Faulty || len(found) > before
		}
	}
	for _, wrap := range f.Wraps {
		report(wrap.Directive.Pos, wrap.Dir)
	}
	return found
}

// relative writes a folder below the root as it stands in the file.
func relative(root, dir string) string {
	below, err := filepath.Rel(root, dir)
	if err != nil {
		return dir
	}
	return "./" + filepath.ToSlash(below)
}
