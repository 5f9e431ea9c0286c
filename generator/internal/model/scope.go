package model

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/load"
)

// value is a parameter, result or receiver of a tracked call.
type value struct {
	typ      types.Type
	source   string // the name in the source; empty if there is none, or a blank
	key      string // what captures call it: the source's name, or the one a person would pick
	base     string // what a name that has to be made up starts with
	variadic bool   // the last parameter of a variadic call
	result   bool
	present  bool   // it is never nil
	recorded bool   // it is looked at only while something is recorded
	streamed moment // inEach for an element of a stream, inDone for what they add up to; otherwise zero
	failure  bool   // a result that goes to Span.Returned
	holder   *value // of a value that has one of the types of a sealed interface: the result that holds it
	beside   *value // of an element that comes by a callback beside the stream: the callback

	rewrapped *wrapper // that the result is wrapped in again, or nil

	local string // the name in the generated function
}

// scope is what the expressions of one tracked call can name.
type scope struct {
	pkg     *types.Package
	imports *types.Scope // of the file that holds the directive
	values  map[string]*value
	objects map[string]types.Object // type parameters

	runtime  func() *types.Package // what opik stands for, made once it is named; nil where that is no name for it
	response string                // the expression that resp stands for, or empty
	literals bool                  // expressions may have function literals

	memory *Memory
	cut    *load.Cut // what was left out of the packages
}

// newScope gives every value its key as a name, and the aliases req and resp where nothing else has them.
func newScope(pkg *types.Package, imports *types.Scope, values []*value) *scope {
	s := &scope{pkg: pkg, imports: imports, values: map[string]*value{}, objects: map[string]types.Object{}}
	for _, v := range values {
		if _, taken := s.values[v.key]; !taken || v.source != "" {
			s.values[v.key] = v
		}
	}
	return s
}

// alias lets an expression name v by a fixed word that works for every signature.
func (s *scope) alias(name string, v *value) {
	if _, taken := s.values[name]; !taken && v != nil {
		s.values[name] = v
	}
}

// lookup resolves a name as the compiler would in the function's body. It returns nil for predeclared names, which
// every scope sees anyway, and for unknown ones.
func (s *scope) lookup(name string) types.Object {
	if name == "opik" && s.runtime != nil {
		return types.NewPkgName(token.NoPos, s.pkg, name, s.runtime())
	}
	if obj, ok := s.objects[name]; ok {
		return obj
	}
	if s.imports != nil {
		if obj := s.imports.Lookup(name); obj != nil {
			return obj
		}
	}
	return s.pkg.Scope().Lookup(name)
}

// names returns what an expression can name of the call itself, for suggestions.
func (s *scope) names() []string { return slices.Sorted(maps.Keys(s.values)) }

// scratch returns a package in whose scope stand just the given names. It has the path of the real one, so that
// unexported fields can be selected.
func (s *scope) scratch(mentioned []*ast.Ident) (*types.Package, map[types.Object]*value) {
	pkg := types.NewPackage(s.pkg.Path(), s.pkg.Name())
	values := map[types.Object]*value{}
	for _, id := range mentioned {
		name := id.Name
		if v, ok := s.values[name]; ok {
			obj := types.NewVar(token.NoPos, pkg, name, v.typ)
			values[obj] = v
			pkg.Scope().Insert(obj)
		} else if obj := s.lookup(name); obj != nil {
			pkg.Scope().Insert(within(pkg, obj))
		}
	}
	return pkg, values
}

// miss notes that an expression may not hold because of what was left out of packages: of those that it names, or of
// those that the runtime's types are made of. If it names something that is not even there, it does not hold anyway.
func (s *scope) miss(node ast.Expr) {
	lacking := false
	for pkg, names := range s.selections(node) {
		for _, name := range names {
			lacking = s.cut.Lookup(pkg, name) == nil || lacking
		}
	}
	if !lacking && s.runtime != nil && !isComplete(s.runtime()) {
		s.cut.Miss()
	}
}

// selections returns what a node selects of packages.
func (s *scope) selections(node ast.Node) map[*types.Package][]string {
	found := map[*types.Package][]string{}
	ast.Inspect(node, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := selector.X.(*ast.Ident); ok && s.values[id.Name] == nil {
			if named, ok := s.lookup(id.Name).(*types.PkgName); ok {
				found[named.Imported()] = append(found[named.Imported()], selector.Sel.Name)
			}
		}
		return true
	})
	return found
}

// within returns obj for use in the scope of pkg. The checker wants imports to be the package's own.
func within(pkg *types.Package, obj types.Object) types.Object {
	if imported, ok := obj.(*types.PkgName); ok {
		return types.NewPkgName(token.NoPos, pkg, imported.Name(), imported.Imported())
	}
	return obj
}
