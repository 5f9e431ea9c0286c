package directive_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

func place(t *testing.T, src string) ([]directive.Placed, []directive.Diagnostic) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	return directive.Place(fset, file)
}

// nodeName names what a directive stands over.
func nodeName(p directive.Placed) string {
	switch node := p.Node.(type) {
	case *ast.FuncDecl:
		return "func " + node.Name.Name
	case *ast.TypeSpec:
		return "type " + node.Name.Name
	case *ast.Field:
		return p.Owner.Name.Name + "." + node.Names[0].Name
	}
	return "nothing"
}

func TestPlaceFindsDeclarations(t *testing.T) {
	placed, diagnostics := place(t, `// Package p is commented.
package p

//opik:wrap io.Reader as=First

// F does it.
//
//opik:track
func F() {
	//opik:wrap io.Reader as=Second
}

//opik:track
func (t *T) M() {}

//opik:track type=llm
type I interface {
	//opik:ignore
	A()
	B() //opik:track name=b
	// C has no directive.
	C()
}

type (
	// T is grouped.
	//opik:track
	T struct{ x int }

	U struct{}
)

//opik:track
type V = T

//opik:wrap io.Reader as=Third
type W int
`)
	require.Empty(t, diagnostics)
	var got []string
	for _, p := range placed {
		got = append(got, string(p.Verb)+" "+nodeName(p))
		assert.NotNil(t, p.Doc)
	}
	assert.Equal(t, []string{
		"wrap nothing", "track func F", "wrap nothing", "track func M", "track type I", "ignore I.A", "track I.B",
		"track type T", "track type V", "wrap nothing",
	}, got)
}

func TestPlaceRefuses(t *testing.T) {
	tests := map[string]struct{ src, want string }{
		"package clause": {"//opik:track\npackage p\n",
			"p.go:1:1: //opik:track stands over the package clause: put it on the line above a declaration"},
		"above the package clause": {"//opik:track\n\npackage p\n",
			"p.go:1:1: //opik:track stands over the package clause: put it on the line above a declaration"},
		"import": {"package p\n\n//opik:track\nimport \"io\"\n",
			"p.go:3:1: //opik:track stands over the import declaration: only functions, methods, interfaces and structs can be tracked"},
		"one of several imports": {"package p\n\nimport (\n\t//opik:track\n\t\"io\"\n)\n",
			"p.go:4:2: //opik:track stands over an import: put it on the line above a declaration"},
		"variable": {"package p\n\n//opik:track\nvar x = 1\n",
			"p.go:3:1: //opik:track stands over var x: only functions, methods, interfaces and structs can be tracked"},
		"grouped constant": {"package p\n\nconst (\n\tx = 1 //opik:track\n)\n",
			"p.go:4:8: //opik:track stands over a const: only functions, methods, interfaces and structs can be tracked"},
		"group of types": {"package p\n\n//opik:track\ntype (\n\tT struct{}\n)\n",
			"p.go:3:1: //opik:track stands over a group of types: put it over one of them, inside the parentheses"},
		"behind a type": {"package p\n\ntype T struct{} //opik:track\n",
			"p.go:3:17: //opik:track stands behind a declaration: put it on the line above"},
		"field": {"package p\n\ntype T struct {\n\t//opik:ignore\n\tX int\n}\n",
			"p.go:4:2: //opik:ignore stands over a field: put it over the struct or over one of its methods"},
		"embedded interface": {"package p\n\ntype T interface {\n\t//opik:track\n\tU\n}\n",
			"p.go:4:2: //opik:track stands over an embedded interface: put it over a method, or over the interface as a whole"},
		"function body": {"package p\n\nfunc f() {\n\t//opik:track\n\ttype T struct{}\n}\n",
			"p.go:4:2: //opik:track stands inside func f: put it on the line above a declaration"},
		"between the types of a group": {"package p\n\ntype (\n\tT int\n\n\t//opik:track\n\n\tU int\n)\n",
			"p.go:6:2: //opik:track stands inside the type declaration: put it on the line above a declaration"},
		"blank line": {"package p\n\n//opik:track\n\nfunc f() {}\n",
			"p.go:3:1: //opik:track is separated from func f on line 5: remove what is between them, or the directive"},
		"blank line over a type": {"package p\n\n//opik:track\n\ntype T struct{}\n",
			"p.go:3:1: //opik:track is separated from type T on line 5: remove what is between them, or the directive"},
		"blank line over several variables": {"package p\n\n//opik:track\n\nvar (\n\ta = 1\n\tb = 2\n)\n",
			"p.go:3:1: //opik:track is separated from the var declaration on line 5: remove what is between them, or the directive"},
		"other comment between": {"package p\n\n//opik:track\n\n// f does it.\nfunc f() {}\n",
			"p.go:3:1: //opik:track is separated from func f on line 6: remove what is between them, or the directive"},
		"end of the file": {"package p\n\nfunc f() {}\n\n//opik:track\n",
			"p.go:5:1: //opik:track is followed by no declaration: put it on the line above the one it is about"},
		"behind the last function": {"package p\n\nfunc f() {} //opik:track\n",
			"p.go:3:13: //opik:track is followed by no declaration: put it on the line above the one it is about"},
		"parameter": {"package p\n\nfunc f(\n\t//opik:ignore\n\tx int,\n) {\n}\n",
			"p.go:4:2: //opik:ignore stands inside func f: put it on the line above a declaration"},
		"two verbs": {"package p\n\n//opik:track\n//opik:ignore\nfunc f() {}\n",
			"p.go:4:1: //opik:ignore stands beside //opik:track: keep one of them"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, diagnostics := place(t, test.src)
			require.Len(t, diagnostics, 1)
			assert.Equal(t, test.want, diagnostics[0].String())
		})
	}
}

func TestPlaceIgnoresLineDirectives(t *testing.T) {
	placed, _ := place(t, "package p\n\n//line other.y:100\n//opik:track\nfunc f() {}\n")
	require.Len(t, placed, 1)
	assert.Equal(t, "p.go:4:1", placed[0].Pos.String(), "the place is where the comment really is")
}
