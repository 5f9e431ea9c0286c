package model

import (
	"fmt"
	"go/types"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/load"
)

// Rewrap is a result that is wrapped again, unless it is nil.
type Rewrap struct {
	Var, Constructor string

	WithProvider, Provider string // the method that hands the provider on and the expression for that, or empty
}

// rewrap decides which results of wrappers' methods are wrapped again: those that are the wrapped interface itself, as of
// WithTools, or another one that this file wraps, as of an accessor. Otherwise the calls of what is returned would
// be lost. Errors stay what they are, as those who compare them expect. A method that takes no context and only hands out such a thing is no step of the work, so that it has no span,
// unless a directive stands over it.
func (b *builder) rewrap() {
	for _, d := range b.drafts {
		if d.wrapper == nil {
			continue
		}
		for _, c := range d.wrapper.calls {
			b.rewrapResults(d.wrapper, c)
		}
	}
}

// rewrapResults decides it for the results of one method, unless that is left alone on purpose.
func (b *builder) rewrapResults(w *wrapper, c *call) {
	if c.span == nil {
		return
	}
	for _, result := range c.results {
		if result.failure {
			continue
		}
		result.rewrapped = b.wrapperFor(w, result.typ)
		if result.rewrapped != nil && b.declares("nil") {
			result.rewrapped = nil
			b.diagnostics = append(b.diagnostics, directive.Diagnostic{Pos: w.pos, Message: fmt.Sprintf("%s.%s returns what should be "+
				"wrapped again unless it is nil, but this package declares another nil: rename that one", w.obj.Name(), c.name)})
		}
	}
	if c.rewraps() && c.span.carrier.param == nil && !c.chosen {
		c.span, c.untracked = nil, untrackedAccessor
	}
}

// rewraps reports whether a result is wrapped again.
func (c *call) rewraps() bool {
	return slices.ContainsFunc(c.results, c.isRewrapped)
}

// isRewrapped reports whether this result is wrapped again.
func (c *call) isRewrapped(result *value) bool {
	return result.rewrapped != nil && (c.span == nil || !c.span.stream.is(result))
}

// wrapperFor returns the wrapper for an interface, or nil. Of several the method's own is preferred, then the first.
func (b *builder) wrapperFor(own *wrapper, t types.Type) *wrapper {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || !types.IsInterface(named) {
		return nil
	}
	if own.wraps(named) {
		return own
	}
	for _, d := range b.drafts {
		if d.wrapper != nil && d.wrapper.wraps(named) {
			return d.wrapper
		}
	}
	return nil
}

// wraps reports whether the constructor takes values of an interface. That of a generic one takes all its instances, and
// that of an instance no other.
func (w *wrapper) wraps(named *types.Named) bool {
	if len(w.typeParams) > 0 {
		return w.obj == named.Origin().Obj()
	}
	return types.Identical(w.inner, named)
}

// isTracked reports whether a directive stands over an interface, or for it.
func (b *builder) isTracked(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && types.IsInterface(named) && slices.ContainsFunc(b.pkg.Sites, func(site *load.Site) bool {
		return site.Object == named.Origin().Obj()
	})
}

// rewraps names the results that are wrapped again. The provider goes along.
func (n *naming) rewraps(c *call) []Rewrap {
	var all []Rewrap
	for _, result := range c.results {
		if !c.isRewrapped(result) {
			continue
		}
		again := Rewrap{Var: result.local, Constructor: result.rewrapped.constructor}
		if result.rewrapped.provides {
			again.WithProvider, again.Provider = result.rewrapped.withProvider, c.provider.local
		}
		all = append(all, again)
	}
	return all
}
