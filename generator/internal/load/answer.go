package load

import (
	"path/filepath"
	"reflect"

	"golang.org/x/tools/go/packages"
)

// answer is what the go command said about packages, without pointers: as it is kept from one run to the next, and
// compared.
type answer struct {
	Go       string   `json:",omitempty"` // the version of the standard library
	Roots    []string // IDs of the packages that were asked for, in their order
	Packages []listed // those and all that they import, each behind what it imports itself
}

// listed is a package of an answer, as far as it is looked at. What is empty is nil.
type listed struct {
	ID           string
	Name         string            `json:",omitempty"`
	PkgPath      string            `json:",omitempty"`
	Dir          string            `json:",omitempty"`
	ForTest      string            `json:",omitempty"`
	GoFiles      []string          `json:",omitempty"` // base names of those in Dir
	IgnoredFiles []string          `json:",omitempty"` // likewise
	Errors       []packages.Error  `json:",omitempty"`
	Imports      map[string]string `json:",omitempty"` // IDs, by the path in the import declaration
	ExportFile   string            `json:",omitempty"` // not of the main module, where each change moves it: it is not read
	Module       *module           `json:",omitempty"`
	Fixed        bool              `json:",omitempty"` // what is in the files never changes
}

// module is what is looked at of a package's module.
type module struct {
	Path string
	Main bool `json:",omitempty"`
}

// newAnswer takes the pointers out of what the go command said.
func newAnswer(roots []*packages.Package) answer {
	std := libraryOf(roots)
	a := answer{Go: std.version}
	for _, root := range roots {
		a.Roots = append(a.Roots, root.ID)
	}
	packages.Visit(roots, nil, func(pkg *packages.Package) { a.Packages = append(a.Packages, newListed(pkg, std)) })
	return a
}

func newListed(pkg *packages.Package, std library) listed {
	l := listed{
		ID: pkg.ID, Name: pkg.Name, PkgPath: pkg.PkgPath, Dir: pkg.Dir, ForTest: pkg.ForTest,
		GoFiles: inside(pkg.Dir, pkg.GoFiles), IgnoredFiles: inside(pkg.Dir, pkg.IgnoredFiles), Fixed: std.isFixed(pkg),
	}
	if len(pkg.Errors) > 0 {
		l.Errors = pkg.Errors
	}
	if len(pkg.Imports) > 0 {
		l.Imports = make(map[string]string, len(pkg.Imports))
	}
	for path, imported := range pkg.Imports {
		l.Imports[path] = imported.ID
	}
	if pkg.Module != nil {
		l.Module = &module{pkg.Module.Path, pkg.Module.Main}
	}
	if !l.isOwn() {
		l.ExportFile = pkg.ExportFile
	}
	return l
}

// isOwn is isOwn of the package.
func (l listed) isOwn() bool { return l.Module != nil && l.Module.Main }

// isComplete reports whether the export data of all packages of other modules is known, and will be the same as long as
// the go command lists the same files of them: these never change, nor do those of the packages that they import.
func (a answer) isComplete() bool {
	own := make(map[string]bool)
	for _, l := range a.Packages {
		if own[l.ID] = l.isOwn(); own[l.ID] {
			continue
		}
		if !l.Fixed || l.ExportFile == "" && l.PkgPath != "unsafe" {
			return false
		}
		for _, id := range l.Imports {
			if own[id] {
				return false
			}
		}
	}
	return true
}

// complete says of packages that the go command was asked about, but not about their export data, where that is. It
// returns false if that is not known of all.
func (a answer) complete(roots []*packages.Package) (known bool) {
	std, kept, changed := libraryOf(roots), a.byID(), make(map[string]bool)
	if std.version != a.Go {
		return false
	}
	known = true
	packages.Visit(roots, nil, func(pkg *packages.Package) {
		if isOwn(pkg) {
			return
		}
		pkg.ExportFile = kept[pkg.ID].ExportFile
		same := reflect.DeepEqual(newListed(pkg, std), kept[pkg.ID])
		for _, imported := range pkg.Imports {
			same = same && !changed[imported.ID]
		}
		changed[pkg.ID] = !same
		known = known && same
	})
	return known
}

func (a answer) byID() map[string]listed {
	all := make(map[string]listed, len(a.Packages))
	for _, l := range a.Packages {
		all[l.ID] = l
	}
	return all
}

// packages puts the pointers in again. It returns none for an answer that is not in order, whose packages import each
// other in a circle, say.
func (a answer) packages() []*packages.Package {
	known := make(map[string]*packages.Package, len(a.Packages))
	for _, l := range a.Packages {
		if known[l.ID] = l.linked(known); known[l.ID] == nil {
			return nil
		}
	}
	roots := make([]*packages.Package, len(a.Roots))
	for i, id := range a.Roots {
		if roots[i] = known[id]; roots[i] == nil {
			return nil
		}
	}
	return roots
}

// linked returns the package with those that it imports, or nil where one of them is not known.
func (l listed) linked(known map[string]*packages.Package) *packages.Package {
	pkg := &packages.Package{
		ID: l.ID, Name: l.Name, PkgPath: l.PkgPath, Dir: l.Dir, ForTest: l.ForTest,
		GoFiles: within(l.Dir, l.GoFiles), IgnoredFiles: within(l.Dir, l.IgnoredFiles), Errors: l.Errors,
		Imports: make(map[string]*packages.Package, len(l.Imports)), ExportFile: l.ExportFile,
	}
	if l.Module != nil {
		pkg.Module = &packages.Module{Path: l.Module.Path, Main: l.Module.Main}
	}
	for path, id := range l.Imports {
		if pkg.Imports[path] = known[id]; known[id] == nil {
			return nil
		}
	}
	return pkg
}

// inside shortens the paths of files in a folder to their base names.
func inside(dir string, files []string) []string {
	var names []string
	for _, file := range files {
		if folder, base := filepath.Split(file); filepath.Clean(folder) == dir {
			file = base
		}
		names = append(names, file)
	}
	return names
}

// within makes paths of the base names of files in a folder.
func within(dir string, names []string) []string {
	var files []string
	for _, name := range names {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		files = append(files, name)
	}
	return files
}
