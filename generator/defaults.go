package generator

import (
	"fmt"
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
	presets     preset.Set
	project     *project.File
	diagnostics []Diagnostic // about the project's file and the presets
}

// readDefaults reads the project's file and all presets: the shipped ones, those of the folders that the file names,
// and those of the folders that the options name.
func readDefaults(opts Options) (*defaults, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the folder to start from: %w", err)
	}
	d := new(defaults)
	d.project, d.diagnostics, err = project.Read(dir)
	if err != nil {
		return nil, err
	}
	if opts.Presets != nil {
		found, err := d.presets.Add(shippedDir, opts.Presets)
		if err != nil {
			return nil, err
		}
		d.diagnostics = append(d.diagnostics, found...)
	}
	d.addProjectPresets()
	for _, folder := range opts.Templates {
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder)
		}
		if err := d.addPresets(folder); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// addProjectPresets reads the folders that the project's file names. Without one of them it is not known what the
// calls record.
func (d *defaults) addProjectPresets() {
	for _, folder := range d.project.Templates {
		if err := d.addPresets(folder.Dir); err != nil {
			d.diagnostics = append(d.diagnostics, Diagnostic{Pos: folder.Pos, Message: err.Error()})
			d.project.Faulty = true
		}
	}
}

func (d *defaults) addPresets(dir string) error {
	found, err := d.presets.Add(dir, os.DirFS(dir))
	d.diagnostics = append(d.diagnostics, found...)
	return err
}

// extras returns the wrappers that the project's file asks for.
func (d *defaults) extras() []load.Extra {
	var extras []load.Extra
	for _, wrap := range d.project.Wraps {
		extras = append(extras, load.Extra(wrap))
	}
	return extras
}

// of returns the defaults of a package.
func (d *defaults) of(pkg *load.Package) model.Defaults {
	return model.Defaults{Presets: d.presets, Project: d.project.Defaults(pkg.Dir, pkg.Path)}
}
