package load

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPruneKeepsWhatExportedDeclarationsDependOn(t *testing.T) {
	tests := map[string]struct{ src, want string }{
		"bodies":                   {"func F() int { return 1 }", "func F() int {}"},
		"unexported function":      {"func f() {}", ""},
		"unexported variable":      {"var x = f()", ""},
		"value of a typed one":     {"var X error = f()", "var X error"},
		"value that is the type":   {"var X = f()\nfunc f() error { return nil }", "var X = f()\nfunc f() error {}"},
		"elements":                 {"var X = map[string]int{\"a\": f()}\nfunc f() int { return 1 }", "var X = map[string]int{}"},
		"elements behind a star":   {"type t struct{}\nvar X = &t{f()}", "type t struct{}\nvar X = &t{}"},
		"elements that count":      {"var X = [...]int{1, 2}", "var X = [...]int{1, 2}"},
		"literal function":         {"var X = func(t) { f() }\ntype t int\nfunc f() {}", "var X = func(t) {}\ntype t int"},
		"constants as a group":     {"const (\n\ta = iota\n\tB\n)\nconst c = 1", "const (\n\ta = iota\n\tB\n)"},
		"length":                   {"type T [len(x)]int\nvar x = [2]int{}", "type T [len(x)]int\nvar x = [2]int{}"},
		"type behind a field":      {"type T struct{ u u }\ntype u int", "type T struct{ u u }\ntype u int"},
		"name of a field":          {"type T struct{ u int }\ntype u int", "type T struct{ u int }"},
		"selected name":            {"import \"io\"\nvar X io.Reader\ntype Y int\ntype reader int", "import \"io\"\nvar X io.Reader\ntype Y int"},
		"methods with their type":  {"type T int\nfunc (T) m(u) {}\ntype u int\ntype v int\nfunc (v) M() {}", "type T int\nfunc (T) m(u) {}\ntype u int"},
		"methods of a generic one": {"type T[K any, V any] int\nfunc (t *T[K, _]) M(u) {}\ntype u int", "type T[K any, V any] int\nfunc (t *T[K, _]) M(u) {}\ntype u int"},
		"half a group":             {"type (\n\tT int\n\tu int\n)", "type T int"},
		"several names":            {"var a, B = f()\nfunc f() (int, int)", "var a, B = f()\nfunc f() (int, int)"},
		"blank and init":           {"var _ = f()\nfunc init() {}\nfunc _() {}", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, "p.go", "package p\n"+test.src, parser.SkipObjectResolution)
			require.NoError(t, err)
			dropBodies(file)
			prune([]*ast.File{file})
			assert.Equal(t, squeeze(test.want), squeeze(printed(t, file)))
		})
	}
}

// printed returns the declarations of a file.
func printed(t *testing.T, file *ast.File) string {
	t.Helper()
	var b strings.Builder
	for _, decl := range file.Decls {
		require.NoError(t, format.Node(&b, token.NewFileSet(), decl))
		b.WriteByte('\n')
	}
	return b.String()
}

// squeeze removes what printing makes of missing positions.
func squeeze(src string) string { return strings.Join(strings.Fields(src), "") }

func TestPruneGoesAcrossFiles(t *testing.T) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, src := range []string{"package p\nfunc F(t) {}\nfunc g() {}", "package p\ntype t struct{ u }\ntype w int", "package p\ntype u int"} {
		file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	prune(files)
	assert.Equal(t, []int{1, 1, 1}, []int{len(files[0].Decls), len(files[1].Decls), len(files[2].Decls)})
}

func TestReceiverName(t *testing.T) {
	for receiver, want := range map[string]string{
		"T": "T", "t T": "T", "*T": "T", "t *T": "T", "t (*T)": "T", "t *(T)": "T", "t T[K]": "T", "t *T[K, V]": "T", "": "", "[]int": "",
	} {
		file, _ := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc ("+receiver+") M() {}", parser.SkipObjectResolution)
		got := ""
		if name := receiverName(file.Decls[0].(*ast.FuncDecl)); name != nil {
			got = name.Name
		}
		assert.Equal(t, want, got, receiver)
	}
}
