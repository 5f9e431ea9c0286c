package model

import (
	"go/types"
	"slices"
)

// file turns the drafts into what is printed, now that it is known what all of them name.
func (b *builder) file() *File {
	f := &File{
		Package:    b.pkg.Name,
		Constraint: b.pkg.Constraint,
		Sources:    b.pkg.Sources,
		own:        b.pkg.Types,
		typeParams: map[*types.TypeParam]string{},
		lengths:    b.lengths,
		locks:      &b.memory.locks,
		spellings:  b.spellings,
	}
	taken := reserved(b.pkg.Types)
	for name := range b.declared {
		taken[name] = true
	}
	b.nameImports(f, taken)
	for _, imported := range f.Imports {
		taken[imported.Name] = true
	}
	for _, draft := range b.drafts {
		f.Decls = append(f.Decls, b.decl(f, taken, draft))
	}
	return f
}

func (b *builder) decl(f *File, taken names, d draft) Decl {
	if d.wrapper != nil {
		return b.finishWrapper(f, taken, d.wrapper)
	}
	return b.finishFunction(f, taken, d.call)
}

// finishFunction names everything in the wrapper of a function or method.
func (b *builder) finishFunction(f *File, taken names, c *call) *Func {
	n := b.newNaming(f, taken, c)
	params := n.typeParams(c.typeParams)
	fn := n.function(c)
	fn.Doc = funcDoc(c, c.target)
	if c.owner == nil {
		fn.TypeParams = params
		fn.Callee, fn.TypeArgs = c.callee, typeParamNames(params)
		return fn
	}
	fn.Callee = c.recv.local + "." + c.callee
	fn.Recv = &Recv{Name: c.recv.local, Type: receiverName(c.recv.typ), Pointer: isPointer(c.recv.typ), TypeParams: typeParamNames(params)}
	return fn
}

// receiverName is the type of a receiver as the source spells it, which may be by an alias.
func receiverName(t types.Type) string {
	if pointer, ok := t.(*types.Pointer); ok {
		return receiverName(pointer.Elem())
	}
	return t.(interface{ Obj() *types.TypeName }).Obj().Name()
}

// isPointer reports whether a receiver is written with a star. An alias may stand for the star, too.
func isPointer(t types.Type) bool {
	_, ok := t.(*types.Pointer)
	return ok
}

// function names everything in the signature and body of a call's wrapper.
func (n *naming) function(c *call) *Func {
	n.values(c)
	naked := c.span != nil && slices.ContainsFunc(c.results, func(v *value) bool { return n.file.locks.holdsLock(v.typ) })
	fn := &Func{
		Site: c.pos, Target: c.target, Name: c.name,
		Params: printedParams(c.params), Results: printedParams(c.results), Named: naked || c.named(), Naked: naked,
		Untracked: c.untracked,
	}
	if c.span != nil {
		fn.Span = n.span(c)
	}
	fn.Rewraps = n.rewraps(c)
	if s := fn.Span; s != nil {
		s.Skipped = s.Start == startSpan && s.Direction == "" && fn.Rewraps == nil && !c.span.always()
	}
	return fn
}

func printedParams(values []*value) []Param {
	var params []Param
	for _, v := range values {
		params = append(params, Param{Name: v.local, Type: v.typ, Variadic: v.variadic})
	}
	return params
}

// span names what a tracked call records.
func (n *naming) span(c *call) *Span {
	s := &Span{
		Name: c.span.name, Type: c.span.typ, Project: c.span.project, NoDuplicateRoot: c.span.noDuplicateRoot, Flush: c.span.flush,
		Var: n.invent("span"),
	}
	s.Start, s.Context, s.Replaced = n.start(c.span.carrier)
	n.headers(c.span, s)
	if use := c.span.preset; use != nil {
		s.Preset, s.PresetReason = use.preset.Name, use.why
	}
	s.Shape = c.span.shape
	n.lines(s, c.span.lines)
	s.Stream = n.stream(c)
	for _, result := range c.results {
		if result.failure {
			s.Errors = append(s.Errors, result.local)
		}
	}
	return s
}

// lines prints what is captured before and after the call.
func (n *naming) lines(s *Span, lines []line) {
	s.Before, s.After = slices.Grow(s.Before, countAt(lines, beforeCall)), slices.Grow(s.After, countAt(lines, afterCall))
	for _, l := range lines {
		switch at := l.moment(); {
		case at == beforeCall:
			s.Before = append(s.Before, n.line(l).whileRecorded(l, s.Var))
		case l.member != nil && l.member.holder != nil:
			n.held(s, l)
		case at == afterCall:
			s.After = append(s.After, n.line(l).whileRecorded(l, s.Var))
		}
	}
}

func countAt(lines []line, at moment) int {
	count := 0
	for _, l := range lines {
		if l.moment() == at {
			count++
		}
	}
	return count
}

// held adds a line to the switch on the result that it is about.
func (n *naming) held(s *Span, l line) {
	name := l.member.holder.local
	l.member.local = name
	i := slices.IndexFunc(s.Switches, func(other Switch) bool { return other.Var == name })
	if i < 0 {
		i = len(s.Switches)
		s.Switches = append(s.Switches, Switch{Var: name})
	}
	s.Switches[i].Cases = withLine(s.Switches[i].Cases, l.member.typ, n.line(l).whileRecorded(l, s.Var))
}

// startSpan is the runtime's function that starts a span under a context.
const startSpan = "StartSpan"

// start returns the function that starts a span, what it takes for a context, and the variable that takes the new one.
func (n *naming) start(from carrier) (function, context, replaced string) {
	switch {
	case from.param == nil:
		return startSpan, n.file.packages["context"] + ".Background()", "_"
	case from.request:
		return "StartRequest", from.param.local, from.param.local
	case from.replace:
		return startSpan, from.param.local, from.param.local
	default:
		return startSpan, from.param.local, "_"
	}
}

// finishWrapper names everything in a wrapper. All its methods call their receiver the same.
func (b *builder) finishWrapper(f *File, taken names, w *wrapper) *Wrapper {
	all := b.newNaming(f, taken, w.calls...)
	all.needs[w.name], all.needs[w.obj.Name()], all.needs["nil"], all.needs["string"] = true, true, w.iface, w.provides
	all.needTypes(w.calls)
	params := all.typeParams(w.typeParams)
	out := &Wrapper{
		Site: w.pos, Name: w.name, TypeParams: params, Inner: w.inner, Interface: w.iface, NoNil: b.declares("nil"),
		Field: w.field, Embedded: w.embedded, Alias: w.alias, Param: all.invent("inner"),
		Constructor: w.constructor, ConstructorDoc: w.constructorDoc(), Unwrap: w.unwrap, UnwrapDoc: w.unwrapDoc(),
	}
	delete(all.used, out.Param)
	all.useSourceNames(w.calls)
	out.Recv = Recv{Name: all.invent("t"), Type: w.name, Pointer: true, TypeParams: typeParamNames(params)}
	link := b.link(f, w.obj)
	out.Doc = w.doc(link)
	out.Provider = w.printedProvider(all, out.Recv.Name)
	for _, c := range w.calls {
		c.inner.local = out.Recv.Name + "." + w.field
		if c.provider != nil {
			c.provider.local = out.Recv.Name + "." + w.providerField
		}
		fn := b.newMethodNaming(f, taken, c, out.Recv).function(c)
		fn.Recv, fn.Callee, fn.Doc = &out.Recv, out.Recv.Name+"."+w.field+"."+c.callee, funcDoc(c, link+"."+c.callee)
		out.Methods = append(out.Methods, fn)
	}
	return out
}

// newMethodNaming starts with what the receiver declares.
func (b *builder) newMethodNaming(f *File, taken names, c *call, recv Recv) *naming {
	n := b.newNaming(f, taken, c)
	n.used[recv.Name] = true
	for _, param := range recv.TypeParams {
		n.used[param] = true
	}
	return n
}

// link is what a doc comment calls a type.
func (b *builder) link(f *File, obj *types.TypeName) string {
	if name := f.PackageName(obj.Pkg()); name != "" {
		return name + "." + obj.Name()
	}
	return obj.Name()
}

func typeParamNames(params []TypeParam) []string {
	var all []string
	for _, param := range params {
		all = append(all, param.Name)
	}
	return all
}
