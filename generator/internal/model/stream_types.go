package model

import "go/types"

// bodyTypes returns the types that the body of a call spells beside those of its signature.
func (c *call) bodyTypes() []types.Type {
	if c.span == nil {
		return nil
	}
	all := c.streamTypes()
	for _, l := range c.span.lines {
		if l.member != nil {
			all = append(all, l.member.typ)
		}
	}
	return all
}

// streamTypes returns those of the stream.
func (c *call) streamTypes() []types.Type {
	s := c.span.stream
	if s == nil {
		return nil
	}
	all := []types.Type{s.Elem, s.accType()}
	for _, b := range s.besides {
		all = append(all, b.Elem)
	}
	if s.event != nil {
		all = append(all, types.Default(s.event.typ.Type))
	}
	if s.options != nil {
		all = append(all, s.options.typ)
	}
	if s.rebuilds() {
		all = append(all, s.on.typ)
	}
	return all
}

// declaredTypes returns the types that the declaration of a stream's own type spells.
func (c *call) declaredTypes() []types.Type {
	if c.span == nil || !c.span.stream.declares() {
		return nil
	}
	s := c.span.stream
	all := []types.Type{s.on.typ, s.Elem}
	for _, m := range streamMethods(s) {
		all = append(all, m.Results...)
	}
	for _, param := range c.streamParams() {
		all = append(all, param.Constraint())
	}
	return all
}

// streamParams returns the type parameters of a stream's own type.
func (c *call) streamParams() []*types.TypeParam {
	if s := c.span.stream; mentionsTypeParam(s.on.typ, s.Elem) {
		return c.typeParams
	}
	return nil
}

// declares reports whether the stream has a type of its own, which implements the user's interface.
func (s *stream) declares() bool {
	return s != nil && s.through == nil && s.make == nil && byInterface[s.Kind] != nil
}

// rebuilds reports whether another stream of the same type is made, by a function literal that spells the type.
func (s *stream) rebuilds() bool {
	switch {
	case s.through != nil || s.on == nil:
		return false
	case s.make != nil:
		return !isPipe(s.make.typ.Type)
	case s.Kind.IsBody():
		return isPointer(types.Unalias(s.on.typ))
	default:
		return s.declares()
	}
}
