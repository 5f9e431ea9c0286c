package model

import (
	"fmt"
	"go/types"
	"slices"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/preset"
)

// presetUse is a preset that a call takes, and why.
type presetUse struct {
	preset *preset.Preset
	sdk    *types.Func // the call that it was written for; nil where a directive names the preset for another one
	exact  bool        // that is the very call, and not one with the same signature
	why    string
}

func (u *presetUse) layer(c *call) layer {
	return layer{args: u.preset.Directive.Args, calls: []*call{c}, preset: u, lent: true}
}

// choosePresets decides which preset each call takes: the one that the innermost directive names, or the one whose
// call it is.
func (p *planner) choosePresets(calls []*call, members map[string]directive.Directive) {
	overSite, overAll := p.site.Directive.Get("preset")
	byProject, defaulted := p.defaults.Project.Get("preset")
	var open []*call
	for _, c := range calls {
		if arg, ok := members[c.callee].Get("preset"); ok {
			p.takeNamed(arg, c)
		} else {
			open = append(open, c)
		}
	}
	switch {
	case overAll:
		p.takeWhereItFits(overSite, open, true)
	case defaulted:
		p.takeWhereItFits(byProject, open, false)
	default:
		p.takeMatching(open)
	}
	for _, c := range calls {
		p.faulty = p.faulty || c.span.preset != nil && c.span.preset.preset.Directive.Faulty
	}
}

// takeNamed gives a call the preset that a directive over it names.
func (p *planner) takeNamed(arg directive.Arg, c *call) {
	if named := p.named(arg); named != nil {
		c.span.preset = p.use(named, arg, c)
	}
}

// named returns the preset that an argument names, or nil where there is none.
func (p *planner) named(arg directive.Arg) *preset.Preset {
	if arg.Value == preset.None {
		return nil
	}
	named := p.defaults.Presets.Get(arg.Value)
	switch {
	case named == nil:
		p.report(arg.Pos, "preset: there is no preset %s%s", arg.Value, didYouMean(arg.Value, p.defaults.Presets.Names()))
	case named.Directive.Verb == directive.Ignore:
		p.report(arg.Pos, "preset: %s leaves calls untracked: remove it, and write //opik:ignore over the methods that it means", arg.Value)
		return nil
	}
	return named
}

func (p *planner) use(named *preset.Preset, arg directive.Arg, c *call) *presetUse {
	use := p.match(named, c, true)
	if use == nil {
		use = &presetUse{preset: named}
	}
	use.why = "named in " + place(arg.Pos)
	return use
}

// takeWhereItFits gives the preset that is named for several calls to those that all of it fits. The others take the
// one whose call they are. If it has to fit one and does not, the findings about the nearest are reported.
func (p *planner) takeWhereItFits(arg directive.Arg, calls []*call, mustFit bool) {
	named := p.named(arg)
	if named == nil {
		return
	}
	var others []*call
	var nearest []directive.Diagnostic
	for _, c := range calls {
		use := p.use(named, arg, c)
		found := p.try(use, c)
		if len(found) == 0 {
			c.span.preset = use
			continue
		}
		others = append(others, c)
		if nearest == nil || len(found) < len(nearest) {
			nearest = found
		}
	}
	if mustFit && len(others) == len(calls) {
		p.found = append(p.found, misfit(named, arg, nearest)...)
	}
	p.takeMatching(others)
}

// misfit is what is found about a preset that fits none of the calls it is named for. One of those that come with opikgen is
// hardly wrong itself: about that a word is enough.
func misfit(named *preset.Preset, arg directive.Arg, found []directive.Diagnostic) []directive.Diagnostic {
	if named.Layer > 1 || len(found) == 0 { // the first folder is that of opikgen
		return found
	}
	message := fmt.Sprintf("preset: %s is for calls with the signature of %s: %s", named.Name, named.Matches[0], found[0].Message)
	return []directive.Diagnostic{{Pos: arg.ValuePos, Message: message}}
}

// try follows a preset for a copy of a call, and returns what does not fit.
func (p *planner) try(use *presetUse, c *call) []directive.Diagnostic {
	copied := *c
	copied.span = defaultSpan(c.target, c.span.carrier)
	before := len(p.found)
	p.followAll([]*call{&copied}, []layer{use.layer(&copied)})
	found := slices.Clone(p.found[before:])
	p.found = p.found[:before]
	return found
}

// takeMatching gives the calls the presets that are for them.
func (p *planner) takeMatching(calls []*call) {
	for _, c := range calls {
		c.span.preset = p.matching(c)
	}
}

// matching returns the preset for a call: of the last folder, and for the very call before one with its signature. None that
// leaves calls untracked is for one that somebody has written a directive over.
func (p *planner) matching(c *call) *presetUse {
	var uses []*presetUse
	for _, candidate := range p.defaults.Presets.All() {
		if c.isMeant() && candidate.Directive.Verb == directive.Ignore {
			continue
		}
		if use := p.match(candidate, c, false); use != nil {
			uses = append(uses, use)
		}
	}
	if len(uses) == 0 {
		return nil
	}
	slices.SortStableFunc(uses, func(a, b *presetUse) int { return b.rank() - a.rank() })
	if len(uses) > 1 && uses[0].rank() == uses[1].rank() {
		p.report(c.pos, "%s is a call of two presets, %s and %s; choose one with preset=%s", c.target,
			uses[0].preset.Name, uses[1].preset.Name, uses[0].preset.Name)
	}
	return uses[0]
}

// rank orders what presets a call could take: by their folders first.
func (u *presetUse) rank() int {
	if u.exact {
		return 2*u.preset.Layer + 1
	}
	return 2 * u.preset.Layer
}

// inputKey returns what a call calls the parameter that a layer names.
func (p *planner) inputKey(c *call, name string) string {
	if p.layer.preset == nil {
		return name
	}
	if v := p.scope(c).values[name]; v != nil && !v.result {
		return v.key
	}
	return name
}

// inputNames returns what a layer can call the parameters, for suggestions.
func (p *planner) inputNames(calls []*call) []string {
	if p.layer.preset == nil {
		return inputKeys(calls)
	}
	values := p.scope(calls[0]).values
	return slices.Sorted(func(yield func(string) bool) {
		for name, v := range values {
			if !v.result && !yield(name) {
				return
			}
		}
	})
}

// takenFor completes a finding about a preset: the mistake may as well be that the call takes it.
func takenFor(c *call) string {
	return fmt.Sprintf("; the preset is for %s, %s", c.target, place(c.pos))
}
