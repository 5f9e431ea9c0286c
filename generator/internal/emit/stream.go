package emit

import (
	"go/types"

	"github.com/dave/jennifer/jen"

	"github.com/opikgen/opikgen/generator/internal/model"
)

// streamBefore prints what a streamed call needs before it is made: the option that asks for the counts and, for a
// callback, the stream.
func (p printer) streamBefore(span *model.Span) []jen.Code {
	s := span.Stream
	if s == nil {
		return nil
	}
	var lines []jen.Code
	if s.Asked != nil && s.Hide != nil {
		lines = append(lines, jen.Id(s.Asked.Var).Op(":=").Id(s.Asked.Expr)) // before there is one more option
	}
	if o := s.Option; o != nil {
		option := jen.Func().Params().Add(p.typ(o.Type)).Add(oneLine(jen.Return(jen.Id(o.Expr))))
		lines = append(lines, jen.Id(o.Options).Op("=").Add(p.runtime("WithOption")).Call(jen.Id(span.Var), jen.Id(o.Options), option))
	}
	if s.Before {
		lines = append(lines, p.startStream(span), p.wrapStream(s))
	}
	for _, b := range s.Besides {
		lines = append(lines, jen.Id(b.Target).Op("=").Add(p.runtime(b.Call)).Call(jen.Id(s.Var), jen.Id(b.Target), p.observer(s, b.Elem, &b.Each)))
	}
	return lines
}

// streamAfter prints the stream of what the call returned.
func (p printer) streamAfter(span *model.Span) []jen.Code {
	if span.Stream == nil || span.Stream.Before {
		return nil
	}
	return []jen.Code{p.startStream(span), p.wrapStream(span.Stream)}
}

func (p printer) startStream(span *model.Span) *jen.Statement {
	s := span.Stream
	start := jen.Id(s.Var).Op(":=").Add(p.runtime("StreamOf")).Call(jen.Id(s.Context), jen.Id(span.Var), p.each(s), p.done(s))
	return start.Add(p.hiding(s))
}

// hiding prints what keeps the extra element back.
func (p printer) hiding(s *model.Stream) *jen.Statement {
	if s.Hide == nil {
		return jen.Null()
	}
	hide := jen.Func().Params(jen.Id(s.Hide.Chunk).Add(p.typ(s.Elem))).Bool().Add(oneLine(jen.Return(jen.Id(s.Hide.Value))))
	if s.Asked == nil {
		return jen.Dot("Hiding").Call(hide)
	}
	return jen.Dot("HidingUnless").Call(jen.Id(s.Asked.Var), hide)
}

// each prints the function that is called with every element, and done the one that is called at the end.
func (p printer) each(s *model.Stream) *jen.Statement {
	return p.observer(s, s.Elem, &s.Each)
}

func (p printer) observer(s *model.Stream, elem types.Type, l *model.Literal) *jen.Statement {
	return p.callback(l, p.span(l), p.acc(s, l), parameter(l, l.Chunk).Add(p.typ(elem)))
}

func (p printer) done(s *model.Stream) *jen.Statement {
	return p.callback(&s.Done, p.span(&s.Done), p.acc(s, &s.Done))
}

func (p printer) span(l *model.Literal) *jen.Statement {
	return parameter(l, l.Span).Op("*").Add(p.runtime("Span"))
}

func (p printer) acc(s *model.Stream, l *model.Literal) *jen.Statement {
	return parameter(l, l.Acc).Op("*").Add(p.typ(s.Acc))
}

// parameter prints the name of a literal's parameter. A literal that does nothing names none.
func parameter(l *model.Literal, name string) *jen.Statement {
	if len(l.Lines) == 0 && len(l.Cases) == 0 && l.Call.Call == "" {
		return jen.Empty()
	}
	return jen.Id(name)
}

func (p printer) callback(l *model.Literal, params ...jen.Code) *jen.Statement {
	var lines []jen.Code
	if call := l.Call; call.Call != "" {
		statement := jen.Id(call.Call)
		if call.Guard != "" {
			statement = jen.If(jen.Id(call.Guard)).Block(statement)
		}
		lines = append(lines, statement)
	}
	lines = append(lines, p.lines(l.Span, l.Lines)...)
	if len(l.Cases) > 0 {
		lines = append(lines, p.cases(l.Span, l.Chunk, l.Cases))
	}
	if len(lines) == 0 {
		return jen.Func().Params(params...).Id("{}")
	}
	return jen.Func().Params(params...).Block(lines...)
}

// cases prints a switch over the types that a variable can hold.
func (p printer) cases(span, variable string, cases []model.Case) *jen.Statement {
	var clauses []jen.Code
	for _, c := range cases {
		clauses = append(clauses, jen.Case(p.typ(c.Type)).Block(p.lines(span, c.Lines)...))
	}
	return jen.Switch(jen.Id(variable).Op(":=").Id(variable).Assert(jen.Type())).Block(clauses...)
}

// wrapStream prints what is returned, or handed to the call, in place of the stream.
func (p printer) wrapStream(s *model.Stream) *jen.Statement {
	targets := ids(s.Targets)
	assign := jen.List(targets...).Op("=")
	switch {
	case s.Through != nil:
		return p.through(s)
	case s.Pipe != "":
		return assign.Add(p.runtime("Pipe")).Call(jen.Id(s.Var), targets[0], jen.Id(s.Pipe))
	case s.Rebuild != nil:
		return assign.Add(p.rebuild(s))
	case s.Tee != nil:
		return p.tee(s, s.Var, s.Targets[0])
	default:
		return assign.Id(s.Var).Dot(s.Method).Call(targets...)
	}
}

// through prints the options of the call with one more.
func (p printer) through(s *model.Stream) *jen.Statement {
	t := s.Through
	option := t.Type.(*types.Slice).Elem()
	params := []jen.Code{jen.Id(t.Stream).Add(p.streamPointer(s)), jen.Id(t.Options).Add(p.typ(t.Type))}
	return jen.Id(t.Options).Op("=").Add(p.runtime("WithStream")).Call(jen.Id(s.Var), jen.Id(t.Options),
		jen.Func().Params(params...).Add(p.typ(option)).Block(jen.Return(jen.Id(t.Expr))))
}

// rebuild prints the literal that makes another stream of the same type.
func (p printer) rebuild(s *model.Stream) *jen.Statement {
	r := s.Rebuild
	name, results := "Rebuild", []jen.Code{p.typ(r.Type)}
	if r.Fallible {
		name, results = "RebuildErr", append(results, jen.Error())
	}
	var lines []jen.Code
	if r.Failable {
		lines = append(lines, jen.Id("_").Op("=").Id(r.Stream).Dot("Failed").Call(jen.Id(r.Orig).Dot("Err").Call()))
	}
	if r.Tap != "" {
		lines = append(lines, jen.Id(r.Tap).Op(":=").Add(p.tap(s)))
	}
	if s.Tee != nil {
		lines = append(lines, p.tee(s, r.Stream, r.Orig))
	}
	lines = append(lines, jen.Return(p.made(s)))
	params := []jen.Code{jen.Id(r.Stream).Add(p.streamPointer(s)), jen.Id(r.Orig).Add(p.typ(r.Type))}
	return p.runtime(name).Call(jen.Id(s.Var), jen.Id(s.Targets[0]), jen.Func().Params(params...).Add(resultList(results)).Block(lines...))
}

// streamPointer is the type of the runtime's stream.
func (p printer) streamPointer(s *model.Stream) *jen.Statement {
	return jen.Op("*").Add(p.runtime("Stream")).Types(p.typ(s.Elem), p.typ(s.Acc))
}

// tap prints what hands on the elements.
func (p printer) tap(s *model.Stream) *jen.Statement {
	r := s.Rebuild
	if r.Event == nil {
		return jen.Id(r.Stream).Dot(r.Source).Call(jen.Id(r.Orig))
	}
	event := jen.Func().Params(jen.Id(r.Event.Chunk).Add(p.typ(s.Elem))).Add(p.typ(r.EventType)).Block(jen.Return(jen.Id(r.Event.Value)))
	return p.runtime(r.Source).Call(jen.Id(r.Stream), jen.Id(r.Orig), event)
}

// tee prints the wrapping of a body, which is a variable or a field of it.
func (p printer) tee(s *model.Stream, stream, variable string) *jen.Statement {
	body := jen.Id(variable)
	if s.Tee.Field != "" {
		body.Dot(s.Tee.Field)
	}
	return body.Clone().Op("=").Add(p.runtime(s.Tee.Call)).Call(jen.Id(stream), body)
}

// made prints the stream itself.
func (p printer) made(s *model.Stream) *jen.Statement {
	switch {
	case s.Tee != nil:
		return jen.Id(s.Rebuild.Orig)
	case s.TypeDecl == nil:
		return jen.Id(s.Rebuild.New)
	}
	t := s.TypeDecl
	return jen.Op("&").Id(t.Name).Types(ids(t.Recv.TypeParams)...).Values(jen.Id(s.Rebuild.Orig), jen.Id(s.Rebuild.Stream))
}

// streamType prints the type that implements the user's interface of a stream.
func (p printer) streamType(f *jen.File, s *model.Stream) {
	t := s.TypeDecl
	embedded := p.typ(t.Inner)
	if t.Alias != "" {
		p.alias(f, t.Alias, t.TypeParams, t.Inner)
		embedded = text(t.Alias, arguments(t.Recv.TypeParams))
	}
	doc(f, t.Doc)
	f.Type().Id(t.Name).Add(p.typeParams(t.TypeParams)).Struct(embedded, jen.Id(t.Stream).Add(p.streamPointer(s)))
	if t.Unwrap {
		doc(f, t.UnwrapDoc)
		f.Func().Add(p.receiver(&t.Recv)).Id("Unwrap").Params().Add(p.typ(t.Inner)).Add(oneLine(jen.Return(p.innerOf(t))))
	}
	for _, m := range t.Methods {
		f.Line().Func().Add(p.receiver(&t.Recv)).Id(m.Name).Params().Add(p.resultTypes(m.Results)).Add(oneLine(p.told(t, m)...))
	}
}

func (p printer) innerOf(t *model.StreamType) *jen.Statement { return jen.Id(t.Recv.Name).Dot(t.Field) }

func (p printer) resultTypes(all []types.Type) *jen.Statement {
	var list []jen.Code
	for _, t := range all {
		list = append(list, p.typ(t))
	}
	return resultList(list)
}

// told prints the body of a method: the interface's own is called, and the runtime is told what it returned.
func (p printer) told(t *model.StreamType, m model.StreamMethod) []jen.Code {
	call := p.innerOf(t).Dot(m.Name).Call()
	tell := jen.Id(t.Recv.Name).Dot(t.Stream).Dot(m.Tells)
	if m.Void {
		return []jen.Code{call, jen.Id("_").Op("=").Add(tell).Call(jen.Nil())}
	}
	args := []jen.Code{call}
	if m.Called {
		args[0] = p.innerOf(t).Dot(m.Name)
	}
	for _, name := range m.Also {
		args = append(args, p.innerOf(t).Dot(name))
	}
	return []jen.Code{jen.Return(tell.Call(args...))}
}
