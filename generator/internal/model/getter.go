package model

import (
	"go/types"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// Why a method of a wrapper is handed on untracked, for people.
const (
	untrackedIgnored  = "opik:ignore"
	untrackedGetter   = "R14: takes nothing, no context either, and cannot fail"
	untrackedAccessor = "R15: hands out what is wrapped again"
)

// handOn leaves what is no step of the work untracked among the methods of a wrapper, and returns the other calls: getters,
// and what a preset says it of. Name, Type and Len are getters: a span of such a call would be a trace of its own with
// nothing in it.
//
// Whoever writes a directive over the method itself means it all the same, and so does who writes one over a type that
// has nothing else.
func (p *planner) handOn(calls []*call) []*call {
	rest := slices.DeleteFunc(slices.Clone(calls), func(c *call) bool { return p.untracked(c) != "" })
	for _, c := range calls {
		switch why := p.untracked(c); {
		case why == "":
		case len(rest) > 0:
			c.span, c.untracked = nil, why
		case c.span.preset.ignores():
			c.span.preset = nil
		}
	}
	if len(rest) == 0 {
		return calls
	}
	return rest
}

// untracked says why a method of a wrapper is no step of the work, or nothing.
func (p *planner) untracked(c *call) string {
	switch {
	case c.span.preset.ignores():
		return c.span.preset.preset.Name + ": " + c.span.preset.why
	case p.isGetter(c):
		return untrackedGetter
	}
	return ""
}

// ignores reports whether there is a preset, and it says that its calls are no steps of the work.
func (u *presetUse) ignores() bool { return u != nil && u.preset.Directive.Verb == directive.Ignore }

// isMeant reports whether a directive stands over the very function or method.
func (c *call) isMeant() bool { return c.inner == nil || c.chosen }

// isGetter reports whether a method of a wrapper takes nothing, not even a context, and returns plain values that are
// there at once. An error would say that it does something, and a stream, a channel or a function that something comes
// of it later. What is wrapped again is an accessor, and not decided on here.
func (p *planner) isGetter(c *call) bool {
	if c.isMeant() || c.span.preset != nil || len(c.params) > 0 || len(c.results) == 0 {
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
