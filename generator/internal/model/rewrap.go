package model

import (
	"go/types"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/load"
)

// Rewrap is a result that is wrapped again, unless it is nil.
type Rewrap struct {
	Var, Constructor string
}

// rewrap decides which results of wrappers' methods are wrapped again: those that are the wrapped interface itself, as of
// WithTools, or another one that this file wraps, as of an accessor. Otherwise the calls of what is returned would
// be lost. A method that takes no context and only hands out such a thing is no step of the work, so that it has no span,
// unless a directive stands over it.
func (b *builder) rewrap() {
	for _, d := range b.drafts {
		if d.wrapper == nil {
			continue
		}
		for _, c := range d.wrapper.calls {
			if c.span == nil {
				continue // it is left alone on purpose
			}
			for _, result := range c.results {
				result.rewrapped = b.constructorFor(d.wrapper, result.typ)
			}
			if c.rewraps() && c.span.carrier.param == nil && !c.chosen {
				c.span = nil
			}
		}
	}
}

// rewraps reports whether a result is wrapped again.
func (c *call) rewraps() bool {
	for _, result := range c.results {
		if result.rewrapped != "" && (c.span == nil || !c.span.stream.is(result)) {
			return true
		}
	}
	return false
}

// constructorFor returns the constructor of the wrapper for an interface, or nothing. Of several the method's own
// wrapper is preferred, then the first.
func (b *builder) constructorFor(own *wrapper, t types.Type) string {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || !types.IsInterface(named) {
		return ""
	}
	if own.iface && own.obj == named.Origin().Obj() {
		return own.constructor
	}
	for _, d := range b.drafts {
		if w := d.wrapper; w != nil && w.iface && w.obj == named.Origin().Obj() {
			return w.constructor
		}
	}
	return ""
}

// isTracked reports whether a directive stands over an interface, or for it.
func (b *builder) isTracked(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && types.IsInterface(named) && slices.ContainsFunc(b.pkg.Sites, func(site *load.Site) bool {
		return site.Object == named.Origin().Obj()
	})
}

// rewraps names the results that are wrapped again.
func (n *naming) rewraps(c *call) []Rewrap {
	var all []Rewrap
	for _, result := range c.results {
		if result.rewrapped != "" && (c.span == nil || !c.span.stream.is(result)) {
			all = append(all, Rewrap{Var: result.local, Constructor: result.rewrapped})
		}
	}
	return all
}
