package model

import "slices"

// The names of what a wrapper of a client has for the provider that its program chooses.
const (
	providerField  = "provider"
	providerMethod = "WithProvider"
)

// addProviders lets the program say who runs the models that a wrapper's calls reach. One type of an SDK may be a client
// of many servers: whether it is OpenAI, Azure or a host of one's own, only who made it knows. What is wrapped again by
// a method has the provider of the wrapper that it comes from.
//
// A package whose string is another type cannot have the method.
func (b *builder) addProviders() {
	if b.pkg.Types.Scope().Lookup("string") != nil {
		return
	}
	for b.findProviders() {
	}
	for _, d := range b.drafts {
		if d.wrapper != nil && d.wrapper.provides {
			d.wrapper.addProvider()
		}
	}
}

// findProviders marks the wrappers whose calls reach models, as far as is known by now, and reports whether it found
// more.
func (b *builder) findProviders() (more bool) {
	for _, d := range b.drafts {
		if w := d.wrapper; w != nil && !w.provides && slices.ContainsFunc(w.calls, (*call).reachesModel) {
			w.provides, more = true, true
		}
	}
	return more
}

// reachesModel reports whether a call is of a model, or hands out something whose calls are.
func (c *call) reachesModel() bool {
	return c.span.hasProvider() || slices.ContainsFunc(c.results, func(v *value) bool { return c.isRewrapped(v) && v.rewrapped.provides })
}

// hasProvider reports whether somebody runs the model of a span.
func (s *span) hasProvider() bool {
	return s != nil && (s.typ == spanTypes["llm"] || slices.ContainsFunc(s.lines, isProvider))
}

func isProvider(l line) bool { return l.row == providerCapture }

// addProvider makes the spans of calls of models name the provider of the program's choice. It goes last, so that it
// wins.
func (w *wrapper) addProvider() {
	for _, c := range w.calls {
		c.provider = &value{base: w.providerField}
		if !c.span.hasProvider() {
			continue
		}
		chosen := line{row: chosenProvider, variable: c.provider}
		chosen.late = slices.ContainsFunc(c.span.lines, func(l line) bool { return isProvider(l) && l.moment() == afterCall })
		c.span.lines = append(c.span.lines, chosen)
		c.span.sortLines()
	}
}

// Provider is what a wrapper of a client has for the provider that its program chooses.
type Provider struct {
	Field, Method, Param string
	Doc                  []string
}

// printedProvider names what the wrapper has for the provider, beside its receiver.
func (w *wrapper) printedProvider(n *naming, recv string) *Provider {
	if !w.provides {
		return nil
	}
	p := &Provider{Field: w.providerField, Method: w.withProvider, Param: n.invent("provider")}
	p.Doc = []string{p.Method + " returns a copy of " + recv + " whose spans say that " + p.Param + " runs the model, whatever a preset or a directive says."}
	return p
}
