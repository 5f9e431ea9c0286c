package load

import (
	"go/parser"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// Extra asks for a wrapper of a type that another package owns, without a directive in the sources of the package that
// gets it.
type Extra struct {
	Dir       string // absolute path of the folder of that package
	Directive directive.Directive
}

// placeExtras adds the extras to a source of their folders, as if they stood there.
func (l *loader) placeExtras(folders []*folder) {
	for _, folder := range folders {
		for _, extra := range l.config.Extras {
			if extra.Dir == folder.dir && !folder.unreadable {
				l.placeExtra(folder, extra.Directive)
			}
		}
	}
}

func (l *loader) placeExtra(f *folder, d directive.Directive) {
	host := f.plainSource()
	if host == nil {
		host = l.addPlainSource(f)
	}
	if host == nil {
		l.report(d.Pos, "%s cannot be wrapped in %s: no file there is part of its package on all platforms; add one with a package clause",
			d.Target, filepath.Base(f.dir))
		return
	}
	host.placed = append(host.placed, directive.Placed{Directive: d})
}

// plainSource returns a source that is neither a test nor under a build constraint, or nil.
func (f *folder) plainSource() *source {
	for _, s := range f.sources {
		if !s.test && s.constraint == nil {
			return s
		}
	}
	return nil
}

// addPlainSource makes a source of the first file without a directive that could be one, or returns nil.
func (l *loader) addPlainSource(f *folder) *source {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if added := l.plainFile(f.dir, entry); added != nil {
			f.sources = append(f.sources, added)
			slices.SortFunc(f.sources, func(a, b *source) int { return strings.Compare(a.path, b.path) })
			return added
		}
	}
	return nil
}

// plainFile reads a file that is neither a test nor under a build constraint, nor this tool's own. It returns nil for
// others, and for those that do not parse, about which there is a diagnostic when the package is read.
func (l *loader) plainFile(dir string, entry fs.DirEntry) *source {
	base := entry.Name()
	if _, test := nameTags(base); test || entry.IsDir() || !isGoFile(base) || hasOutputName(base) {
		return nil
	}
	path := filepath.Join(dir, base)
	file, err := parser.ParseFile(l.fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || constraintOf(base, file) != nil {
		return nil
	}
	dropBodies(file)
	return &source{path: path, file: file}
}

// extrasOf returns the extras of a package as if a source held them. In the folders that were looked into, one does.
func (u *universe) extrasOf(unit *unit) []*source {
	var found []*source
	for _, extra := range u.extras {
		if extra.Dir == unit.Dir && !u.folders[unit.Dir] && len(unit.files) > 0 {
			placed := directive.Placed{Directive: extra.Directive}
			found = append(found, &source{file: unit.files[0], placed: []directive.Placed{placed}})
		}
	}
	return found
}

// declaredFrom returns the file names of what an output is generated from.
func (o *output) declaredFrom() []string {
	var names []string
	for _, placed := range o.directives() {
		names = append(names, filepath.Base(placed.Pos.Filename))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
