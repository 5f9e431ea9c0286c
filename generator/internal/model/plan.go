package model

import (
	"go/ast"
	"go/types"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/load"
)

// planner plans one site.
type planner struct {
	*builder
	site     *load.Site
	declares []string
	broken   bool             // types are missing, so that nothing can be said about captures
	faulty   bool             // a preset is, about which there is a diagnostic already
	layer    layer            // whose arguments are being followed
	scopes   map[*call]*scope // of that layer, as far as they were needed
	found    []directive.Diagnostic
}

func (p *planner) plan() draft {
	switch p.site.Kind {
	case load.Func, load.Method:
		return draft{call: p.function(p.site.Object.(*types.Func))}
	default:
		return draft{wrapper: p.wrapper(p.site.Object.(*types.TypeName))}
	}
}

// function plans a tracked function or method, whose wrapper stands beside it.
func (p *planner) function(fn *types.Func) *call {
	c := newCall(fn.Signature())
	c.fn, c.own = fn, true
	c.pos, c.callee, c.target, c.name = p.site.Directive.Pos, fn.Name(), fn.Name(), p.as(fn.Name()+"Tracked")
	c.imports, c.deprecated = p.importsAt(p.site.File), deprecation(p.site.Doc)
	if recv := fn.Signature().Recv(); recv != nil {
		c.recv, c.owner = newValue(recv), receiverOf(recv)
		if c.owner == nil {
			p.homeless(fn)
			return c
		}
		if c.recv.source == "" {
			c.recv.claimKey(names{}, initial(c.owner.Obj().Name()))
		}
		c.target = c.owner.Obj().Name() + "." + fn.Name()
	}
	if p.compiles(p.site.Node, c.target) {
		p.spellable(p.site.Node, c.target, fn.Signature())
		p.constraints(fn, c.typeParams)
	}
	p.declare(c)
	if !p.broken {
		p.track([]*call{c}, nil)
	}
	return c
}

// homeless reports a method of what is no type that can have one, such as a type that nobody declares.
func (p *planner) homeless(fn *types.Func) {
	if p.compiles(p.site.Node, fn.Name()) {
		p.invalid(p.site.Node, fn.Name())
	}
}

// receiverOf returns the type that a method belongs to, or nil where the receiver's is none that is declared.
func receiverOf(recv *types.Var) *types.Named {
	t := types.Unalias(recv.Type())
	if pointer, ok := t.(*types.Pointer); ok {
		t = types.Unalias(pointer.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Origin()
	}
	return nil
}

// as returns the name of the user's choice, or otherwise.
func (p *planner) as(otherwise string) string {
	if arg, ok := p.site.Directive.Get("as"); ok {
		return arg.Value
	}
	return otherwise
}

// importsAt returns the scope of a file's imports.
func (p *planner) importsAt(file *ast.File) *types.Scope { return p.pkg.Info.Scopes[file] }

// track decides what the calls record.
func (p *planner) track(calls []*call, members map[string]directive.Directive) {
	for _, c := range calls {
		c.span = defaultSpan(c.target, findCarrier(c.params, p.data.context))
		c.span.headers = c.defaultHeaders()
	}
	p.choosePresets(calls, members)
	calls = p.handOn(calls)
	layers := p.layers(calls, members)
	p.followAll(calls, append(p.shapes(calls, layers), layers...))
	for _, c := range calls {
		c.settle(func(v *value) bool { return p.data.isData(v.typ) && !p.memory.locks.holdsLock(v.typ) })
	}
}

// scope returns what an expression about c can name in the layer whose arguments are being followed.
func (p *planner) scope(c *call) *scope {
	if p.scopes[c] == nil {
		p.scopes[c] = p.newScope(c)
		p.scopes[c].memory, p.scopes[c].cut = p.memory, p.pkg.Cut
	}
	return p.scopes[c]
}

func (p *planner) newScope(c *call) *scope {
	if use := p.layer.preset; use != nil && use.sdk != nil {
		return p.presetScope(c, use)
	}
	s := c.scope(p.pkg.Types, p.data, p.layer.member)
	if p.layer.guessed || p.layer.preset != nil {
		s.alias(receiverAlias, c.receiver())
		s.runtime = p.runtime
	}
	return s
}
