package model

import (
	"go/types"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// stream names everything about a streamed answer.
func (n *naming) stream(c *call) *Stream {
	s := c.span.stream
	if s == nil {
		return nil
	}
	out := &Stream{
		Var: n.invent("stream"), Context: n.streamContext(c), Before: s.Result < 0,
		Elem: s.Elem, Acc: s.accType(), Targets: s.targets(),
	}
	inner := n.inner()
	s.chunkValue.local, s.accValue.local = inner.invent("chunk"), inner.invent("acc")
	s.spanValue.local = inner.invent("span")
	n.chunk = s.chunkValue.local
	out.Each = n.literal(c, inEach, nil)
	out.Done = n.literal(c, inDone, nil)
	for _, b := range s.besides {
		out.Besides = append(out.Besides, Beside{Target: b.on.local, Elem: b.Elem, Each: n.literal(c, inEach, b.on), Call: "Beside" + string(b.Kind)})
	}
	if s.asked != nil {
		out.Asked = &Asked{Var: n.invent("asked"), Expr: s.asked.conditionText(n.file)}
	}
	if s.option != nil {
		out.Option = &StreamOption{Options: s.options.local, Type: optionType(s.options), Expr: s.option.text(s.option.node, n.file)}
	}
	if s.hides() {
		out.Hide = &Literal{Chunk: s.chunkValue.local, Value: s.extra.conditionText(n.file)}
	}
	n.wrap(c, out, inner)
	return out
}

// hides reports whether the stream has an extra element that its reader is not to see.
func (s *stream) hides() bool { return s.option != nil && s.extra != nil }

// inner names what is in function literals: it may hide the names of the function around them.
func (n *naming) inner() *naming {
	return &naming{file: n.file, reserved: n.reserved, needs: n.needs, used: names{}}
}

// streamContext is the context that an abandoned stream ends with.
func (n *naming) streamContext(c *call) string {
	from := c.span.carrier
	if from.param == nil {
		return n.file.packages["context"] + ".Background()"
	}
	if from.request {
		return n.file.Runtime + ".RequestContext(" + from.param.local + ")"
	}
	return from.param.local
}

func (s *stream) accType() types.Type {
	if s.acc == nil {
		return types.NewStruct(nil, nil)
	}
	return s.acc
}

func (s *stream) targets() []string {
	if s.on == nil {
		return nil
	}
	targets := []string{s.on.local}
	if s.errors != nil {
		targets = append(targets, s.errors.local)
	}
	return targets
}

// literal names the function that is called with elements of the stream or of a callback beside it, or at the end.
func (n *naming) literal(c *call, at moment, callback *value) Literal {
	s := c.span.stream
	l := Literal{Span: "_", Acc: "_", Chunk: "_"}
	mentioned := map[*value]bool{}
	if at == inEach && s.each != nil && callback == nil {
		l.Call = Line{Guard: s.each.condition(n.file), Call: s.each.text(s.each.node, n.file)}
		if isError(s.each.typ.Type) {
			l.Call.Call = "_ = " + l.Call.Call
		}
		s.each.mention(mentioned)
	}
	for _, line := range c.span.lines {
		if line.moment() == at && line.beside() == callback {
			n.place(&l, line, at)
			mentioned[line.member] = true
			mentioned[s.chunkValue] = mentioned[s.chunkValue] || callback != nil
			mentioned[s.spanValue] = true
			line.expr.mention(mentioned)
		}
	}
	if mentioned[s.spanValue] {
		l.Span = s.spanValue.local
	}
	if mentioned[s.accValue] {
		l.Acc = s.accValue.local
	}
	if mentioned[s.chunkValue] || len(l.Cases) > 0 {
		l.Chunk = s.chunkValue.local
	}
	return l
}

// place adds a line to a literal: to itself, or to the case of one of the types that an element can be of.
func (n *naming) place(l *Literal, line line, at moment) {
	if line.member != nil {
		line.member.local = n.chunk
	}
	if line.member == nil || line.beside() != nil {
		l.Lines = append(l.Lines, n.streamLine(line, at))
		return
	}
	l.Cases = withLine(l.Cases, line.member.typ, n.streamLine(line, at))
}

// withLine adds a line to the case for a type.
func withLine(cases []Case, t types.Type, printed Line) []Case {
	for i := range cases {
		if types.Identical(cases[i].Type, t) {
			cases[i].Lines = append(cases[i].Lines, printed)
			return cases
		}
	}
	return append(cases, Case{Type: t, Lines: []Line{printed}})
}

func (e *expr) mention(seen map[*value]bool) {
	for _, bound := range e.values {
		seen[bound.value] = true
	}
}

// streamLine prints a line of a literal. What an element does not say leaves what an earlier one said.
func (n *naming) streamLine(l line, at moment) Line {
	printed := n.line(l)
	keeps := l.row == outputCapture || l.row.key == "metadata."
	if at == inEach && keeps && isPlainString(l.expr.typ.Type) {
		printed.Guard = l.expr.notEmpty(n.file)
	}
	return printed
}

func isPlainString(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

// conditionText is the expression with its guards.
func (e *expr) conditionText(file *File) string {
	text := e.text(e.node, file)
	if guards := e.condition(file); guards != "" {
		return guards + " && (" + text + ")"
	}
	return text
}

// wrap decides what is made of the stream.
func (n *naming) wrap(c *call, out *Stream, inner *naming) {
	s := c.span.stream
	switch {
	case s.through != nil:
		s.streamValue.local = inner.invent("stream")
		out.Through = &Through{Stream: s.streamValue.local, Options: s.options.local, Type: s.options.typ, Expr: s.through.text(s.through.node, n.file)}
	case s.make != nil && isPipe(s.make.typ.Type):
		out.Pipe = s.make.text(s.make.node, n.file)
	case s.make != nil:
		out.Rebuild = n.rebuild(s, inner)
	case s.declares():
		out.TypeDecl = n.streamType(c)
		out.Rebuild = n.rebuild(s, inner)
	case s.Kind.IsBody():
		out.Tee = &Tee{Call: string(s.Kind), Field: s.Field}
		if isPointer(types.Unalias(s.on.typ)) {
			out.Rebuild = &Rebuild{Stream: inner.invent("stream"), Orig: inner.invent("orig"), Type: s.on.typ}
		}
	default:
		out.Method = string(s.Kind)
	}
}

// rebuild names the literal that makes another stream.
func (n *naming) rebuild(s *stream, inner *naming) *Rebuild {
	r := &Rebuild{Stream: inner.invent("stream"), Orig: inner.invent("orig"), Type: s.on.typ, Failable: s.Kind == shape.Next}
	if s.make == nil {
		return r
	}
	on := *s.on
	s.on.local = r.Orig
	defer func() { s.on.local = on.local }()
	s.tapValue.local = inner.invent("tap")
	r.New = s.make.text(s.make.node, n.file)
	_, r.Fallible = s.make.typ.Type.(*types.Tuple)
	mentioned := map[*value]bool{}
	s.make.mention(mentioned)
	if mentioned[s.tapValue] {
		r.Tap = s.tapValue.local
	}
	if r.Source = s.source(); s.event != nil {
		r.Event = &Literal{Chunk: s.chunkValue.local, Value: s.event.text(s.event.node, n.file)}
		r.EventType = types.Default(s.event.typ.Type)
	}
	return r
}
