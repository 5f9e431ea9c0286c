package model

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/preset"
)

// Defaults is what holds for a package besides the directives in its sources.
type Defaults struct {
	Presets preset.Set
	Memory  *Memory             // of the run; nil for a package on its own
	Project directive.Directive // for this package; nothing is generated for it if this is faulty
}

// layer is the arguments that one place has for some of a site's calls.
type layer struct {
	args    []directive.Arg
	calls   []*call
	preset  *presetUse // nil where the arguments are from no preset
	lent    bool       // they are not of the site's own directives, which may take back what is captured
	member  *value     // in them chunk is this, one of the types of a sealed interface; nil for the element itself
	guessed bool       // the arguments are what the rules found
	lenient bool       // what fits none of the calls is left out in silence: the file speaks of many packages
}

// layers returns what is said about the calls, from the outside in: by their presets, by the project's file, by the
// directive over the site and by those over its members. For a call, the inner layers override the outer ones, key by
// key.
func (p *planner) layers(calls []*call, members map[string]directive.Directive) []layer {
	var layers []layer
	for _, c := range calls {
		if use := c.span.preset; use != nil {
			layers = append(layers, use.layer(c))
		}
	}
	layers = append(layers,
		layer{args: p.defaults.Project.Args, calls: calls, lent: true, lenient: true},
		layer{args: p.site.Directive.Args, calls: calls})
	for _, c := range calls {
		layers = append(layers, layer{args: members[c.callee].Args, calls: []*call{c}})
	}
	return layers
}

// followAll follows the arguments of all layers of the calls: those that capture something before those that choose among the
// captures.
//
// What is streamed is decided first: it says what the others can name.
func (p *planner) followAll(calls []*call, layers []layer) {
	p.planStreams(calls, layers)
	for i, l := range layers {
		l.makeRoom()
		p.follow(l, layers[i+1:], capturesValue)
	}
	for i, l := range layers {
		p.follow(l, layers[i+1:], func(arg directive.Arg) bool { return !capturesValue(arg) })
	}
}

// makeRoom lets the calls of a layer take what its arguments capture. Those of a single call mostly do.
func (l layer) makeRoom() {
	if len(l.calls) == 1 {
		s := l.calls[0].span
		s.lines = slices.Grow(s.lines, len(l.args))
	}
}

func capturesValue(arg directive.Arg) bool {
	row, _ := captureFor(arg.Key)
	return row != nil
}

// follow follows the chosen arguments of a layer, for the calls about which no inner one says something else.
func (p *planner) follow(l layer, inner []layer, chosen func(directive.Arg) bool) {
	p.in(l, func() {
		for _, arg := range l.args {
			if chosen(arg) {
				p.apply(arg, l.undecided(arg.Key, inner))
			}
		}
	})
}

// in does something on behalf of a layer.
func (p *planner) in(l layer, do func()) {
	before := len(p.found)
	p.layer, p.scopes = l, map[*call]*scope{}
	do()
	p.layer, p.scopes = layer{}, nil
	if l.preset != nil {
		for i := range p.found[before:] {
			p.found[before+i].Message += takenFor(l.calls[0])
		}
	}
}

// undecided returns the calls of the layer that no inner layer decides a key for.
func (l layer) undecided(key string, inner []layer) []*call {
	return slices.DeleteFunc(slices.Clone(l.calls), func(c *call) bool {
		return slices.ContainsFunc(inner, func(other layer) bool { return other.decides(key, c) })
	})
}

// decides reports whether a layer has a key for a call, or switches off what it would capture. What is redacted adds
// up instead: who hides one more value does not mean to show the others.
func (l layer) decides(key string, c *call) bool {
	return key != "redact" && l.member == nil && slices.Contains(l.calls, c) && slices.ContainsFunc(l.args, func(arg directive.Arg) bool {
		return arg.Key == key || switchesOff(arg, key)
	})
}

// switchesOff reports whether an argument says that nothing of a key's family is captured.
func switchesOff(arg directive.Arg, key string) bool {
	switch arg.Key {
	case "capture_input":
		return arg.Value == "false" && strings.HasPrefix(key, inputCapture.key)
	case "capture_output":
		return arg.Value == "false" && (strings.HasPrefix(key, outputCapture.key) || strings.HasPrefix(key, joinedOutput.key))
	}
	return false
}

// asksReceiver reports whether a preset's expression is about what its call is a method of.
func (l layer) asksReceiver(node ast.Expr) bool {
	return l.preset != nil && slices.ContainsFunc(identifiers(node), func(id *ast.Ident) bool { return id.Name == receiverAlias })
}

// forgives reports whether a preset's expression may be left out where it does not fit: it is about a receiver, and the
// call is not the one that the preset was written for. A function has none, and an interface of the user's own has the
// methods that its users need.
func (l layer) forgives(node ast.Expr) bool {
	return node != nil && l.asksReceiver(node) && !l.preset.exact && len(l.preset.preset.Matches) > 0
}

// receiverAlias is what presets call what their call is a method of.
const receiverAlias = "recv"

// aliases are the names that stand for a value of every signature.
var aliases = names{"req": true, "resp": true, "chunk": true, "acc": true}

// mentionsAlias reports whether a value was meant as an expression by who did not know the signature.
func mentionsAlias(node ast.Expr) bool {
	return slices.ContainsFunc(identifiers(node), func(id *ast.Ident) bool { return aliases[id.Name] })
}
