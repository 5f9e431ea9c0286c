package load

import (
	"go/build/constraint"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// output is one file to generate and what goes into it.
type output struct {
	folder     *folder
	key        outputKey
	constraint constraint.Expr // or nil
	path       string
	sources    []*source
	pkg        *Package // once it is loaded
}

// plan decides which files the directives of the folders ask for, by folder and file name.
func (l *loader) plan(folders []*folder) []*output {
	var outputs []*output
	for _, folder := range folders {
		if !folder.unreadable {
			outputs = append(outputs, slices.DeleteFunc(folder.plan(), l.isBlocked)...)
		}
	}
	for _, o := range outputs {
		for _, s := range o.sources {
			s.output = o
		}
	}
	return outputs
}

// plan groups the sources of a folder by what keeps them in different outputs.
func (f *folder) plan() []*output {
	byKey := make(map[outputKey]*output)
	constraints := make(map[outputKey]constraint.Expr)
	for _, source := range f.sources {
		key := source.key()
		if byKey[key] == nil {
			byKey[key] = &output{folder: f, key: key, constraint: source.constraint}
			constraints[key] = source.constraint
		}
		byKey[key].sources = append(byKey[key].sources, source)
	}
	var outputs []*output
	for key, name := range outputNames(constraints) {
		byKey[key].path = filepath.Join(f.dir, name)
		outputs = append(outputs, byKey[key])
	}
	slices.SortFunc(outputs, func(a, b *output) int { return strings.Compare(a.path, b.path) })
	return outputs
}

// isBlocked reports whether a file that somebody else wrote has the name that an output would get.
func (l *loader) isBlocked(o *output) bool {
	if !slices.Contains(o.folder.others, o.path) {
		return false
	}
	l.report(o.pos(), "%s was not written by opikgen, so it is not overwritten: rename it", filepath.Base(o.path))
	return true
}

// pos returns the place of the output's first directive.
func (o *output) pos() token.Position { return o.sources[0].placed[0].Pos }

// directives returns the directives that the output is generated from.
func (o *output) directives() []directive.Placed {
	var all []directive.Placed
	for _, s := range o.sources {
		all = append(all, s.placed...)
	}
	return all
}
