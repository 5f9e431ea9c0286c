package load

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// addPlaceholders declares the wrapper types that declarations mention, because generated files are left out of the
// load and a parameter may well be of a type that one of them declares. A placeholder has a wrapper's name and type
// parameters and nothing else. Its place is in the file that the wrapper will be generated into.
func (u *universe) addPlaceholders() {
	mentioned := make(map[string]bool)
	for _, unit := range u.units {
		if isOwn(unit.Package) {
			unit.mention(mentioned)
		}
	}
	if len(mentioned) == 0 {
		return
	}
	for _, unit := range u.units {
		for _, s := range slices.Concat(unit.sources, u.extrasOf(unit)) {
			u.addPlaceholdersOf(unit, s, mentioned)
		}
	}
}

// mention adds the names in the unit's declarations that may be those of wrapper types.
func (u *unit) mention(mentioned map[string]bool) {
	for _, file := range u.files {
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && (strings.HasPrefix(id.Name, "Tracked") || strings.HasPrefix(id.Name, "tracked")) {
				mentioned[id.Name] = true
			}
			return true
		})
	}
}

// addPlaceholdersOf declares those of the wrapper types that the directives of one source ask for.
func (u *universe) addPlaceholdersOf(unit *unit, s *source, mentioned map[string]bool) {
	var declarations []string
	for _, placed := range s.placed {
		name, parameters := wrapperType(placed)
		if mentioned[name] && !unit.declares(name) {
			declarations = append(declarations, "type "+name+parameters+" struct{}\n")
		}
	}
	if len(declarations) == 0 {
		return
	}
	path := filepath.Join(unit.Dir, outputStem+".go")
	if s.output != nil {
		path = s.output.path
	}
	src := "package " + s.file.Name.Name + "\n\n" + strings.Join(declarations, "")
	if file, err := parser.ParseFile(u.fset, path, src, parser.SkipObjectResolution); err == nil {
		unit.placeholders = append(unit.placeholders, file)
	}
}

// wrapperType returns the name of the wrapper type that a directive asks for, and its type parameters. The name is
// empty where it asks for none.
func wrapperType(placed directive.Placed) (name, parameters string) {
	spec, _ := placed.Node.(*ast.TypeSpec)
	if spec == nil && placed.Verb != directive.Wrap || placed.Verb == directive.Ignore {
		return "", ""
	}
	if spec != nil {
		name, parameters = spec.Name.Name, anyParameters(spec.TypeParams)
	}
	if as, ok := placed.Get("as"); ok {
		name = as.Value
	}
	if token.IsExported(name) {
		return "Tracked" + name, parameters
	}
	first, size := utf8.DecodeRuneInString(name)
	return "tracked" + string(unicode.ToUpper(first)) + name[size:], parameters
}

// anyParameters returns a list of as many type parameters, without their constraints.
func anyParameters(list *ast.FieldList) string {
	if list.NumFields() == 0 {
		return ""
	}
	names := make([]string, list.NumFields())
	for i := range names {
		names[i] = fmt.Sprintf("P%d", i)
	}
	return "[" + strings.Join(names, ", ") + " any]"
}

// declares reports whether the unit's files declare a name in the package's scope.
func (u *unit) declares(name string) bool {
	for _, file := range u.files {
		for _, decl := range file.Decls {
			if slices.ContainsFunc(declaredNames(decl), func(id *ast.Ident) bool { return id.Name == name }) {
				return true
			}
		}
	}
	return false
}
