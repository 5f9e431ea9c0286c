package model

import (
	"go/ast"
	"slices"
	"sync"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// checks remembers expressions that hold. The zero value remembers none yet.
type checks struct {
	mutex    sync.Mutex
	bySource map[string][]*check
}

// check is an expression that holds wherever its names stand for values of the same types.
type check struct {
	*formula
	names bindings // to values of which only the types and the like count
	pkg   string   // the path of the only package that it holds in, or empty
}

// recall returns the expression if it is known to hold in the scope, and nil otherwise.
func (c *checks) recall(s *scope, source string) *expr {
	if !s.isPlain() {
		return nil
	}
	c.mutex.Lock()
	candidates := c.bySource[source]
	c.mutex.Unlock()
	i := slices.IndexFunc(candidates, func(known *check) bool { return known.holds(s) })
	if i < 0 {
		return nil
	}
	known := candidates[i]
	e := &expr{formula: known.formula, values: make(bindings, len(known.names))}
	for j, name := range known.names {
		e.values[j] = binding{name.ident, s.values[name.ident.Name]}
	}
	return e
}

// keep remembers an expression that holds in the scope, if it names nothing but values and is never rewritten.
func (c *checks) keep(s *scope, source string, e *expr) {
	if !s.isPlain() || len(e.values) < len(identifiers(e.node)) {
		return
	}
	known := &check{formula: e.formula}
	for _, name := range e.values {
		known.names = append(known.names, binding{name.ident, &value{typ: name.value.typ, present: name.value.present}})
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
		c.bySource = map[string][]*check{}
	}
	c.bySource[source] = append(c.bySource[source], known)
}

// holds reports whether the names mean in the scope what they meant where the expression was checked.
func (k *check) holds(s *scope) bool {
	if k.pkg != "" && k.pkg != s.pkg.Path() {
		return false
	}
	for name := range k.free {
		if s.pkg.Scope().Lookup(name) != nil {
			return false
		}
	}
	for _, name := range k.names {
		v, meant := s.values[name.ident.Name], name.value
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
