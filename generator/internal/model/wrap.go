package model

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/load"
)

// wrapper is a type to generate, with everything decided but the names in its methods.
type wrapper struct {
	pos               token.Position
	obj               *types.TypeName // the interface or struct
	inner             types.Type      // what the wrapper holds
	iface             bool
	name, constructor string
	field, unwrap     string

	providerField, withProvider string
	provides                    bool // it has these two, as it is of a client of models

	alias      string   // by which the field is embedded; otherwise empty
	embedded   bool     // the field is, to take over what only its own package can implement or spell
	leftOut    []string // methods of a struct that this package cannot spell
	differing  []string // methods of a struct that not all platforms have alike
	typeParams []*types.TypeParam
	calls      []*call
	deprecated []string
}

// wrapper plans the wrapper of a tracked type.
func (p *planner) wrapper(obj *types.TypeName) *wrapper {
	w := &wrapper{pos: p.site.Directive.Pos, obj: obj, field: "inner", unwrap: "Unwrap",
		providerField: providerField, withProvider: providerMethod, deprecated: deprecation(p.site.Doc)}
	w.name, w.constructor = wrapperNames(p.as(obj.Name()))
	w.iface = types.IsInterface(obj.Type())
	w.typeParams, w.inner = instantiate(obj)
	w.differing = p.site.LeftOut
	if doc := p.site.Docs[""]; doc != nil {
		w.deprecated = deprecation(doc)
	}
	if p.site.Instance != nil {
		w.typeParams, w.inner = nil, held(p.site.Instance)
	}
	if w.iface && !p.compiles(p.site.Node, obj.Name()) || !p.wrappable(w) {
		return w
	}
	p.declareNames(obj.Name(), w.name, w.constructor)
	p.constraints(obj, w.typeParams)
	p.methods(w)
	p.fieldNames(w)
	p.members(w)
	if !p.broken {
		p.track(w.tracked(p.site.Members), p.site.Members)
	}
	return w
}

// tracked returns the calls of the methods that no directive excludes.
func (w *wrapper) tracked(members map[string]directive.Directive) []*call {
	var tracked []*call
	for _, c := range w.calls {
		if members[c.callee].Verb == directive.Ignore {
			c.untracked = untrackedIgnored
		} else {
			tracked = append(tracked, c)
		}
	}
	return tracked
}

// instantiate returns what a wrapper holds of a type with its own parameters for arguments, as code inside a generic
// declaration spells it.
func instantiate(obj *types.TypeName) ([]*types.TypeParam, types.Type) {
	t := obj.Type()
	var params []*types.TypeParam
	if generic, ok := t.(interface{ TypeParams() *types.TypeParamList }); ok {
		params = slices.Collect(generic.TypeParams().TypeParams())
	}
	if len(params) > 0 {
		arguments := make([]types.Type, len(params))
		for i := range params {
			arguments[i] = params[i]
		}
		t, _ = types.Instantiate(nil, t, arguments, false) // parameters satisfy their own constraints
	}
	return params, held(t)
}

// held returns what a wrapper of t has for a field.
func held(t types.Type) types.Type {
	if types.IsInterface(t) {
		return t
	}
	return types.NewPointer(t)
}

// wrappable refuses types that no wrapper can stand for.
func (p *planner) wrappable(w *wrapper) bool {
	before, name := len(p.found), w.obj.Name()
	iface, _ := w.obj.Type().Underlying().(*types.Interface)
	_, declared := types.Unalias(w.obj.Type()).(*types.Named)
	switch {
	case isInvalid(w.obj.Type()):
		p.invalid(p.site.Node, name)
	case iface != nil && !iface.IsMethodSet():
		p.report(p.site.Directive.Pos, "%s is a constraint, which no value has for a type; track an interface that has methods only", name)
	case iface != nil && iface.Empty():
		p.report(p.site.Directive.Pos, "interface %s has no methods that could be tracked; remove the directive", name)
	case iface == nil && !declared:
		p.undeclared(w.obj)
	case p.unspellable(w.obj) != "":
		p.report(p.site.Directive.Pos, "%s cannot be wrapped: it is %s", name, p.unspellable(w.obj))
	}
	return len(p.found) == before
}

// undeclared refuses an alias of what is no declared type: a literal, or a pointer, whose wrapper is that of what it
// points to.
func (p *planner) undeclared(obj *types.TypeName) {
	target := types.Unalias(obj.Type())
	if pointer, ok := target.(*types.Pointer); ok {
		p.report(p.site.Directive.Pos, "%s is a pointer: track %s, whose wrapper holds one", obj.Name(), typeText(pointer.Elem()))
		return
	}
	p.report(p.site.Directive.Pos, "%s is of type %s, which has no methods; an interface or a declared type is expected", obj.Name(), typeText(target))
}

// isInvalid reports whether the source of a type, or of an interface that it embeds, has an error.
func isInvalid(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() == types.Invalid
	case *types.Interface:
		return slices.ContainsFunc(slices.Collect(t.EmbeddedTypes()), isInvalid)
	default:
		return false
	}
}

// methods plans a call for each method. What cannot be spelled here is left to an embedded interface, and out of a
// struct's wrapper.
func (p *planner) methods(w *wrapper) {
	why := p.without()
	for _, m := range p.methodsOf(w) {
		name, node := w.obj.Name()+"."+m.fn.Name(), p.declarations[m.fn.Pos()].node
		reason := p.outOfReach(m)
		switch {
		case !p.compiles(node, name):
		case reason == "":
			w.calls = append(w.calls, p.methodCall(w, m))
		case reason == invalidType.Name():
			p.invalid(node, name)
		case w.iface:
			w.embedded, why = true, m.fn.Name()+" names "+reason+"; remove the directive"
		default:
			w.leftOut, why = append(w.leftOut, m.fn.Name()), m.fn.Name()+" names "+reason+"; remove the directive"
		}
	}
	if len(w.calls) == 0 && len(p.found) == 0 {
		p.report(p.site.Directive.Pos, "%s has no methods that could be tracked: %s", w.obj.Name(), why)
	}
}

// without says why no method is left where not a single one is looked at.
func (p *planner) without() string {
	switch len(p.site.LeftOut) {
	case 0:
		return "it has no exported ones; remove the directive"
	case 1:
		return p.site.LeftOut[0] + " is not the same on all platforms; put the directive into a file that is built only where it is, by //go:build"
	default:
		return enumerated(p.site.LeftOut) + " are not the same on all platforms; put the directive into a file that is built only where they are, by //go:build"
	}
}

func (p *planner) methodCall(w *wrapper, m method) *call {
	c := newCall(m.sig)
	c.fn = m.fn
	c.inner = &value{typ: w.inner, base: "inner", present: true, recorded: true}
	c.pos, c.name, c.callee = p.site.Directive.Pos, m.fn.Name(), m.fn.Name()
	c.target = w.obj.Name() + "." + m.fn.Name()
	c.typeParams = w.typeParams
	c.imports = p.importsAt(p.site.File)
	if member, ok := p.site.Members[c.callee]; ok {
		c.chosen = true
		c.pos, c.imports = member.Pos, p.importsAt(p.sourceFile(member.Pos.Filename))
	}
	c.deprecated = deprecation(p.declarations[m.fn.Pos()].doc)
	if doc := p.site.Docs[m.fn.Name()]; doc != nil {
		c.deprecated = deprecation(doc)
	}
	return c
}

// fieldNames keeps the wrapper's own field and method apart from what it wraps. A wrapped Unwrap stays what it is,
// and the wrapper's is called UnwrapTracked; so it is where an error is wrapped, whose Unwrap should return an error.
func (p *planner) fieldNames(w *wrapper) {
	taken := names{}
	for _, m := range p.methodsOf(w) {
		taken[m.fn.Name()] = true
	}
	if taken[w.unwrap] || taken["Error"] {
		w.unwrap = taken.claim("UnwrapTracked")
	}
	if taken[w.withProvider] {
		w.withProvider = taken.claim("WithProviderTracked")
	}
	w.providerField = taken.claim(w.providerField)
	if !w.embedded {
		w.field = taken.claim(w.field)
		return
	}
	w.field = w.obj.Name()
	if taken[w.field] {
		w.alias = freeName(lowerFirst(w.name)+"Inner", p.taken)
		w.field = w.alias
		p.declares = append(p.declares, w.alias)
	}
}

// members refuses directives over methods that the wrapper does not have, or that ask for what a method cannot have.
func (p *planner) members(w *wrapper) {
	for _, name := range slices.Sorted(maps.Keys(p.site.Members)) {
		member := p.site.Members[name]
		if !slices.ContainsFunc(w.calls, func(c *call) bool { return c.callee == name }) {
			p.report(member.Pos, "%s is no method that %s wraps; remove the directive, or export the method", name, w.name)
		}
		if arg, ok := member.Get("as"); ok {
			p.report(arg.Pos, "as: the method of a wrapper must be called %s, as what it wraps; remove as=%s", name, arg.Value)
		}
	}
}

// constraints checks the constraints of type parameters as a signature is checked. Those of another package's type are
// not needed where the directive gives the type arguments.
func (p *planner) constraints(obj types.Object, params []*types.TypeParam) {
	for _, param := range params {
		reason := p.reasonAgainst(param.Constraint())
		if reason == "" || p.site.Kind != load.Wrap {
			p.spellable(p.site.Node, obj.Name(), param.Constraint())
			continue
		}
		p.report(p.site.Directive.Pos, "%s cannot be wrapped for all type arguments: the constraint of %s names %s; write which to wrap it for, as in %s[%s]",
			obj.Name(), param.Obj().Name(), reason, obj.Name(), placeholders(len(params)))
		return
	}
}

// placeholders are as many type arguments.
func placeholders(count int) string {
	return strings.TrimSuffix(strings.Repeat("import/path.Type, ", count), ", ")
}
