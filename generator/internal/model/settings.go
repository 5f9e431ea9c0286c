package model

import (
	"slices"
	"strconv"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// apply follows one argument of a directive for the calls that it is about. One that fits none of them is reported:
// a type's directive may well speak of a parameter that only some of its methods have.
func (p *planner) apply(arg directive.Arg, calls []*call) {
	if row, key := captureFor(arg.Key); row != nil {
		p.capture(row, key, arg, calls)
		return
	}
	switch arg.Key {
	case "ignore_arguments":
		p.choose(arg, calls, func(s *span) names { return s.ignored })
	case "redact":
		p.choose(arg, calls, func(s *span) names { return s.redacted })
	case "headers":
		p.headers(arg, calls)
	default:
		p.needTrue(arg)
		for _, c := range calls {
			c.span.set(arg)
		}
	}
}

// needTrue refuses settings that are written with a word that means something else in this package.
func (p *planner) needTrue(arg directive.Arg) {
	flag := arg.Key == "flush" && arg.Value == "true" || arg.Key == "create_duplicate_root_span" && arg.Value == "false"
	if obj := p.pkg.Types.Scope().Lookup("true"); flag && obj != nil {
		p.report(arg.Pos, "%s: needs the predeclared true, but %s declares another: rename that one", arg.Key, place(p.position(obj.Pos())))
	}
}

// set follows the arguments whose values are plain.
func (s *span) set(arg directive.Arg) {
	switch arg.Key {
	case "type":
		if arg.Value != "llm" || !s.plain {
			s.typ = spanTypes[arg.Value]
		}
	case "project_name":
		s.project = arg.Value
	case "flush":
		s.flush = arg.Value == "true"
	case "create_duplicate_root_span":
		s.noDuplicateRoot = arg.Value == "false"
	case "capture_input":
		s.noInputs = arg.Value == "false"
	case "capture_output":
		s.noOutputs = arg.Value == "false"
	}
}

// choose notes the parameters that a list names, for the calls that have them.
func (p *planner) choose(arg directive.Arg, calls []*call, chosen func(*span) names) {
	for _, element := range splitList(arg.Value) {
		known := p.chooseOne(element.text, calls, chosen)
		if !known && len(calls) > 0 && !p.layer.lenient {
			p.reportArg(arg, &flaw{offset: element.offset, message: "there is no parameter called " + element.text +
				didYouMean(element.text, p.inputNames(calls))})
		}
	}
}

// chooseOne notes one parameter, and reports whether a call has it.
func (p *planner) chooseOne(name string, calls []*call, chosen func(*span) names) (known bool) {
	for _, c := range calls {
		if key := p.inputKey(c, name); slices.Contains(c.inputKeys(), key) {
			known = true
			chosen(c.span)[key] = true
		}
	}
	return known
}

// inputKeys returns the names of the parameters, and of the inputs of the user's choice.
func (c *call) inputKeys() []string {
	var keys []string
	for _, param := range c.params {
		keys = append(keys, param.key)
	}
	for _, l := range c.span.lines {
		if l.row == inputCapture {
			keys = append(keys, l.key)
		}
	}
	return keys
}

// inputKeys returns those of all calls, sorted.
func inputKeys(calls []*call) []string {
	var keys []string
	for _, c := range calls {
		keys = append(keys, c.inputKeys()...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// capture adds the lines of a captured value to the calls.
func (p *planner) capture(row *capture, key string, arg directive.Arg, calls []*call) {
	elements := []element{{text: arg.Value}}
	if row.many {
		elements = splitList(arg.Value)
	}
	for _, element := range elements {
		text, ok := p.word(row, element.text, calls)
		if !ok {
			p.expression(line{row: row, key: key, lent: p.layer.lent, guessed: p.layer.guessed, member: p.layer.member}, arg, element, calls)
			continue
		}
		for _, c := range calls {
			c.span.addWord(row, key, text)
		}
	}
}

// addWord adds a line for text that stands for itself, or adds it to the line of the tags before it. A fixed name
// needs no line.
func (s *span) addWord(row *capture, key, text string) {
	last := len(s.lines) - 1
	switch {
	case row.key == "name":
		s.name, _ = strconv.Unquote(text)
	case row.many && row.method && last >= 0 && s.lines[last].row == row && s.lines[last].expr == nil:
		s.lines[last].texts = append(s.lines[last].texts, text)
	default:
		s.lines = append(s.lines, line{row: row, key: key, texts: []string{text}})
	}
}

// expression adds a line for an expression to every call that it fits. If it fits none, the finding about the call
// that has the values it names is the one to report.
func (p *planner) expression(l line, arg directive.Arg, element element, calls []*call) {
	var reason *flaw
	fits := false
	for _, c := range calls {
		s := p.scope(c)
		checked, found := s.checkFor(l.row, element.text)
		if found == nil {
			fits = true
			c.span.addExpr(l, checked)
		} else if reason == nil || found.near && !reason.near {
			reason = found
		}
	}
	if !fits && reason != nil && (!p.layer.lenient || reason.syntax) && !p.layer.forgives(p.memory.parses.of(element.text)) {
		p.reportArg(arg, &flaw{offset: element.offset + reason.offset, message: reason.message})
	}
}

// checkFor checks an expression for one row of the table.
func (s *scope) checkFor(row *capture, source string) (*expr, *flaw) {
	checked, found := s.check(source)
	if found == nil {
		found = row.refuse(checked, &s.memory.locks)
	}
	if found == nil && s.pkg.Scope().Lookup("string") != nil && (line{row: row, expr: checked}).converts() {
		found = &flaw{message: source + " needs a conversion to string, which the package declares as something else; rename that one"}
	}
	if found != nil {
		node := s.memory.parses.of(source)
		found.syntax = node == nil
		found.near = node != nil && s.mentionsValue(node)
	}
	return checked, found
}

func (s *span) addExpr(l line, checked *expr) {
	l.expr = checked
	s.lines = append(s.lines, l)
	s.ownInputs = s.ownInputs || l.row == inputCapture
	s.ownOutputs = s.ownOutputs || l.row == outputCapture || l.row == joinedOutput
}
