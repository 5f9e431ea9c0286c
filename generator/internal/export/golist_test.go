package export_test

import (
	"bytes"
	"context"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/export"
)

// standard are packages whose objects depend on each other in every way that export data knows.
var standard = []string{"cmp", "context", "encoding/json", "go/types", "io", "iter", "maps", "math", "net/http", "net/url", "slices", "sync/atomic"}

// standardFiles has the export files of the standard packages.
var standardFiles = sync.OnceValues(func() (map[string]string, error) { return listExports(context.Background(), ".", standard...) })

// listExports returns the names of export files by import path.
func listExports(ctx context.Context, dir string, patterns ...string) (map[string]string, error) {
	args := append([]string{"list", "-export", "-f", "{{.ImportPath}}\t{{.Export}}"}, patterns...)
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = dir
	output, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, output)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(output)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[path] = file
	}
	return files, nil
}

// exportFile returns the name of a standard package's export file.
func exportFile(tb testing.TB, path string) string {
	tb.Helper()
	files, err := standardFiles()
	require.NoError(tb, err)
	require.NotEmpty(tb, files[path])
	return files[path]
}

// contents returns the export data of a standard package.
func contents(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(exportFile(tb, path))
	require.NoError(tb, err)
	return data
}

// open opens the export data of a standard package.
func open(tb testing.TB, path string) *export.Data {
	tb.Helper()
	data, err := export.Open(exportFile(tb, path))
	require.NoError(tb, err)
	return data
}

// trim returns the export data of a standard package with some of its names.
func trim(tb testing.TB, path string, names ...string) []byte {
	tb.Helper()
	trimmed, err := open(tb, path).Trim(set(names...))
	require.NoError(tb, err)
	return trimmed
}

// set makes a set of names.
func set(names ...string) map[string]bool {
	of := make(map[string]bool, len(names))
	for _, name := range names {
		of[name] = true
	}
	return of
}

// world is what one importer has read.
type world struct {
	files    *token.FileSet
	importer types.Importer
}

// newWorld returns an importer of export data, by import path.
func newWorld(data map[string][]byte) world {
	files := token.NewFileSet()
	return world{files, importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) {
		if data[path] == nil {
			return nil, fmt.Errorf("no data of %s", path)
		}
		return io.NopCloser(bytes.NewReader(data[path])), nil
	})}
}

// read imports a package.
func (w world) read(tb testing.TB, path string) *types.Package {
	tb.Helper()
	pkg, err := w.importer.Import(path)
	require.NoError(tb, err)
	return pkg
}

// compile writes a module into a folder of its own, and returns the names of its export files by import path.
func compile(tb testing.TB, files map[string]string) map[string]string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(tb, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(tb, os.WriteFile(path, []byte(text), 0o666))
	}
	tb.Setenv("GOWORK", "off")
	exports, err := listExports(tb.Context(), dir, "./...")
	require.NoError(tb, err)
	return exports
}
