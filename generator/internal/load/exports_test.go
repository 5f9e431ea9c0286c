package load

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// TestExportDataOfANewerCompiler stands for a tool that was built before the user's Go was there: what it cannot read
// it reads from source.
func TestExportDataOfANewerCompiler(t *testing.T) {
	dir := t.TempDir()
	source, export := filepath.Join(dir, "dep.go"), filepath.Join(dir, "export")
	require.NoError(t, os.WriteFile(source, []byte("package dep\n\ntype T struct{}\n"), 0o666))
	require.NoError(t, os.WriteFile(export, []byte("!<arch>\nof a format to come"), 0o666))
	pkg := &packages.Package{ID: "example.com/dep", PkgPath: "example.com/dep", Name: "dep", GoFiles: []string{source}, ExportFile: export}

	var log []string
	logf := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	l, err := newLoader(Config{Dir: dir, Logf: logf})
	require.NoError(t, err)
	u := l.newUniverse(nil, nil)
	require.NoError(t, l.typecheck(t.Context(), u, []*packages.Package{pkg}))
	assert.Contains(t, log[0], "no export data: reading that of example.com/dep: ")
	types, err := u.typesOf(pkg)
	require.NoError(t, err)
	assert.NotNil(t, types.Scope().Lookup("T"))
}
