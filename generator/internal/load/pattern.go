package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// match returns the absolute paths of the folders that the patterns stand for, sorted. Relative patterns are walked
// here, which takes a few milliseconds for a module; about import paths the go command is asked.
func (l *loader) match(ctx context.Context) ([]string, error) {
	var dirs, paths []string
	for _, pattern := range l.config.Patterns {
		if !isLocal(pattern) {
			paths = append(paths, pattern)
			continue
		}
		matched, err := matchFolders(l.config.Dir, pattern)
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, matched...)
	}
	matched, err := l.matchPaths(ctx, paths)
	if err != nil {
		return nil, err
	}
	dirs = append(dirs, matched...)
	slices.Sort(dirs)
	return slices.Compact(dirs), nil
}

// isLocal reports whether a pattern names folders rather than import paths, as the go command sees it.
func isLocal(pattern string) bool {
	first, _, _ := strings.Cut(filepath.ToSlash(pattern), "/")
	return first == "." || first == ".." || filepath.IsAbs(pattern)
}

// matchFolders returns the folders with Go files that a pattern relative to dir stands for.
func matchFolders(dir, pattern string) ([]string, error) {
	if strings.HasSuffix(pattern, ".go") {
		return nil, fmt.Errorf("%s is a file: name its folder, as what is generated belongs to the whole package", pattern)
	}
	absolute := pattern
	if !filepath.IsAbs(pattern) {
		absolute = filepath.Join(dir, pattern)
	}
	dirs, err := walk(absolute)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such folder under %s", pattern, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the packages of %s: %w", pattern, err)
	}
	if len(dirs) == 0 {
		return nil, fmt.Errorf("%s matches no Go files under %s: %s", pattern, dir, advice(dir))
	}
	return dirs, nil
}

// advice says what to do about a pattern that matches nothing. Patterns end at the folders of other modules, which in the
// root of a workspace are all there is.
func advice(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
		return "name the folders of the workspace's modules, as in ./api/..., or say work for all of them"
	}
	return "check the pattern and the folder it starts from"
}

// walk returns the folders with Go files that an absolute pattern stands for.
func walk(pattern string) ([]string, error) {
	literal, _, wild := strings.Cut(pattern, "...")
	if !wild {
		return goFolders(pattern, func(string) bool { return false })
	}
	matches := wildcard(pattern)
	root, _ := filepath.Split(literal)
	ignored := ignoreLines(root)
	dirs, err := goFolders(filepath.Clean(root), func(dir string) bool { return !isIgnored(dir) && !ignored(dir) })
	return slices.DeleteFunc(dirs, func(dir string) bool { return !matches(dir) || ignored(dir) }), err
}

// wildcard returns what a pattern with three dots in it matches: they stand for any text, and at the end, behind a
// slash, for nothing as well.
func wildcard(pattern string) func(dir string) bool {
	expr := regexp.QuoteMeta(filepath.ToSlash(pattern))
	if rest, ok := strings.CutSuffix(expr, `/\.\.\.`); ok {
		expr = rest + `(/\.\.\.)?`
	}
	re := regexp.MustCompile("^" + strings.ReplaceAll(expr, `\.\.\.`, ".*") + "$")
	return func(dir string) bool { return re.MatchString(filepath.ToSlash(dir)) }
}

// isIgnored reports whether the go command's wildcards pass over a folder: by its name, or because another module
// starts there.
func isIgnored(dir string) bool {
	name := filepath.Base(dir)
	if name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	info, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil && !info.IsDir()
}

// goFolders returns root and the folders below it that enter lets it into, as far as there are Go files in them.
func goFolders(root string, enter func(dir string) bool) ([]string, error) {
	var dirs []string
	within := root + string(filepath.Separator) // follows a root that is a symbolic link
	err := filepath.WalkDir(within, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != within && !enter(path) {
				return filepath.SkipDir
			}
			return nil
		}
		dir := filepath.Dir(path)
		if isGoFile(entry.Name()) && (len(dirs) == 0 || dirs[len(dirs)-1] != dir) {
			dirs = append(dirs, dir)
		}
		return nil
	})
	return dirs, err
}

// isGoFile reports whether the go command takes a file for a part of its folder's package.
func isGoFile(base string) bool {
	return strings.HasSuffix(base, ".go") && !strings.HasPrefix(base, "_") && !strings.HasPrefix(base, ".")
}

// matchPaths returns the folders of the main module's packages that import path patterns stand for.
func (l *loader) matchPaths(ctx context.Context, patterns []string) ([]string, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	pkgs, err := l.goList(ctx, query{mode: packages.NeedName | packages.NeedFiles | packages.NeedModule, patterns: patterns})
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, pkg := range pkgs {
		if pkg.Module != nil && pkg.Module.Main && pkg.Dir != "" {
			dirs = append(dirs, pkg.Dir)
		}
	}
	if len(dirs) == 0 {
		return nil, noPackage(patterns, pkgs)
	}
	return dirs, nil
}

// noPackage says why import path patterns match nothing that could be written to.
func noPackage(patterns []string, pkgs []*packages.Package) error {
	for _, pkg := range pkgs {
		if len(pkg.Errors) > 0 {
			return fmt.Errorf("%s: %s", pkg.PkgPath, pkg.Errors[0].Msg)
		}
	}
	return fmt.Errorf("%s: no package of the main module matches; folders start with ./", strings.Join(patterns, " "))
}
