package model

import (
	"fmt"
	"go/types"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// streamNew checks the expression for the stream to return: a stream, a stream and an error, or the function of the
// stream's package that makes a reader and a writer.
func (p *planner) streamNew(c *call, source string) *flaw {
	s := c.span.stream
	if s.Result < 0 {
		return &flaw{message: "the elements of " + c.target + " go to a callback; remove stream.new"}
	}
	checked, found := p.constructor(c, source)
	switch {
	case found != nil:
		return found
	case checked.streamed() || !checked.usesOnly(s.tapValue, s.on):
		return &flaw{message: source + " names more of the call than tap, which hands on the elements, and orig, the stream that was returned"}
	case !s.isMadeBy(checked.typ.Type):
		return &flaw{message: fmt.Sprintf("%s is of type %s; expected is %s, as %s returns it", source, typeText(checked.typ.Type), typeText(s.on.typ), c.target)}
	}
	s.make = checked
	return nil
}

// constructor checks the expression itself. Events are made only where it takes a decoder: what takes the elements as
// they are saves decoding them again.
func (p *planner) constructor(c *call, source string) (*expr, *flaw) {
	s, scope := c.span.stream, p.scope(c)
	scope.values["tap"], scope.values["orig"] = s.tapValue, s.on
	event := s.event
	s.event = nil
	s.tapValue.typ = p.tapType(s)
	checked, found := scope.checkIf(source, (*expr).mustBeConstructor)
	if found == nil || event == nil {
		return checked, found
	}
	s.event = event
	s.tapValue.typ = p.tapType(s)
	return scope.checkIf(source, (*expr).mustBeConstructor)
}

// mustBeConstructor lets pass what returns an error, too.
func (e *expr) mustBeConstructor() *flaw {
	if results, ok := e.typ.Type.(*types.Tuple); ok && results.Len() == 2 && isError(results.At(1).Type()) {
		return nil
	}
	return e.mustBeValue()
}

// usesOnly reports whether the expression names nothing of the call but what is given.
func (e *expr) usesOnly(allowed ...*value) bool {
	for _, bound := range e.values {
		if !slices.Contains(allowed, bound.value) {
			return false
		}
	}
	return true
}

// isMadeBy reports whether a constructor of a type makes such streams.
func (s *stream) isMadeBy(t types.Type) bool {
	if results, ok := t.(*types.Tuple); ok {
		t = results.At(0).Type()
	}
	if isPipe(t) {
		t = t.Underlying().(*types.Signature).Results().At(0).Type()
	}
	return types.AssignableTo(t, s.on.typ)
}

// isPipe reports whether a constructor makes a reader and a writer of some capacity.
func isPipe(t types.Type) bool {
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Params().Len() == 1 && types.Identical(sig.Params().At(0).Type(), types.Typ[types.Int]) && sig.Results().Len() == 2
}

// source is what the runtime calls tap for a stream: what hands on the elements.
func (s *stream) source() string {
	_, raw, _ := types.LookupFieldOrMethod(s.on.typ, false, nil, "RecvRaw")
	switch {
	case s.event != nil:
		return "Events"
	case s.Kind == shape.Next:
		return "Source"
	case raw != nil:
		return "ReplayRaw"
	default:
		return "Replay"
	}
}

// tapType is the type of that.
func (p *planner) tapType(s *stream) types.Type {
	name, args := s.source(), []types.Type{s.Elem, s.accType()}
	switch name {
	case "Events":
		name, args = "EventSource", append(args, types.Default(s.event.typ.Type))
	case "Replay", "ReplayRaw":
		name, args = "Replay", nil
	}
	return types.NewPointer(p.runtimeType(name, args...))
}
