package model

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/shape"
)

// streamKey is one row of the table of keys that say more about a stream.
type streamKey struct {
	key    string
	follow func(*planner, *call, string) *flaw
}

// streamKeys is the table, in the order in which the keys build on each other.
var streamKeys = []streamKey{
	{"stream.element", (*planner).streamElement},
	{"stream.accumulator", (*planner).accumulator},
	{"stream.response", (*planner).streamResponse},
	{"stream.each", (*planner).streamEach},
	{"stream.event", (*planner).streamEvent},
	{"stream.new", (*planner).streamNew},
	{"stream.through", (*planner).streamThrough},
	{"stream.option", (*planner).streamOption},
	{"stream.extra", (*planner).streamExtra},
	{"stream.asked", (*planner).streamAsked},
}

// followStream follows what the layers say about a stream.
func (p *planner) followStream(c *call, layers []layer) {
	for _, row := range streamKeys {
		found, ok := said(layers, c, row.key)
		if !ok {
			continue
		}
		p.in(found.layer, func() { p.followStreamKey(row, c, found) })
	}
	s := c.span.stream
	if usage, _ := said(layers, c, "stream.include_usage"); usage.arg.Value != "true" {
		s.option, s.extra, s.asked = nil, nil, nil
	}
}

// followStreamKey follows what a layer says about a key. Of several alternatives the first that fits is taken: a preset
// is for versions of an SDK that differ.
func (p *planner) followStreamKey(row streamKey, c *call, found saying) {
	var last directive.Arg
	var fault *flaw
	for _, arg := range found.layer.args {
		if arg.Key != row.key {
			continue
		}
		if last, fault = arg, row.follow(p, c, arg.Value); fault == nil {
			return
		}
	}
	if !found.layer.lenient {
		p.reportArg(last, fault)
	}
}

// streamElement reads the type of the elements that come by an option.
func (p *planner) streamElement(c *call, source string) *flaw {
	s := c.span.stream
	if s.Kind != through {
		return &flaw{message: "the elements of " + c.target + " are of type " + typeText(s.Elem) + "; remove stream.element, or say with stream.through how others come"}
	}
	t, found := p.scope(c).checkType(source)
	if found == nil {
		s.Elem, s.chunkValue.typ = t, t
	}
	return found
}

// streamThrough checks the option by which the elements come.
func (p *planner) streamThrough(c *call, source string) *flaw {
	s := c.span.stream
	if s.options == nil {
		return &flaw{message: c.target + " takes no options; remove stream.through"}
	}
	scope := p.scope(c)
	s.streamValue = &value{typ: types.NewPointer(p.runtimeType("Stream", s.Elem, s.accType())), base: "stream", present: true}
	scope.values["stream"], scope.literals = s.streamValue, true
	checked, found := scope.check(source)
	switch {
	case found != nil:
		return found
	case !checked.usesOnly(s.streamValue, s.options):
		return &flaw{message: source + " names more of the call than its options and stream, which is told of the elements"}
	case len(checked.guards) > 0:
		return &flaw{message: source + " has no value unless " + exprText(checked.guards[0]) + "; an expression is expected that always has one"}
	case !types.AssignableTo(checked.typ.Type, optionType(s.options)):
		return &flaw{message: fmt.Sprintf("%s is of type %s; %s is expected", source, typeText(checked.typ.Type), typeText(optionType(s.options)))}
	}
	s.through = checked
	return nil
}

// accumulator reads the type that the elements add up to.
func (p *planner) accumulator(c *call, source string) *flaw {
	t, found := p.scope(c).checkType(source)
	if found != nil {
		return found
	}
	for obj := range mentions(t) {
		if reason := p.unspellable(obj); reason != "" {
			return &flaw{message: source + " names " + reason}
		}
	}
	c.span.stream.accumulate(t)
	return nil
}

// streamResponse says what resp stands for at the end.
func (p *planner) streamResponse(c *call, source string) *flaw {
	checked, found := p.scope(c).check(source)
	if found == nil && (checked.moment() != inDone || checked.usesCall()) {
		found = &flaw{message: source + " is not about what the elements add up to; an expression over acc is expected, and stream.accumulator"}
	}
	if found == nil {
		c.span.stream.response = source
	}
	return found
}

// streamEach checks the call that adds an element. What it returns is dropped.
func (p *planner) streamEach(c *call, source string) *flaw {
	checked, found := p.scope(c).checkIf(source, (*expr).mustBeCall)
	switch {
	case found != nil:
		return found
	case checked.moment() != inEach || checked.usesCall():
		return &flaw{message: source + " is not about an element; a call is expected that adds chunk to acc"}
	}
	c.span.stream.each = checked
	return nil
}

// mustBeCall refuses what is no statement of its own.
func (e *expr) mustBeCall() *flaw {
	if call, ok := ast.Unparen(e.node).(*ast.CallExpr); ok && !e.isConversion(call) && !e.typ.IsBuiltin() {
		return nil
	}
	return &flaw{message: exprText(e.node) + " is no call; a call is expected that adds chunk to acc"}
}

// isConversion reports whether a call only converts its argument: it is a value that is no result.
func (e *expr) isConversion(call *ast.CallExpr) bool {
	switch ast.Unparen(call.Fun).(type) {
	case *ast.ArrayType, *ast.MapType, *ast.FuncType, *ast.InterfaceType, *ast.StarExpr:
		return true
	}
	return e.typ.Value != nil
}

// streamEvent checks the event that the stream's package decodes. It is made of every element, so that it may not
// depend on conditions.
func (p *planner) streamEvent(c *call, source string) *flaw {
	checked, found := p.scope(c).check(source)
	switch {
	case found != nil:
		return found
	case checked.moment() != inEach || checked.usesCall():
		return &flaw{message: source + " is not about an element; an expression over chunk alone is expected"}
	case len(checked.guards) > 0:
		return &flaw{message: source + " has no value unless " + exprText(checked.guards[0]) + "; an expression is expected that always has one"}
	}
	c.span.stream.event = checked
	return nil
}

// streamOption checks the option that asks for the counts.
func (p *planner) streamOption(c *call, source string) *flaw {
	s := c.span.stream
	switch {
	case s.options == nil && p.layer.preset != nil:
		return nil // the preset is named for a function that asks in its own way
	case s.options == nil:
		return &flaw{message: c.target + " takes no options; remove stream.option"}
	}
	checked, found := p.scope(c).check(source)
	switch {
	case found != nil:
		return found
	case len(checked.values) > 0 || len(checked.guards) > 0:
		return &flaw{message: source + " is about the call; an expression is expected that names packages only"}
	case !types.AssignableTo(checked.typ.Type, optionType(s.options)):
		return &flaw{message: fmt.Sprintf("%s is of type %s; %s is expected", source, typeText(checked.typ.Type), typeText(optionType(s.options)))}
	}
	s.option = checked
	return nil
}

func optionType(options *value) types.Type { return options.typ.(*types.Slice).Elem() }

// streamExtra checks the condition that tells the extra element.
func (p *planner) streamExtra(c *call, source string) *flaw {
	checked, found := p.scope(c).check(source)
	switch {
	case found != nil:
		return found
	case checked.moment() != inEach || checked.usesCall() || !hasKind(checked.typ.Type, types.IsBoolean):
		return &flaw{message: source + " is no condition about an element; one over chunk is expected"}
	}
	c.span.stream.extra = checked
	return nil
}

// streamAsked checks the condition under which the caller asks for the extra element. It is evaluated before the call.
func (p *planner) streamAsked(c *call, source string) *flaw {
	checked, found := p.scope(c).check(source)
	switch {
	case found != nil:
		return found
	case checked.usesResult() || !hasKind(checked.typ.Type, types.IsBoolean):
		return &flaw{message: source + " is no condition about what the caller asks for; one over the parameters is expected"}
	}
	c.span.stream.asked = checked
	return nil
}

// shapeOf describes a call to the rules.
func (p *planner) shapeOf(c *call) *shape.Call {
	if c.described == nil {
		c.described = p.describe(c)
	}
	return c.described
}

func (p *planner) describe(c *call) *shape.Call {
	described := &shape.Call{
		Package: p.pkg.Types,
		Name:    c.callee,
		Data:    func(t types.Type) bool { return p.data.isData(t) && !p.memory.locks.holdsLock(t) },
		Tracked: p.isTracked,
		Known:   p.memoryFor(c),
		Scope:   p.pkg.Cut.Scope,
		Context: func(t types.Type) bool { return p.data.context != nil && implements(t, p.data.context) },
	}
	if receiver := c.receiver(); receiver != nil {
		described.Self = receiver.typ
	}
	for _, param := range c.params {
		described.Params = append(described.Params, shape.Value{Name: param.key, Type: param.typ, Variadic: param.variadic})
	}
	for _, result := range c.results {
		described.Results = append(described.Results, shape.Value{Name: result.key, Type: result.typ, Failure: result.failure})
	}
	return described
}

// memoryFor returns where it is remembered what the rules say about a call. Types of other packages know nothing of this
// one, so that they mean the same to every package that is not theirs.
func (p *planner) memoryFor(c *call) *shape.Memory {
	if slices.ContainsFunc(slices.Concat(c.params, c.results), func(v *value) bool { return p.mentionsOwn(v.typ) }) {
		return p.judged
	}
	return p.data.known.calls
}

// mentionsOwn reports whether a type names something that this package declares.
func (p *planner) mentionsOwn(t types.Type) bool {
	for obj := range mentions(t) {
		if obj.Pkg() != nil && obj.Pkg().Path() == p.pkg.Types.Path() {
			return true
		}
	}
	return false
}
