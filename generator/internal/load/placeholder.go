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
	mentioned := make(mentions)
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

// mentions are the names that may be those of wrapper types, with how many type arguments they are given.
type mentions map[string]int

// mention adds what the unit's declarations and the type arguments in its directives mention.
func (u *unit) mention(m mentions) {
	for _, file := range u.files {
		m.add(file)
	}
	for _, s := range u.sources {
		for _, placed := range s.placed {
			m.addTarget(placed)
		}
	}
}

// addTarget adds what the type arguments of a directive mention.
func (m mentions) addTarget(placed directive.Placed) {
	if target, err := placed.TargetExpr(func(string) string { return "p" }); err == nil && placed.HasTypeArguments() {
		m.add(target)
	}
}

func (m mentions) add(node ast.Node) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			m.note(n, 0)
		case *ast.IndexExpr:
			m.note(n.X, 1)
		case *ast.IndexListExpr:
			m.note(n.X, len(n.Indices))
		}
		return true
	})
}

func (m mentions) note(expr ast.Expr, arguments int) {
	if selector, ok := expr.(*ast.SelectorExpr); ok {
		expr = selector.Sel
	}
	if id, ok := expr.(*ast.Ident); ok && (strings.HasPrefix(id.Name, "Tracked") || strings.HasPrefix(id.Name, "tracked")) {
		m[id.Name] = max(m[id.Name], arguments)
	}
}

// addPlaceholdersOf declares those of the wrapper types that the directives of one source ask for.
func (u *universe) addPlaceholdersOf(unit *unit, s *source, mentioned mentions) {
	var declarations []string
	for _, placed := range s.placed {
		name, parameters := wrapperType(placed)
		arguments, named := mentioned[name]
		if placed.Verb == directive.Wrap && !placed.HasTypeArguments() {
			parameters = arguments // how many the wrapped type has is not known yet
		}
		if named && !unit.declares(name) {
			declarations = append(declarations, "type "+name+anyParameters(parameters)+" struct{}\n")
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

// wrapperType returns the name of the wrapper type that a directive asks for, and how many type parameters its
// declaration has. The name is empty where it asks for none.
func wrapperType(placed directive.Placed) (name string, parameters int) {
	spec, _ := placed.Node.(*ast.TypeSpec)
	if spec == nil && placed.Verb != directive.Wrap || placed.Verb == directive.Ignore {
		return "", 0
	}
	if spec != nil {
		name, parameters = spec.Name.Name, spec.TypeParams.NumFields()
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

// anyParameters returns a list of n type parameters, without constraints.
func anyParameters(n int) string {
	if n == 0 {
		return ""
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("P%d", i)
	}
	return "[" + strings.Join(names, ", ") + " any]"
}

// declares reports whether the unit's files declare a name in the package's scope.
func (u *unit) declares(name string) bool {
	return slices.ContainsFunc(u.files, func(file *ast.File) bool {
		return slices.ContainsFunc(file.Decls, func(decl ast.Decl) bool { return declares(decl, name) })
	})
}

func declares(decl ast.Decl, name string) bool {
	return slices.ContainsFunc(declaredNames(decl), func(id *ast.Ident) bool { return id.Name == name })
}
