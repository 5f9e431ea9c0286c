package directive_test

import (
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// FuzzPlace looks for files that make Place panic, or lose a directive without a word.
func FuzzPlace(f *testing.F) {
	for _, seed := range []string{
		"package p\n\n//opik:track\nfunc f() {}\n",
		"//opik:track\npackage p\ntype (\n//opik:track\nT struct {\n//opik:ignore\nx int }\n)\n",
		"package p\ntype I interface {\nM() //opik:track\n//opik:ignore\nio.Reader\n}\n//opik:wrap io.Reader as=R",
		"package p\nfunc f() { //opik:track\n}\n//opik:ignore\nvar x, y = 1, 2\n//opik:track\n\nconst ()\n",
		"package p\n//opik:track\n//opik:ignore\ntype T = int //opik:track\nimport \"C\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return
		}
		placed, diagnostics := directive.Place(fset, file)
		found := 0
		for _, group := range file.Comments {
			directives, faults := directive.Parse(fset, group)
			found += len(directives) + len(faults)
		}
		assert.Equal(t, found, len(placed)+len(diagnostics))
		for _, p := range placed {
			assert.Equal(t, p.Verb == directive.Wrap, p.Node == nil)
			assert.True(t, directive.Mentioned([]byte(src)))
		}
	})
}
