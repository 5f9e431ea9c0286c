package model

import (
	"cmp"
	"go/ast"
	"slices"
	"strconv"
)

// span is what a tracked call records, with everything decided but the names in the generated code.
type span struct {
	name                   string
	typ                    string // the runtime's constant, or empty
	project                string
	noDuplicateRoot, flush bool
	carrier                carrier
	headers                *headers // nil where the trace stays in this process
	noInputs, noOutputs    bool     // the default captures are switched off
	ownInputs, ownOutputs  bool     // captures of the user's choice stand in for them
	ignored, redacted      names    // keys of parameters
	restHidden             bool     // something of the inputs is left out, which must not come back with the rest
	preset                 *presetUse
	plain                  bool    // it is no call of a model, whatever is said about the whole type
	shape                  string  // what the shape rules found, for people
	stream                 *stream // nil where the call is over when it returns
	unwritten              string  // why the generated file cannot follow a stream that there is; otherwise empty
	lines                  []line
}

// line is one captured fact, in the order of the table of captures. Its value is one of the last three.
type line struct {
	row      *capture
	key      string   // the first argument of a function that captures under a key
	texts    []string // Go source that names nothing
	variable *value
	expr     *expr
	lent     bool   // it is not of the site's own directives
	member   *value // the expression's chunk is this, one of the types of a sealed interface
	guessed  bool   // nor of anybody's: the rules found it
	late     bool   // it stands after the call, though it names no result
	optional bool   // an empty text says that it was not set
}

// exprs yields all expressions that are evaluated.
func (s *span) exprs(yield func(*expr) bool) {
	for _, l := range s.lines {
		if l.expr != nil && !yield(l.expr) {
			return
		}
	}
	if s.stream == nil {
		return
	}
	for _, e := range s.stream.exprs() {
		if e != nil && !yield(e) {
			return
		}
	}
}

// moment says where the line stands.
func (l line) moment() moment {
	switch {
	case l.expr != nil && l.expr.streamed():
		return l.expr.moment()
	case l.row.when != asNeeded:
		return l.row.when
	case l.late:
		return afterCall
	case l.expr != nil:
		return l.expr.moment()
	default:
		return beforeCall
	}
}

// beside returns the callback whose elements the line is about, or nil for those of the stream.
func (l line) beside() *value {
	if l.member == nil {
		return nil
	}
	return l.member.beside
}

// settle adds the default captures to those of the user's choice, replaces redacted ones, and puts all in order.
func (c *call) settle(rule func(*value) bool) {
	s := c.span
	if !s.noInputs && !s.ownInputs {
		s.addDefaults(inputCapture, c.params, func(v *value) bool {
			return !s.ignored[v.key] && v != s.carrier.param && !s.headers.are(v) && (rule(v) || s.redacted[v.key])
		})
	}
	if !s.noOutputs && !s.ownOutputs {
		s.addDefaults(outputCapture, c.results, func(v *value) bool { return !v.failure && !s.stream.is(v) && rule(v) })
	}
	s.restHidden = s.noInputs || slices.ContainsFunc(s.lines, func(l line) bool {
		return l.row == inputCapture && l.expr != nil && s.ignored[l.key]
	})
	s.lines = slices.DeleteFunc(s.lines, s.takesBack)
	for i, l := range s.lines {
		if l.row == inputCapture && (s.redacted[l.key] || l.lentFrom(s.redacted)) {
			s.lines[i] = line{row: redaction, texts: []string{strconv.Quote(l.key)}}
		}
	}
	s.sortLines()
	s.noteOptional()
}

// noteOptional lets a preset's input be left out where it is an empty text beside other inputs, such as a system prompt. The
// first input is what is asked, and a parameter has been given.
func (s *span) noteOptional() {
	first := slices.IndexFunc(s.lines, func(l line) bool { return l.row.rank() == inputCapture.rank() })
	for i, l := range s.lines {
		if i <= first || l.row != inputCapture || !l.lent || l.guessed || l.expr == nil {
			continue
		}
		_, isField := l.expr.node.(*ast.SelectorExpr)
		s.lines[i].optional = isField && isPlainString(l.expr.typ.Type)
	}
}

// sortLines puts the lines in the order of the table.
func (s *span) sortLines() {
	slices.SortStableFunc(s.lines, func(a, b line) int { return cmp.Compare(a.row.rank(), b.row.rank()) })
}

// takesBack reports whether a preset or the project's file captures what the directive leaves out: inputs made of an
// ignored parameter, metadata made of a redacted one, for which there is no mark, and the rest of a request of which
// something is left out.
func (s *span) takesBack(l line) bool {
	switch {
	case l.row == inputCapture:
		return l.lentFrom(s.ignored)
	case l.row.key == "metadata.":
		return l.lentFrom(s.redacted) || l.guessed && l.lentFrom(s.ignored)
	case l.row == restCapture:
		return l.lent && s.restHidden || l.lentFrom(s.ignored) || l.lentFrom(s.redacted)
	}
	return false
}

// lentFrom reports whether a lent line has one of the keys, or a value made of a parameter that has.
func (l line) lentFrom(keys names) bool {
	if !l.lent || l.expr == nil {
		return false
	}
	for _, bound := range l.expr.values {
		if keys[bound.value.key] {
			return true
		}
	}
	return keys[l.key]
}

func (s *span) addDefaults(row *capture, values []*value, wanted func(*value) bool) {
	for _, v := range values {
		if wanted(v) {
			s.lines = append(s.lines, line{row: row, key: v.key, variable: v})
		}
	}
}

// defaultSpan names a span and starts it under the call's context.
func defaultSpan(name string, found carrier) *span {
	return &span{name: name, carrier: found, ignored: names{}, redacted: names{}}
}

// spanTypes are the runtime's constants for the values of the key type.
var spanTypes = map[string]string{"general": "", "tool": "TypeTool", "llm": "TypeLLM", "guardrail": "TypeGuardrail"}
