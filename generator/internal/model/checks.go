package model

import (
	"go/ast"
	"slices"
	"sync"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// Checks remembers expressions that hold, for all packages of a run: what is captured of an SDK's call is the same
// wherever that is wrapped, and takes long to check. The zero value remembers none yet, and nil never does.
type Checks struct {
	mutex    sync.Mutex
	bySource map[string][]check
}

// check is an expression that holds wherever its names stand for values of the same types.
type check struct {
	expr  expr // without values
	names map[*ast.Ident]value
	pkg   string // the path of the only package that it holds in, or empty
}

// recall returns the expression if it is known to hold in the scope, and nil otherwise.
func (c *Checks) recall(s *scope, source string) *expr {
	if c == nil || !s.isPlain() {
		return nil
	}
	c.mutex.Lock()
	candidates := c.bySource[source]
	c.mutex.Unlock()
	i := slices.IndexFunc(candidates, func(known check) bool { return known.holds(s) })
	if i < 0 {
		return nil
	}
	e := candidates[i].expr
	e.values = make(map[*ast.Ident]*value, len(candidates[i].names))
	for id := range candidates[i].names {
		e.values[id] = s.values[id.Name]
	}
	return &e
}

// keep remembers an expression that holds in the scope, if it names nothing but values and is never rewritten.
func (c *Checks) keep(s *scope, source string, e *expr) {
	if c == nil || !s.isPlain() || len(e.values) < len(identifiers(e.node)) {
		return
	}
	known := check{expr: *e, names: make(map[*ast.Ident]value, len(e.values))}
	known.expr.values = nil
	for id, v := range e.values {
		known.names[id] = value{typ: v.typ, present: v.present}
	}
	for _, node := range append(slices.Clone(e.guards), e.node) {
		if !isSimple(node) {
			return
		}
		if !selectsExported(node) {
			known.pkg = s.pkg.Path()
		}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.bySource == nil {
		c.bySource = map[string][]check{}
	}
	c.bySource[source] = append(c.bySource[source], known)
}

// holds reports whether the names mean in the scope what they meant where the expression was checked.
func (k check) holds(s *scope) bool {
	if k.pkg != "" && k.pkg != s.pkg.Path() {
		return false
	}
	for name := range k.expr.free {
		if s.pkg.Scope().Lookup(name) != nil {
			return false
		}
	}
	for id, meant := range k.names {
		v := s.values[id.Name]
		if v == nil || v.present != meant.present || !shape.IsSame(v.typ, meant.typ) {
			return false
		}
	}
	return true
}

// isPlain reports whether expressions in the scope are what they seem to be.
func (s *scope) isPlain() bool { return !s.literals && s.response == "" }

// selectsExported reports whether everything that an expression selects is exported.
func selectsExported(node ast.Expr) bool {
	exported := true
	ast.Inspect(node, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			exported = exported && selector.Sel.IsExported()
		}
		return exported
	})
	return exported
}
