package load

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// library is the standard library that packages import.
type library struct {
	src     string // its folder
	version string // empty where that is not known, as of one that somebody is working at
}

// libraryOf finds the standard library by the one package that all that is compiled depends on.
func libraryOf(roots []*packages.Package) (std library) {
	packages.Visit(roots, func(pkg *packages.Package) bool {
		if pkg.PkgPath == "unsafe" {
			std.src = filepath.Dir(pkg.Dir)
		}
		return std.src == ""
	}, nil)
	if std.src == "" {
		return library{}
	}
	version, err := os.ReadFile(filepath.Join(filepath.Dir(std.src), "VERSION"))
	if err != nil {
		return library{}
	}
	std.version = string(version)
	return std
}

// isFixed reports whether the files of a package never change: they are of the standard library of this version, or of a
// module's version in the module cache, which the go command keeps from being changed and checks.
func (std library) isFixed(pkg *packages.Package) bool {
	if pkg.Module == nil {
		return std.version != "" && pkg.Dir == filepath.Join(std.src, filepath.FromSlash(pkg.PkgPath))
	}
	version := pkg.Module.Version
	if pkg.Module.Replace != nil {
		version = pkg.Module.Replace.Version
	}
	return version != "" && strings.HasSuffix(pkg.Module.Dir, "@"+version) && strings.HasPrefix(pkg.Dir, pkg.Module.Dir)
}
