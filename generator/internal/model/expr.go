package model

import (
	"errors"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
)

// expr is a checked expression of a directive, about the values of one call.
type expr struct {
	*formula
	values bindings
}

// formula is what an expression is wherever its names stand for values of the same types. Its identifiers are renamed in
// place once the names of the generated function are known, unless it is so simple that others may use it, too.
type formula struct {
	node     ast.Expr
	typ      types.TypeAndValue
	guards   []ast.Expr // conditions under which node can be evaluated without a panic
	packages map[*ast.Ident]*types.Package
	dotted   map[*ast.Ident]types.Object // without a package in front, thanks to a dot import
	generic  map[*ast.Ident]*types.TypeParam
	free     names // package-level and predeclared names that must not be hidden
	runs     bool  // calls a function, which may do anything

	calls        bool // a method, which may do anything
	callsPackage bool // a function of a package, such as one that applies options
}

// bindings say which identifiers stand for values. There are few in an expression.
type bindings []binding

type binding struct {
	ident *ast.Ident
	value *value
}

// of returns what an identifier stands for, or nil.
func (b bindings) of(id *ast.Ident) *value {
	for _, bound := range b {
		if bound.ident == id {
			return bound.value
		}
	}
	return nil
}

// flaw is what is wrong with an expression, and how far into it.
type flaw struct {
	near    bool // the expression names values that the call has
	syntax  bool // it is no Go expression
	offset  int
	message string
}

func (f *flaw) Error() string { return f.message }

// parseExpr parses one expression on its own.
func parseExpr(source string) (ast.Expr, *token.FileSet, *flaw) {
	fset := token.NewFileSet()
	node, err := parser.ParseExprFrom(fset, "", source, parser.SkipObjectResolution)
	if err == nil {
		return node, fset, nil
	}
	found := &flaw{message: source + " is no Go expression"}
	if list, ok := errors.AsType[scanner.ErrorList](err); ok && len(list) > 0 {
		found.offset = min(list[0].Pos.Offset, len(source))
		found.message += ": " + list[0].Msg
	}
	return nil, nil, found
}

// parses remembers how expressions are read, for who only looks at them.
type parses struct{ bySource sync.Map }

// of returns the expression, which is not to be changed, or nil where the source is none.
func (p *parses) of(source string) ast.Expr {
	parsed, known := p.bySource.Load(source)
	if !known {
		if node, _, found := parseExpr(source); found == nil {
			parsed = node
		}
		p.bySource.Store(source, parsed)
	}
	node, _ := parsed.(ast.Expr)
	return node
}

// check parses and type-checks an expression against the real signature.
func (s *scope) check(source string) (*expr, *flaw) {
	if known := s.memory.checks.recall(s, source); known != nil {
		return known, nil
	}
	checked, found := s.checkIf(source, (*expr).mustBeValue)
	if found == nil {
		s.memory.checks.keep(s, source, checked)
	}
	return checked, found
}

// checkIf checks an expression that has to be of the kind that a rule lets pass.
func (s *scope) checkIf(source string, rule func(*expr) *flaw) (*expr, *flaw) {
	node, fset, found := s.parse(source)
	if found != nil {
		return nil, found
	}
	info := &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	scratch, values := s.scratch(identifiers(node))
	if err := types.CheckExpr(fset, scratch, token.NoPos, node, info); err != nil {
		s.miss(node)
		return nil, s.explain(err, fset, node, info)
	}
	e := &expr{formula: &formula{node: node, typ: info.Types[node]}}
	if found := rule(e); found != nil {
		return nil, found
	}
	e.resolve(info, values, s.pkg)
	e.noteCalls()
	return e, e.guard(&guarding{info: info, fset: fset, pkg: s.pkg, uses: names{}, present: present(values), literals: s.literals})
}

// mustBeValue refuses what has a type but is no single value that can be handed on.
func (e *expr) mustBeValue() *flaw {
	_, several := e.typ.Type.(*types.Tuple)
	fn, _ := e.typ.Type.(*types.Signature)
	switch {
	case !e.typ.IsValue() || several || e.typ.IsNil() || fn != nil && fn.TypeParams().Len() > 0:
		text := strings.Join(strings.Fields(exprText(e.node)), " ")
		return &flaw{message: text + " is no single value; an expression over the parameters and results is expected"}
	case overflows(e.typ):
		return &flaw{message: exprText(e.node) + " is a constant too large for its type " + types.Default(e.typ.Type).String()}
	default:
		return nil
	}
}

// overflows reports whether a constant does not fit the type that it gets where none is asked for.
func overflows(tv types.TypeAndValue) bool {
	basic, ok := tv.Type.(*types.Basic)
	if !ok || tv.Value == nil || basic.Info()&types.IsUntyped == 0 {
		return false
	}
	switch tv.Value.Kind() {
	case constant.Int:
		bits := constant.BitLen(tv.Value)
		return basic.Kind() == types.UntypedInt && bits > 63 || basic.Kind() == types.UntypedRune && bits > 31
	case constant.Float:
		f, _ := constant.Float64Val(tv.Value)
		return math.IsInf(f, 0)
	default:
		return false
	}
}

// resolve notes what each identifier stands for. What comes from a dot import has to be qualified, because the
// generated file has none.
func (e *expr) resolve(info *types.Info, values map[types.Object]*value, own *types.Package) {
	e.packages, e.dotted = map[*ast.Ident]*types.Package{}, map[*ast.Ident]types.Object{}
	e.generic, e.free = map[*ast.Ident]*types.TypeParam{}, names{}
	for _, id := range identifiers(e.node) {
		obj := info.Uses[id]
		imported, isPackage := obj.(*types.PkgName)
		switch {
		case values[obj] != nil:
			e.values = append(e.values, binding{id, values[obj]})
		case isPackage:
			e.packages[id] = imported.Imported()
		case isTypeParam(obj):
			e.generic[id] = obj.Type().(*types.TypeParam)
		case isGlobal(obj) && obj.Pkg() != nil && obj.Pkg().Path() != own.Path():
			e.dotted[id] = obj
		case isGlobal(obj):
			e.free[id.Name] = true
		}
	}
}

func isTypeParam(obj types.Object) bool {
	if _, ok := obj.(*types.TypeName); !ok {
		return false
	}
	_, ok := obj.Type().(*types.TypeParam)
	return ok
}

// isGlobal tells package-level and predeclared objects from the fields that a composite literal names.
func isGlobal(obj types.Object) bool {
	return obj != nil && (obj.Parent() == types.Universe || obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope())
}

// imports returns the packages that the expression names.
func (e *expr) imports() []*types.Package {
	packages := slices.Collect(maps.Values(e.packages))
	for _, obj := range e.dotted {
		packages = append(packages, obj.Pkg())
	}
	return packages
}

// moment says when the expression can be evaluated.
func (e *expr) moment() moment {
	found := beforeCall
	for _, bound := range e.values {
		switch v := bound.value; {
		case v.streamed == inEach:
			return inEach
		case v.streamed == inDone:
			found = inDone
		case v.result && found == beforeCall:
			found = afterCall
		}
	}
	return found
}

// streamed reports whether the expression is about the elements of a stream.
func (e *expr) streamed() bool { return e.moment() == inEach || e.moment() == inDone }

// usesCall reports whether the expression names a parameter, a result or the receiver.
func (e *expr) usesCall() bool {
	for _, bound := range e.values {
		if bound.value.streamed == 0 {
			return true
		}
	}
	return false
}

// usesResult reports whether the expression has a value only after the call.
func (e *expr) usesResult() bool {
	for _, bound := range e.values {
		if v := bound.value; v.result || v.streamed != 0 {
			return true
		}
	}
	return false
}

// mentionsValue reports whether an expression names a parameter or a result, and so is meant as an expression.
func (s *scope) mentionsValue(node ast.Expr) bool {
	for _, id := range identifiers(node) {
		if s.values[id.Name] != nil {
			return true
		}
	}
	return false
}

// knowsAll reports whether every identifier of an expression stands for something.
func (s *scope) knowsAll(node ast.Expr) bool {
	for _, id := range identifiers(node) {
		if s.values[id.Name] == nil && s.lookup(id.Name) == nil && types.Universe.Lookup(id.Name) == nil {
			return false
		}
	}
	return true
}

// identifiers returns the names in an expression that are not selected from something.
func identifiers(node ast.Expr) []*ast.Ident {
	if id := pathStart(node); id != nil {
		return []*ast.Ident{id}
	}
	var found []*ast.Ident
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = append(found, identifiers(n.X)...)
			return false
		case *ast.Ident:
			found = append(found, n)
		}
		return true
	})
	return found
}

// pathStart returns the name that an expression such as resp.Usage.Total, as most are, starts with, or nil.
func pathStart(node ast.Expr) *ast.Ident {
	for {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			break
		}
		node = selector.X
	}
	id, _ := node.(*ast.Ident)
	return id
}
