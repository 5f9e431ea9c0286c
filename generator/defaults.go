package generator

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/model"
	"github.com/opikgen/opikgen/generator/internal/preset"
	"github.com/opikgen/opikgen/generator/internal/project"
)

// shippedDir is what the positions of the shipped presets start with: they are on no disk.
const shippedDir = "github.com/opikgen/opikgen/templates"

// defaults is what holds for the packages besides the directives in their sources.
type defaults struct {
	projects    []*project.File
	presets     map[*project.File]preset.Set // what holds for the packages of each project
	memory      *model.Memory
	diagnostics []Diagnostic // about the projects' files and the presets
}

// readDefaults reads the projects' files and all presets.
func readDefaults(opts Options) (*defaults, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the folder to start from: %w", err)
	}
	d := &defaults{presets: map[*project.File]preset.Set{}, memory: new(model.Memory)}
	if d.projects, d.diagnostics, err = project.ReadAll(dir); err != nil {
		return nil, err
	}
	for _, file := range d.projects {
		if d.presets[file], err = d.readPresets(opts, dir, file); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// readPresets reads the presets for one project: the shipped ones, those of the folders that its file names, and those
// of the folders that the options name. Without a folder that the file names it is not known what the calls record.
func (d *defaults) readPresets(opts Options, dir string, file *project.File) (set preset.Set, err error) {
	if opts.Presets != nil {
		if err := d.add(&set, shippedDir, opts.Presets); err != nil {
			return set, err
		}
	}
	for _, folder := range file.Templates {
		if err := d.add(&set, folder.Dir, os.DirFS(folder.Dir)); err != nil {
			d.diagnostics = append(d.diagnostics, Diagnostic{Pos: folder.Pos, Message: err.Error()})
			file.Faulty = true
		}
	}
	for _, folder := range opts.Templates {
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder)
		}
		if err := d.add(&set, folder, os.DirFS(folder)); err != nil {
			return set, err
		}
	}
	return set, nil
}

func (d *defaults) add(set *preset.Set, dir string, files fs.FS) error {
	found, err := set.Add(dir, files)
	d.diagnostics = append(d.diagnostics, found...)
	return err
}

// extras returns the wrappers that the projects' files ask for.
func (d *defaults) extras() []load.Extra {
	var extras []load.Extra
	for _, file := range d.projects {
		for _, wrap := range file.Wraps {
			extras = append(extras, load.Extra(wrap))
		}
	}
	return extras
}

// of returns the defaults of a package.
func (d *defaults) of(pkg *load.Package) model.Defaults {
	file := project.Of(d.projects, pkg.Dir)
	return model.Defaults{Presets: d.presets[file], Memory: d.memory, Project: file.Defaults(pkg.Dir, pkg.Path)}
}

// imports returns which dependencies expressions of presets may name, and those that the runtime's types are made of.
func (d *defaults) imports(all load.Dependencies) []string {
	var paths []string
	for _, presets := range d.presets {
		for _, p := range presets.For(all.Imported, all.Called) {
			paths = append(paths, p.Imported(all.Reached)...)
			paths = append(paths, model.RuntimeImports...)
		}
	}
	return paths
}

// lookups returns what any preset looks up in a dependency.
func (d *defaults) lookups(dependency load.Dependency) []string {
	var names []string
	for _, presets := range d.presets {
		names = append(names, presets.Lookups(dependency.Path, dependency.Name, dependency.Called)...)
	}
	return names
}
