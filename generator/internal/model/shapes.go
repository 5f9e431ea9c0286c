package model

import (
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/load"
	"github.com/opikgen/opikgen/generator/internal/preset"
	"github.com/opikgen/opikgen/generator/internal/shape"
)

// shapes returns, for the calls that no preset is for, what the rules say about their types: layers outside all others,
// so that every word that somebody wrote wins.
func (p *planner) shapes(calls []*call, layers []layer) []layer {
	var found []layer
	for _, c := range calls {
		if c.span.preset != nil || saidValue(layers, c, "preset") == preset.None {
			continue
		}
		found = append(found, p.shape(c, layers)...)
	}
	return found
}

// shape judges one call.
func (p *planner) shape(c *call, layers []layer) []layer {
	described := p.shapeOf(c)
	explicit, _ := said(layers, c, "type")
	candidate, followed := p.candidate(c, described, layers)
	judged := described.Judge(explicit.arg.Value, candidate, followed)
	l := layer{calls: []*call{c}, lent: true, guessed: true, lenient: true}
	if judged.Plain && len(explicit.layer.calls) > 1 {
		// The word over the whole type does not mean this call.
		c.span.plain = true
		return nil
	}
	l.args = make([]directive.Arg, 0, len(judged.Facts)+1)
	if judged.Type != "" {
		l.args = append(l.args, directive.Arg{Key: "type", Value: judged.Type})
	}
	chosen := choice{inputs: chooses(layers, c, "input.", "capture_input"), outputs: chooses(layers, c, "output.", "capture_output") ||
		chooses(layers, c, joinedOutput.key, "capture_output"), model: saidValue(layers, c, "model") != "", usage: saidValue(layers, c, "usage") != "",
		requested: saidValue(layers, c, "request_model") != "", fields: saidValue(layers, c, restCapture.key) != ""}
	l.args = chosen.addRest(l.args, judged.Facts)
	for _, name := range judged.Hide {
		c.span.ignored[name] = true
	}
	c.span.shape = judged.Why
	if p.isOfModel(explicit.arg.Value, judged) && saidValue(layers, c, "provider") == "" {
		l.args = append(l.args, p.knownProvider(c, described)...)
	}
	all := []layer{l}
	for _, member := range judged.Members {
		l.args, l.member = chosen.addRest(nil, member.Facts), c.member(member)
		all = append(all, l)
	}
	return all
}

// isOfModel reports whether a call is that of a model itself: somebody says so, or wraps what an SDK declares. What only looks
// like one by its types may well make it by a client that is wrapped, whose span has the cost already.
func (p *planner) isOfModel(explicit string, judged shape.Judgement) bool {
	return !judged.Plain && (explicit == "llm" || judged.Type == "llm" && p.site.Kind == load.Wrap)
}

// member returns what the facts about a member are about.
func (c *call) member(m shape.Member) *value {
	if m.Result >= 0 {
		holder := c.results[m.Result]
		return &value{typ: m.Type, base: holder.base, result: true, holder: holder}
	}
	v := &value{typ: m.Type, base: "chunk", streamed: inEach}
	if m.Param >= 0 {
		v.beside = c.params[m.Param]
	}
	return v
}

// addRest adds the facts that nobody chose something else for.
func (c choice) addRest(args []directive.Arg, facts []shape.Fact) []directive.Arg {
	args = slices.Grow(args, len(facts))
	for _, fact := range facts {
		if !c.covers(fact) {
			args = append(args, directive.Arg{Key: fact.Key, Value: fact.Expr})
		}
	}
	return args
}

// choice says what somebody chose for a call, so that the rules keep out of it.
type choice struct{ inputs, outputs, model, usage, requested, fields bool }

func chooses(layers []layer, c *call, family, toggle string) bool {
	return saysAny(layers, c, func(arg directive.Arg) bool {
		return strings.HasPrefix(arg.Key, family) || arg.Key == toggle && arg.Value == "false"
	})
}

// covers reports whether a fact belongs to what is chosen: what is beside the inputs and outputs in a request and a
// response goes with them.
func (c choice) covers(f shape.Fact) bool {
	beside := strings.HasPrefix(f.Key, "metadata.")
	switch {
	case strings.HasPrefix(f.Key, "usage."):
		return c.usage
	case beside && c.fields:
		return true
	case strings.HasPrefix(f.Key, inputCapture.key) || beside && f.Rule == "R6":
		return c.inputs
	case strings.HasPrefix(f.Key, outputCapture.key) || strings.HasPrefix(f.Key, joinedOutput.key) || beside && f.Rule == "R7":
		return c.outputs
	case f.Key == shape.ReceiverModel:
		return c.model || c.requested
	default:
		return c.model && f.Key == "request_model"
	}
}

// candidate returns the stream that a call of a model would have, and whether it can be followed.
func (p *planner) candidate(c *call, described *shape.Call, layers []layer) (found *shape.Stream, followed bool) {
	word := saidValue(layers, c, "stream")
	if word == "none" {
		return nil, false
	}
	_, made := said(layers, c, "stream.new")
	if found := chooseStream(described, word, word != "", made); found != nil {
		return found, true
	}
	return chooseStream(described, word, word != "", true), false
}
