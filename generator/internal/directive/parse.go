package directive

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
	"unicode/utf8"
)

// Parse reads the directives of one comment group, and reports what in it was meant as a directive and is none. The
// [Track] lines of the group add up to one directive. A directive with a fault is returned all the same, marked as faulty
// and without the arguments at fault, so that what it stands over stays known.
func Parse(fset *token.FileSet, group *ast.CommentGroup) ([]Directive, []Diagnostic) {
	p := parser{track: -1}
	for _, comment := range group.List {
		p.comment(comment.Text, fset.PositionFor(comment.Slash, false))
	}
	return p.directives, p.diagnostics
}

// parser collects the directives of one comment group.
type parser struct {
	directives  []Directive
	diagnostics []Diagnostic
	track       int // index in directives of the one that further track lines add to, or -1
}

func (p *parser) report(pos token.Position, message string) {
	p.diagnostics = append(p.diagnostics, Diagnostic{Pos: pos, Message: message})
}

// fault reports what is wrong with a directive.
func (p *parser) fault(d *Directive, pos token.Position, message string) {
	d.Faulty = true
	p.report(pos, message)
}

// comment reads one comment that starts at pos.
func (p *parser) comment(text string, pos token.Position) {
	m, ok := mentionIn(text)
	if !ok {
		return
	}
	if fault := m.nearMiss(); fault != "" {
		p.report(pos, fault)
		return
	}
	if !m.exact {
		return
	}
	p.directive(Verb(m.word), line{text: text, pos: pos}, len(prefix)+len(m.word))
}

// directive reads what follows the verb, from offset start on.
func (p *parser) directive(verb Verb, l line, start int) {
	d := p.open(verb, l.pos)
	words, fault := l.words(nil, start)
	if fault != nil {
		p.fault(d, fault.Pos, fault.Message)
	}
	if verb == Wrap {
		words = p.target(d, words)
	}
	p.arguments(d, words)
	if _, named := d.Get("as"); d.Target != "" && !named {
		_, name := d.TargetType()
		p.fault(d, l.pos, fmt.Sprintf("the wrapper of %s has no name: add as=%s", d.Target, name))
	}
}

// open returns the directive that a line of the verb belongs to.
func (p *parser) open(verb Verb, pos token.Position) *Directive {
	if verb == Track && p.track >= 0 {
		return &p.directives[p.track]
	}
	p.directives = append(p.directives, Directive{Pos: pos, Verb: verb})
	last := len(p.directives) - 1
	if verb == Track {
		p.track = last
	}
	return &p.directives[last]
}

// target takes the first word of a wrap directive, the type to wrap.
func (p *parser) target(d *Directive, words []word) []word {
	if len(words) == 0 || words[0].assigned {
		p.fault(d, d.Pos, "there is no type to wrap: write //opik:wrap import/path.Type as=Name")
		return words
	}
	target := words[0]
	if fault := faultyTarget(target.key); fault != "" {
		p.fault(d, target.pos, fault)
		return words[1:]
	}
	d.Target = target.key
	return words[1:]
}

// argument checks one word against the table of keys and adds it.
func (p *parser) argument(d *Directive, w word) {
	if fault := faultyArgument(d, w); fault != "" {
		p.fault(d, w.pos, fault)
		return
	}
	value := w.value
	if !w.assigned {
		value = "true"
	}
	d.Args = append(d.Args, Arg{Pos: w.pos, Key: w.key, Value: value, ValuePos: w.valuePos})
}

// faultyArgument says what is wrong with one argument, or nothing.
func faultyArgument(d *Directive, w word) string {
	key, known := lookup(w.key)
	switch {
	case w.key == "":
		return fmt.Sprintf("the value %q has no key: write key=value", w.value)
	case !known:
		return unknownKey(w.key)
	case d.Verb == Ignore:
		return fmt.Sprintf("%s%s takes no keys: remove %s, or track the method with it", prefix, Ignore, w.key)
	case !isKeyName(w.key):
		return fmt.Sprintf("key %q has blanks, quotes or brackets in its name: choose a plain one", w.key)
	}
	if earlier, twice := d.Get(w.key); twice && key.form != alternatives {
		return fmt.Sprintf("key %s stands here twice, first on line %d: remove one", w.key, earlier.Pos.Line)
	}
	if !w.assigned && key.form == boolean {
		return ""
	}
	return key.fault(w.value)
}

// isKeyName reports whether a key can be written without quotes around it and its value.
func isKeyName(name string) bool {
	return !strings.ContainsAny(name, "\"'`()[]{} \t\r\n\\") && utf8.ValidString(name)
}
