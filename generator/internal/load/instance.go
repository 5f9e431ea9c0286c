package load

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// instance returns the generic type that a wrap directive names with the type arguments that it gives, or says what is
// wrong with them. They are written as in the directive's file, or with import paths in front as the type itself is.
func (b *siteBuilder) instance(s spot) (t types.Type, fault string) {
	scope := instanceScope{
		siteBuilder: b,
		file:        b.unit.info.Scopes[s.source.file],
		pkg:         types.NewPackage(b.unit.PkgPath, b.unit.Name),
		names:       make(map[string]string),
	}
	if fault := scope.importAll(s.Directive); fault != "" {
		return nil, fault
	}
	expr, err := s.TargetExpr(func(path string) string { return scope.names[path] })
	if err != nil {
		return nil, err.Error()
	}
	scope.declareAll(expr)
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	err = types.CheckExpr(token.NewFileSet(), scope.pkg, token.NoPos, expr, info)
	if e, ok := errors.AsType[types.Error](err); ok {
		return nil, e.Msg
	}
	if err != nil || !info.Types[expr].IsType() {
		return nil, "its type arguments are not types"
	}
	return info.Types[expr].Type, ""
}

// instanceScope is what the type arguments of one wrap directive can name: what its file sees, and the packages that
// they give an import path of.
type instanceScope struct {
	*siteBuilder
	file  *types.Scope
	pkg   *types.Package
	names map[string]string // of the packages, by what stands in the directive
}

// importAll gives a name to each package that the directive mentions, or says why one cannot be imported here.
func (s *instanceScope) importAll(d directive.Directive) (fault string) {
	target, _ := d.TargetType()
	for _, path := range d.TargetPackages() {
		if _, imported := s.file.Lookup(path).(*types.PkgName); imported && path != target {
			s.names[path] = path
			continue
		}
		pkg := s.list.named(path)
		if fault := s.faultyPackage(path, pkg); fault != "" {
			return fault
		}
		found, err := s.universe.typesOf(pkg)
		if err != nil {
			return err.Error()
		}
		s.names[path] = s.free(found.Name())
		s.pkg.Scope().Insert(types.NewPkgName(token.NoPos, s.pkg, s.names[path], found))
	}
	return ""
}

// free returns a name that means nothing else where the directive stands.
func (s *instanceScope) free(name string) string {
	for s.lookup(name) != nil || s.pkg.Scope().Lookup(name) != nil {
		name += "_"
	}
	return name
}

func (s *instanceScope) lookup(name string) types.Object {
	if object := s.file.Lookup(name); object != nil {
		return object
	}
	return s.unit.types.Scope().Lookup(name)
}

// declareAll adds what the identifiers of an expression stand for in the directive's file.
func (s *instanceScope) declareAll(expr ast.Expr) {
	ast.Inspect(expr, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || s.pkg.Scope().Lookup(id.Name) != nil {
			return true
		}
		switch object := s.lookup(id.Name).(type) {
		case nil:
		case *types.PkgName:
			s.pkg.Scope().Insert(types.NewPkgName(token.NoPos, s.pkg, id.Name, object.Imported()))
		default:
			s.pkg.Scope().Insert(object)
		}
		return true
	})
}
