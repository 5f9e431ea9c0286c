package model

import (
	"go/types"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/shape"
)

// stream is a streamed answer of a call, with everything decided but the names in the generated code.
type stream struct {
	shape.Stream
	on, errors *value     // the result or parameter that it is, and its channel of errors
	acc        types.Type // what the elements add up to; nil for nothing
	besides    []beside   // more callbacks

	// The names of expressions that stand for something of the stream.
	chunkValue, accValue, spanValue, tapValue *value
	response                                  string // what resp stands for

	each, event, make, option, extra, asked, through *expr // nil where there is none
	options, streamValue                             *value
}

// exprs returns the expressions that are about the stream as a whole, and nil for those that it does not have.
func (s *stream) exprs() []*expr {
	return []*expr{s.each, s.event, s.make, s.option, s.extra, s.asked, s.through}
}

// beside is a callback beside the stream.
type beside struct {
	shape.Stream
	on *value
}

// through is the kind of stream whose elements come by an option.
const through shape.StreamKind = "Through"

// is reports whether a value is the stream, or the channel of its errors.
func (s *stream) is(v *value) bool { return s != nil && s.Field == "" && (v == s.on || v == s.errors) }

// saying is what one layer says about a key.
type saying struct {
	layer layer
	arg   directive.Arg
}

// said returns what the innermost layer says about a key for a call.
func said(layers []layer, c *call, key string) (saying, bool) {
	for _, l := range slices.Backward(layers) {
		if !slices.Contains(l.calls, c) {
			continue
		}
		if i := slices.IndexFunc(l.args, func(arg directive.Arg) bool { return arg.Key == key }); i >= 0 {
			return saying{l, l.args[i]}, true
		}
	}
	return saying{}, false
}

// saysAny reports whether a layer has such an argument for a call.
func saysAny(layers []layer, c *call, such func(directive.Arg) bool) bool {
	return slices.ContainsFunc(layers, func(l layer) bool { return slices.Contains(l.calls, c) && slices.ContainsFunc(l.args, such) })
}

// saidValue returns what is said, or nothing.
func saidValue(layers []layer, c *call, key string) string {
	found, _ := said(layers, c, key)
	return found.arg.Value
}

// planStreams decides which of the calls are streamed, and how.
func (p *planner) planStreams(calls []*call, layers []layer) {
	for _, c := range calls {
		p.planStream(c, layers)
	}
	for _, l := range layers {
		p.needStream(l)
	}
}

// needStream reports a kind of stream, or counts of one, that are asked for where no call has them.
func (p *planner) needStream(l layer) {
	if l.lenient {
		return
	}
	streamed := slices.IndexFunc(l.calls, func(c *call) bool { return c.span.stream != nil })
	for _, arg := range l.args {
		switch {
		case l.needs(arg) && streamed < 0 && len(l.calls) > 0:
			p.in(l, func() { p.reportArg(arg, &flaw{message: noStream(l.calls[0], arg)}) })
			return
		case arg.Key == "stream.include_usage" && arg.Value == "true" && streamed >= 0 && len(p.found) == 0 && !l.counted():
			p.in(l, func() { p.reportArg(arg, &flaw{message: noCounts(l.calls[streamed])}) })
		}
	}
}

// needs reports whether an argument says nothing but of a stream. A preset says more than holds for the call that it is
// named for.
func (l layer) needs(arg directive.Arg) bool {
	if arg.Key == "stream" {
		return arg.Value != "none"
	}
	row, _ := captureFor(arg.Key) // whose expression says itself what it lacks
	return strings.HasPrefix(arg.Key, "stream.") && arg.Value != "false" && row == nil && l.preset == nil
}

// counted reports whether one of the calls has an option that asks for the counts of its stream.
func (l layer) counted() bool {
	return slices.ContainsFunc(l.calls, func(c *call) bool { return c.span.stream != nil && c.span.stream.option != nil })
}

func noCounts(c *call) string {
	if c.span.stream.options == nil {
		return c.target + " takes no options, by which the counts could be asked for: remove stream.include_usage, and ask for them in the request"
	}
	return c.target + " has no option that asks for the counts; say with stream.option which one does"
}

func noStream(c *call, arg directive.Arg) string {
	if c.span.unwritten != "" {
		return "the stream of " + c.target + " cannot be followed: it names " + c.span.unwritten + "; write stream=none"
	}
	what := map[string]string{
		"seq": "an iterator", "chan": "a channel to receive from", "func": "a callback func(T) error",
		"lines": "a result io.ReadCloser, or one with a field of that type", "body": "a result io.ReadCloser, or one with a field of that type",
		"next": "a result with the methods Next, Current and Err", "recv": "a result with the method Recv() (T, error)",
	}[arg.Value]
	if what == "" {
		what = "an iterator, a channel, a callback, or a result with Next or Recv"
	}
	return c.target + " has no stream that can be followed: expected is " + what + "; for a struct, say with stream.new how to make one"
}

// planStream decides how a call is streamed. By themselves only calls of models are: an iterator can be anything.
func (p *planner) planStream(c *call, layers []layer) {
	word := saidValue(layers, c, "stream")
	asked := word != "" || saysAny(layers, c, func(arg directive.Arg) bool { return strings.HasPrefix(arg.Key, "stream.") })
	if word == "none" || !asked && (c.span.plain || saidValue(layers, c, "type") != "llm") {
		return
	}
	_, made := said(layers, c, "stream.new")
	chosen := chooseStream(p.shapeOf(c), word, asked, made)
	if _, ok := said(layers, c, "stream.through"); ok {
		chosen = &shape.Stream{Kind: through, Elem: types.NewSlice(types.Universe.Lookup("byte").Type()), Result: -1, Param: -1, Errors: -1}
	}
	if chosen == nil {
		return
	}
	planned := p.newStream(c, *chosen)
	if c.span.unwritten = p.unwritten(planned); c.span.unwritten != "" {
		return
	}
	c.span.stream = planned
	for _, other := range p.shapeOf(c).Beside(*chosen) {
		if p.reasonAgainst(other.Elem) == "" {
			c.span.stream.besides = append(c.span.stream.besides, beside{other, c.params[other.Param]})
		}
	}
	p.followStream(c, layers)
}

// unwritten says why this package cannot write the types that a stream is about, or nothing.
func (p *planner) unwritten(s *stream) string {
	all := []types.Type{s.Elem}
	for _, m := range streamMethods(s) {
		all = append(all, m.Results...)
	}
	for _, t := range all {
		if reason := p.reasonAgainst(t); reason != "" {
			return reason
		}
	}
	return ""
}

// chooseStream returns the stream to follow, or nil.
func chooseStream(c *shape.Call, word string, asked, made bool) *shape.Stream {
	for _, s := range c.Streams() {
		fits := word == "" || word == "auto" || word == s.Kind.Word() || word == "recv" && s.Kind == shape.NextRecv
		if s.Kind.IsBody() {
			fits = word == s.Kind.Word()
		}
		if fits && (!s.Concrete || made) && (asked || c.IsPlausible(s)) {
			return &s
		}
	}
	return nil
}

// newStream gives names to what expressions can be about.
func (p *planner) newStream(c *call, found shape.Stream) *stream {
	s := &stream{Stream: found}
	switch {
	case found.Result >= 0:
		s.on = c.results[found.Result]
	case found.Param >= 0:
		s.on = c.params[found.Param]
	}
	if found.Errors >= 0 {
		s.errors = c.results[found.Errors]
	}
	s.chunkValue = &value{typ: found.Elem, base: "chunk", streamed: inEach}
	s.spanValue = &value{typ: types.NewPointer(p.runtimeType("Span")), base: "span", streamed: inDone, present: true}
	s.tapValue = &value{typ: types.Typ[types.Invalid], base: "tap", result: true}
	if last := len(c.params) - 1; last >= 0 && c.params[last].variadic {
		s.options = c.params[last]
	}
	s.accumulate(types.NewStruct(nil, nil))
	s.acc = nil
	return s
}

// accumulate says what the elements add up to.
func (s *stream) accumulate(t types.Type) {
	s.acc = t
	s.accValue = &value{typ: types.NewPointer(t), base: "acc", streamed: inDone, present: true}
}

// names adds to a scope what is known of the stream.
func (s *stream) names(scope *scope, member *value) {
	if member != nil && member.holder == nil {
		scope.alias("chunk", member)
	}
	scope.alias("chunk", s.chunkValue)
	if s.acc != nil {
		scope.alias("acc", s.accValue)
		scope.alias("span", s.spanValue)
	}
	switch {
	case s.response != "":
		scope.response = s.response
		if scope.values["resp"] == s.on { // the source names it so
			delete(scope.values, "resp")
		}
	case s.Result >= 0 && s.Field == "":
		scope.alias("resp", s.chunkValue)
	}
}
