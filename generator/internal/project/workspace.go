package project

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// ReadAll reads the files of all modules that a folder's packages can be of: of its own module and, in a workspace, of
// those that go.work uses. There is at least one File, which may be that of no module.
func ReadAll(dir string) ([]*File, []directive.Diagnostic, error) {
	roots, err := workspaceRoots(dir)
	if err != nil {
		return nil, nil, err
	}
	own, ok := moduleRoot(dir)
	if ok || len(roots) == 0 {
		roots = append(roots, cmp.Or(own, dir))
	}
	slices.Sort(roots)
	var files []*File
	var diagnostics []directive.Diagnostic
	for _, root := range slices.Compact(roots) {
		file, found, err := Read(root)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, file)
		diagnostics = append(diagnostics, found...)
	}
	return files, diagnostics, nil
}

// Of returns the file of the innermost module that a folder is in. Files are those of [ReadAll].
func Of(files []*File, dir string) *File {
	found := files[0]
	for _, file := range files {
		if isBelow(file.Root, dir) && len(file.Root) >= len(found.Root) || !isBelow(found.Root, dir) {
			found = file
		}
	}
	return found
}

func isBelow(root, dir string) bool {
	relative, err := filepath.Rel(root, dir)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// workspaceRoots returns the roots of the modules of the workspace that a folder is in, or none. What is wrong with
// go.work the go command will say.
func workspaceRoots(dir string) ([]string, error) {
	path := workFile(dir)
	if path == "" {
		return nil, nil
	}
	src, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the workspace: %w", err)
	}
	work, err := modfile.ParseWork(path, src, nil)
	if err != nil {
		return nil, nil
	}
	var roots []string
	for _, use := range work.Use {
		root := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(root) {
			root = filepath.Join(filepath.Dir(path), root)
		}
		roots = append(roots, root)
	}
	return roots, nil
}

// workFile returns the path of the go.work that holds for a folder, or nothing.
func workFile(dir string) string {
	switch path := os.Getenv("GOWORK"); path {
	case "off":
		return ""
	case "":
	default:
		return path
	}
	for {
		path := filepath.Join(dir, "go.work")
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
