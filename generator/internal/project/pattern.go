package project

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"unicode"
)

// pattern names packages: one, or with an ending of /... those below a folder, too.
type pattern struct {
	path  string // without the ending; of a local one relative to the root, "." for that itself
	local bool   // it names folders, not import paths
	below bool
}

// parsePattern reads a pattern as the go command takes it, but for dots inside it.
func parsePattern(text string) (pattern, error) {
	var p pattern
	p.path, p.below = cutBelow(text)
	switch {
	case text == "":
		return p, errors.New("the pattern is empty: write a folder such as ./internal/llm or an import path, with /... for those below, too")
	case strings.Contains(p.path, "...") || p.path == "":
		return p, fmt.Errorf("%s: three dots stand at the end, behind a slash, as in ./internal/... and in no other place", text)
	case strings.HasPrefix(p.path, "/") || filepath.IsAbs(p.path):
		return p, fmt.Errorf("%s is an absolute path: write it relative to this file, with ./ in front", text)
	case strings.ContainsFunc(p.path, unicode.IsSpace) || strings.ContainsAny(p.path, "*?\\\"'`"):
		return p, fmt.Errorf("%s is no package pattern: write a folder such as ./internal/llm or an import path, with /... for those below, too", text)
	}
	first, _, _ := strings.Cut(p.path, "/")
	p.local = first == "." || first == ".."
	p.path = path.Clean(p.path)
	if p.local && (p.path == ".." || strings.HasPrefix(p.path, "../")) {
		return p, fmt.Errorf("%s leaves the module: name a folder below this file's", text)
	}
	return p, nil
}

func cutBelow(text string) (before string, found bool) {
	return strings.CutSuffix(text, "/...")
}

// place is where a package is.
type place struct {
	folder     string // relative to the root, with slashes
	importPath string
}

// placeOf returns the place of a package. External tests are at that of the package that they test.
func placeOf(root, dir, importPath string) place {
	folder, err := filepath.Rel(root, dir)
	if err != nil {
		folder = dir
	}
	folder = filepath.ToSlash(folder)
	if !strings.HasSuffix(folder, "_test") {
		importPath = strings.TrimSuffix(importPath, "_test")
	}
	return place{folder: folder, importPath: importPath}
}

func (p pattern) matches(at place) bool {
	if p.local {
		return p.covers(at.folder)
	}
	return p.covers(at.importPath)
}

func (p pattern) covers(name string) bool {
	switch {
	case name == p.path:
		return true
	case !p.below:
		return false
	case p.path == ".":
		return name != ".." && !strings.HasPrefix(name, "../")
	}
	return strings.HasPrefix(name, p.path+"/")
}

// compareSpecificity orders two patterns that match a package: that of a single package is more specific than one with
// an ending, and a longer one than a shorter. Import paths are counted from the module's root, as folders are.
func (p pattern) compareSpecificity(other pattern, at place) int {
	if p.below != other.below {
		return ending(other) - ending(p)
	}
	return p.depth(at) - other.depth(at)
}

func ending(p pattern) int {
	if p.below {
		return 1
	}
	return 0
}

// depth is how many elements of the pattern lie below the root. It is negative for an import path above that.
func (p pattern) depth(at place) int {
	if p.local {
		return elements(p.path)
	}
	return elements(p.path) - (elements(at.importPath) - elements(at.folder))
}

func elements(name string) int {
	if name == "." {
		return 0
	}
	return 1 + strings.Count(name, "/")
}
