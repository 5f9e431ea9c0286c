package model

import (
	"go/types"
	"slices"
)

// Why a method of a wrapper is handed on untracked, for people.
const (
	untrackedIgnored  = "opik:ignore"
	untrackedGetter   = "R14: takes nothing, no context either, and cannot fail"
	untrackedAccessor = "R15: hands out what is wrapped again"
)

// handOnGetters leaves the getters among the methods of a wrapper untracked, and returns the other calls. Name, Type and
// Len are no steps of the work: a span of such a call would be a trace of its own with nothing in it.
//
// Whoever writes a directive over the method itself means it all the same, and so does who writes one over a type that
// has nothing else.
func (p *planner) handOnGetters(calls []*call) []*call {
	rest := slices.DeleteFunc(slices.Clone(calls), p.isGetter)
	if len(rest) == 0 {
		return calls
	}
	for _, c := range calls {
		if !slices.Contains(rest, c) {
			c.span, c.untracked = nil, untrackedGetter
		}
	}
	return rest
}

// isGetter reports whether a method of a wrapper takes nothing, not even a context, and returns plain values that are
// there at once. An error would say that it does something, and a stream, a channel or a function that something comes
// of it later. What is wrapped again is an accessor, and not decided on here.
func (p *planner) isGetter(c *call) bool {
	if c.inner == nil || c.chosen || c.span.preset != nil || len(c.params) > 0 || len(c.results) == 0 {
		return false
	}
	return !slices.ContainsFunc(c.results, p.isOutcome) && len(p.shapeOf(c).Streams()) == 0
}

// isOutcome reports whether a result is more than a value to look at.
func (p *planner) isOutcome(result *value) bool {
	switch result.typ.Underlying().(type) {
	case *types.Chan, *types.Signature:
		return true
	}
	return implements(result.typ, types.Universe.Lookup("error").Type()) || p.isTracked(result.typ)
}
