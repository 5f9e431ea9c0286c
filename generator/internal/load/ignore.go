package load

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// ignoreLines returns what the ignore lines of the go.mod above a folder say of folders: the go command's wildcards pass
// over those. A go.mod that does not parse says nothing here, as the go command will say it.
func ignoreLines(dir string) func(dir string) bool {
	root := moduleRoot(dir)
	src, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return func(string) bool { return false }
	}
	file, err := modfile.ParseLax("go.mod", src, nil)
	if err != nil {
		return func(string) bool { return false }
	}
	return func(dir string) bool {
		relative, err := filepath.Rel(root, dir)
		if err != nil {
			return false
		}
		for _, line := range file.Ignore {
			if isIgnoredBy(line.Path, filepath.ToSlash(relative)) {
				return true
			}
		}
		return false
	}
}

// isIgnoredBy reports whether a line ignores a folder, which is relative to the module's root. One that starts with ./ is
// about that folder alone, any other about all folders whose path holds it.
func isIgnoredBy(line, dir string) bool {
	line = strings.TrimSuffix(line, "/")
	if below, ok := strings.CutPrefix(line, "./"); ok {
		return strings.HasPrefix("/"+dir+"/", "/"+below+"/")
	}
	return strings.Contains("/"+dir+"/", "/"+strings.TrimPrefix(line, "/")+"/")
}

// moduleRoot returns the nearest folder, from dir upwards, that holds a go.mod, or nothing.
func moduleRoot(dir string) string {
	for {
		info, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil && !info.IsDir() {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
