package load

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/go/ast/astutil"
)

// cPrefix is what the names of C start with in declarations: C.pair is _C_pair. As names of the package they can be given
// types, which the type checker has none for.
const cPrefix = "_C_"

// cNumbers are the types of C that are numbers, with Go types of their kind. The size, which depends on the platform,
// does not matter to what is generated.
var cNumbers = map[string]string{
	"char": "int8", "schar": "int8", "uchar": "uint8", "short": "int16", "ushort": "uint16", "int": "int32", "uint": "uint32",
	"long": "int64", "ulong": "uint64", "longlong": "int64", "ulonglong": "uint64", "float": "float32", "double": "float64",
	"int8_t": "int8", "uint8_t": "uint8", "int16_t": "int16", "uint16_t": "uint16", "int32_t": "int32", "uint32_t": "uint32",
	"int64_t": "int64", "uint64_t": "uint64", "size_t": "uint64",
}

// renameC replaces what a file says of package C by names of the package.
func renameC(file *ast.File) {
	if !importsC(file) {
		return
	}
	astutil.Apply(file, func(c *astutil.Cursor) bool {
		if selector, ok := c.Node().(*ast.SelectorExpr); ok && isC(selector.X) {
			c.Replace(&ast.Ident{NamePos: selector.Pos(), Name: cPrefix + selector.Sel.Name})
		}
		return true
	}, nil)
}

func isC(expr ast.Expr) bool {
	id, ok := expr.(*ast.Ident)
	return ok && id.Name == "C"
}

// declareC declares the names of C that the unit's declarations mention, and refuses them: what they mean depends on the
// preamble of the file, and a copy of that in a generated file would define its functions and variables a second time. A
// type that the package itself gives a name is a type as any other, of which nothing is known: like a channel, it is
// never captured.
func (u *unit) declareC(fset *token.FileSet) []*ast.File {
	declarations, aliases, constants := make(map[string]string), u.aliasesOfC(), u.constantsOfC()
	for _, id := range u.namesOfC() {
		name := strings.TrimPrefix(id.Name, cPrefix)
		declaration, refusal := "type "+id.Name+" "+cType(name)+"\n", refusalOfC(name, aliases[id.Name])
		if alias, ok := constants[id.Name]; ok {
			declaration, refusal = "const "+id.Name+" = 1\n", refusalOfConstant(name, alias)
		}
		declarations[id.Name] = declaration
		u.errors = append(u.errors, types.Error{Fset: fset, Pos: id.Pos(), Msg: refusal})
	}
	if len(declarations) == 0 {
		return nil
	}
	var src strings.Builder
	src.WriteString("package " + u.files[0].Name.Name + "\n")
	for _, id := range slices.Sorted(maps.Keys(declarations)) {
		src.WriteString(declarations[id])
	}
	file, err := parser.ParseFile(fset, "cgo", src.String(), parser.SkipObjectResolution)
	if err != nil {
		return nil // what is not a name in Go's eyes stays unknown
	}
	return []*ast.File{file}
}

// refusalOfC says why a name of C cannot be in a tracked signature, and what can. An alias is the same type, so that no
// caller notices.
func refusalOfC(name, alias string) string {
	refusal := fmt.Sprintf("C.%s means something only below the preamble of this file, which a generated file cannot repeat; ", name)
	if alias != "" {
		return refusal + fmt.Sprintf("write %s, which is the same type", alias)
	}
	alias = goNameOfC(name)
	return refusal + fmt.Sprintf("declare type %s = C.%s, and write %[1]s, which is the same type", alias, name)
}

// goNameOfC suggests a name for a type of C: cInt for C.int, cEnumColor for C.enum_color.
func goNameOfC(name string) string {
	var suggested strings.Builder
	suggested.WriteByte('c')
	for word := range strings.SplitSeq(name, "_") {
		if first, size := utf8.DecodeRuneInString(word); size > 0 {
			suggested.WriteRune(unicode.ToUpper(first))
			suggested.WriteString(word[size:])
		}
	}
	return suggested.String()
}

// aliasesOfC returns the names that the package itself has for types of C, by what renameC calls these.
func (u *unit) aliasesOfC() map[string]string {
	aliases := make(map[string]string)
	collect := func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || !spec.Assign.IsValid() {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok {
			aliases[id.Name] = spec.Name.Name
		}
		return false
	}
	for _, file := range u.files {
		if importsC(file) {
			ast.Inspect(file, collect)
		}
	}
	return aliases
}

// namesOfC returns what renameC has put in the place of names of C.
func (u *unit) namesOfC() []*ast.Ident {
	var found []*ast.Ident
	collect := func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && isNameOfC(id) {
			found = append(found, id)
		}
		return true
	}
	for _, file := range u.files {
		if importsC(file) {
			ast.Inspect(file, collect)
		}
	}
	return found
}

// isNameOfC reports whether renameC has put the name there.
func isNameOfC(id *ast.Ident) bool { return strings.HasPrefix(id.Name, cPrefix) }

// cType is a Go type that stands for one of C.
func cType(name string) string {
	if number, ok := cNumbers[name]; ok {
		return number
	}
	return "chan struct{}"
}
