package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/opikgen/opikgen/generator/internal/model"
)

// function prints a function or method with its doc comment.
func (p printer) function(f *jen.File, fn *model.Func) {
	doc(f, fn.Doc)
	f.Func().Add(p.receiver(fn.Recv)).Id(fn.Name).Add(p.typeParams(fn.TypeParams)).
		Params(p.params(fn.Params)...).Add(p.results(fn)).Block(p.body(fn)...)
	if fn.Span != nil && fn.Span.Stream != nil && fn.Span.Stream.TypeDecl != nil {
		p.streamType(f, fn.Span.Stream)
	}
}

func (p printer) receiver(recv *model.Recv) *jen.Statement {
	if recv == nil {
		return jen.Null()
	}
	star := ""
	if recv.Pointer {
		star = "*"
	}
	return text("(", recv.Name, " ", star, recv.Type, arguments(recv.TypeParams), ")")
}

// arguments writes type arguments, if there are any.
func arguments(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "[" + strings.Join(names, ", ") + "]"
}

func (p printer) typeParams(params []model.TypeParam) *jen.Statement {
	if len(params) == 0 {
		return jen.Null()
	}
	var list []jen.Code
	for _, param := range params {
		list = append(list, jen.Id(param.Name).Add(p.typ(param.Constraint)))
	}
	return jen.Types(list...)
}

func (p printer) params(params []model.Param) []jen.Code {
	var list []jen.Code
	for _, param := range params {
		list = append(list, jen.Id(param.Name).Add(p.variable(param.Type, param.Variadic)))
	}
	return list
}

// results prints the result list, with names where the source has them.
func (p printer) results(fn *model.Func) *jen.Statement {
	if fn.Named {
		return jen.Params(p.params(fn.Results)...)
	}
	var list []jen.Code
	for _, result := range fn.Results {
		list = append(list, p.typ(result.Type))
	}
	return resultList(list)
}

// body prints what a wrapper does around the call.
func (p printer) body(fn *model.Func) []jen.Code {
	if fn.Span == nil {
		return p.handOn(fn)
	}
	lines := append(p.skip(fn), p.start(fn.Span), jen.Defer().Add(method(fn.Span, "End")))
	lines = append(lines, p.lines(fn.Span.Var, fn.Span.Before)...)
	lines = append(lines, p.streamBefore(fn.Span)...)
	lines = append(lines, p.outgoing(fn.Span)...)
	lines = append(lines, assign(fn), method(fn.Span, "Returned", fn.Span.Errors...))
	lines = append(lines, p.lines(fn.Span.Var, fn.Span.After)...)
	for _, s := range fn.Span.Switches {
		lines = append(lines, p.cases(fn.Span.Var, s.Var, s.Cases))
	}
	lines = append(lines, p.streamAfter(fn.Span)...)
	lines = append(lines, rewraps(fn)...)
	switch {
	case fn.Naked:
		lines = append(lines, jen.Return())
	case len(fn.Results) > 0:
		lines = append(lines, jen.Return(variables(fn.Results)))
	}
	return lines
}

// skip prints the call alone, for where nothing is recorded. What follows would come to the same, but slower.
func (p printer) skip(fn *model.Func) []jen.Code {
	if !fn.Span.Skipped {
		return nil
	}
	lines := []jen.Code{jen.Return(call(fn))}
	if len(fn.Results) == 0 {
		lines = []jen.Code{call(fn), jen.Return()}
	}
	return []jen.Code{jen.If(text(p.file.Runtime, ".Off(", fn.Span.Context, ")")).Block(lines...)}
}

// handOn prints the body of a method that is not tracked.
func (p printer) handOn(fn *model.Func) []jen.Code {
	switch {
	case len(fn.Rewraps) > 0:
		lines := append([]jen.Code{assign(fn)}, rewraps(fn)...)
		return append(lines, jen.Return(variables(fn.Results)))
	case len(fn.Results) > 0:
		return []jen.Code{jen.Return(call(fn))}
	default:
		return []jen.Code{call(fn)}
	}
}

// rewraps prints what wraps results again.
func rewraps(fn *model.Func) []jen.Code {
	var lines []jen.Code
	for _, r := range fn.Rewraps {
		again := text(r.Var, " = ", r.Constructor, "(", r.Var, ")")
		if r.WithProvider != "" {
			again.Dot(r.WithProvider).Call(jen.Id(r.Provider))
		}
		lines = append(lines, jen.If(text(r.Var, " != nil")).Block(again))
	}
	return lines
}

func (p printer) start(span *model.Span) *jen.Statement {
	return text(span.Replaced, ", ", span.Var, " := ", p.file.Runtime, ".", span.Start).
		Call(p.context(span), jen.Lit(span.Name), p.options(span))
}

// context prints what the span is started under.
func (p printer) context(span *model.Span) *jen.Statement {
	if in := span.Incoming; in != nil {
		return text(p.file.Runtime, ".", in.Call, "(", span.Context, ", ", in.Var, ")")
	}
	return jen.Id(span.Context)
}

// outgoing prints what puts the headers on what goes out.
func (p printer) outgoing(span *model.Span) []jen.Code {
	out := span.Outgoing
	if out == nil {
		return nil
	}
	return []jen.Code{text(out.Var, " = ", p.file.Runtime, ".", out.Call, "(", out.Context, ", ", out.Var, ")")}
}

// options prints the SpanOptions of what is known of the span without running the program.
func (p printer) options(span *model.Span) *jen.Statement {
	var fields []jen.Code
	field := func(name string, value *jen.Statement) {
		fields = append(fields, jen.Id(name).Op(":").Add(value))
	}
	if span.Type != "" {
		field("Type", p.runtime(span.Type))
	}
	if span.Project != "" {
		field("Project", jen.Lit(span.Project))
	}
	if span.NoDuplicateRoot {
		field("NoDuplicateRoot", jen.True())
	}
	if span.Flush {
		field("Flush", jen.True())
	}
	return p.runtime("SpanOptions").Values(fields...)
}

// assign prints the call itself, whose results go to the named ones or to new variables.
func assign(fn *model.Func) *jen.Statement {
	if len(fn.Results) == 0 {
		return call(fn)
	}
	operator := ":="
	if fn.Named {
		operator = "="
	}
	return variables(fn.Results).Op(operator).Add(call(fn))
}

func call(fn *model.Func) *jen.Statement {
	spread := ""
	if last := len(fn.Params) - 1; last >= 0 && fn.Params[last].Variadic {
		spread = "..."
	}
	return text(fn.Callee, arguments(fn.TypeArgs), "(", list(fn.Params), spread, ")")
}

// lines prints captures, those in a row under the same guard in one if.
func (p printer) lines(span string, lines []model.Line) []jen.Code {
	var printed []jen.Code
	for i := 0; i < len(lines); {
		end := i + 1
		for end < len(lines) && lines[end].Guard == lines[i].Guard {
			end++
		}
		printed = append(printed, p.guarded(span, lines[i:end]))
		i = end
	}
	return printed
}

// guarded prints captures under one guard. They are most of a file, and all text: one piece of it.
func (p printer) guarded(span string, lines []model.Line) *jen.Statement {
	var b strings.Builder
	b.Grow(captureSize * len(lines))
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		p.capture(&b, span, line)
	}
	if guard := lines[0].Guard; guard != "" {
		return jen.If(jen.Id(guard)).Block(jen.Id(b.String()))
	}
	return jen.Id(b.String())
}

// captureSize is more than most captures take.
const captureSize = 128

// capture writes one captured fact.
func (p printer) capture(b *strings.Builder, span string, line model.Line) {
	if line.Method {
		b.WriteString(span + "." + line.Call + "(")
	} else {
		b.WriteString(p.file.Runtime + "." + line.Call + "(" + span + ", ")
	}
	for i, arg := range line.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(arg)
	}
	b.WriteByte(')')
}

// method calls a method of the span.
func method(span *model.Span, name string, args ...string) *jen.Statement {
	return text(span.Var, ".", name, "(", strings.Join(args, ", "), ")")
}

// variables prints the names of parameters or results with commas between them.
func variables(params []model.Param) *jen.Statement { return jen.Id(list(params)) }

func list(params []model.Param) string {
	names := make([]string, len(params))
	for i := range params {
		names[i] = params[i].Name
	}
	return strings.Join(names, ", ")
}

func ids(names []string) []jen.Code {
	var list []jen.Code
	for _, name := range names {
		list = append(list, jen.Id(name))
	}
	return list
}
