package console

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// page is the text of one trace.
type page struct {
	strings.Builder
	style style
	width int
	names int // the columns up to the end of the longest name
	kinds int // the columns of the longest type
}

// head writes the first line: the name, how long it took, what it used, where it belongs.
func (p *page) head(t *trace, name string, again bool) {
	line := p.style.paint(p.style.fail, mark(t)) + " "
	if t.row == nil || t.row.Error == nil {
		line = p.style.paint(p.style.usage, mark(t)) + " "
	}
	if name == "" {
		name = "trace " + t.known
	}
	line += p.style.paint(p.style.name, clean(name))
	if again {
		line += p.style.paint(p.style.label, "  later")
	}
	if t.row != nil {
		line += "  " + p.style.paint(p.style.time, took(t.row)) + p.style.paint(p.style.usage, total(t))
		line += p.style.paint(p.style.label, "  "+strings.Join(belongs(t.row), " · "))
	}
	if facts := t.ownScores(); len(facts) > 0 {
		line += "  " + p.style.paint(p.style.usage, strings.Join(facts, " · "))
	}
	p.WriteString(line + "\n")
}

// mark says at a glance how a trace went.
func mark(t *trace) string {
	if t.row != nil && t.row.Error != nil {
		return "✗"
	}
	return "●"
}

// belongs returns where a trace is found.
func belongs(t *record.Trace) []string {
	where := []string{clean(t.Project)}
	if t.ThreadID != "" {
		where = append(where, "thread "+clean(t.ThreadID))
	}
	if t.Environment != "" {
		where = append(where, clean(t.Environment))
	}
	for _, tag := range t.Tags {
		where = append(where, "#"+clean(tag))
	}
	return where
}

// total returns the tokens of all spans of a trace.
func total(t *trace) string {
	sum := 0
	for _, span := range t.spans {
		sum += int(span.Usage["total_tokens"])
		if _, ok := span.Usage["total_tokens"]; !ok {
			sum += int(span.Usage["prompt_tokens"]) + int(span.Usage["completion_tokens"])
		}
	}
	if sum == 0 {
		return ""
	}
	return fmt.Sprintf("  %d tokens", sum)
}

// body writes the values of the trace and the spans below it, and an empty line.
func (p *page) body(t *trace) {
	roots := t.tree()
	if root := t.shown(roots); root != nil {
		roots = root.children
	}
	if t.row != nil {
		p.details(t.row, p.guide(len(roots) > 0))
	}
	p.measure(roots, 0)
	p.nodes(t, roots, "")
	p.WriteByte('\n')
}

// guide is the column to the left of what stands below a node, with a line if more nodes follow.
func (p *page) guide(more bool) string {
	if more {
		return "│ "
	}
	return "  "
}

// measure finds the widths of the columns.
func (p *page) measure(nodes []*node, depth int) {
	for _, n := range nodes {
		p.names = max(p.names, 3*(depth+1)+utf8.RuneCountInString(clean(n.span.Name)))
		p.kinds = max(p.kinds, len(n.span.Type))
		p.measure(n.children, depth+1)
	}
	p.names = min(p.names, p.width/2)
}

// nodes writes spans that have the same parent. guides is what stands to the left of them.
func (p *page) nodes(t *trace, nodes []*node, guides string) {
	for i, n := range nodes {
		branch, below := "├─ ", "│  "
		if i == len(nodes)-1 {
			branch, below = "└─ ", "   "
		}
		p.node(n.span, guides+branch, append(used(n.span), t.scores[n.span.ID].facts()...))
		p.details(&n.span.Trace, guides+below+p.guide(len(n.children) > 0))
		p.nodes(t, n.children, guides+below)
	}
}

// node writes the line of a span: name, type, duration, then the facts: what the model used, and scores.
func (p *page) node(s *record.Span, guides string, facts []string) {
	name := clean(s.Name)
	gap := max(p.names-utf8.RuneCountInString(guides+name), 0)
	p.WriteString(p.style.paint(p.style.guide, guides) + p.style.paint(p.style.name, name) + strings.Repeat(" ", gap))
	p.WriteString("  " + p.style.paint(p.style.kind, fmt.Sprintf("%-*s", p.kinds, clean(s.Type))))
	p.WriteString("  " + p.style.paint(p.style.time, fmt.Sprintf("%7s", took(&s.Trace))))
	if s.Error != nil {
		p.WriteString("  " + p.style.paint(p.style.fail, "✗"))
	}
	if len(facts) > 0 {
		p.WriteString("  " + p.style.paint(p.style.usage, strings.Join(facts, " · ")))
	}
	p.WriteByte('\n')
}

// used returns what an llm span says about its model.
func used(s *record.Span) []string {
	var facts []string
	prompt, asked := s.Usage["prompt_tokens"]
	completion, answered := s.Usage["completion_tokens"]
	if asked || answered {
		facts = append(facts, fmt.Sprintf("%d+%d tokens", prompt, completion))
	}
	if s.Model != "" {
		facts = append(facts, clean(s.Model))
	}
	if s.Cost != nil {
		facts = append(facts, fmt.Sprintf("$%.4g", *s.Cost))
	}
	for _, tag := range s.Tags {
		facts = append(facts, "#"+clean(tag))
	}
	return facts
}

// details writes the values of a trace or a span, a line each.
func (p *page) details(t *record.Trace, guides string) {
	p.detail(guides, "in ", members(t.Input), p.style.label)
	if t.Error != nil {
		p.detail(guides, "err", failure(t.Error), p.style.fail)
	}
	p.detail(guides, "out", members(t.Output), p.style.label)
}

// failure returns what an error says. The type of errors.New says nothing.
func failure(e *record.ErrorInfo) string {
	if e.Type == "*errors.errorString" || e.Message == "" {
		return cmp.Or(e.Message, e.Type)
	}
	return e.Type + ": " + e.Message
}

// detail writes a value, cut to the line.
func (p *page) detail(guides, label, text, mark string) {
	if text == "" {
		return
	}
	room := p.width - utf8.RuneCountInString(guides) - len(label) - 1
	p.WriteString(p.style.paint(p.style.guide, guides) + p.style.paint(mark, label+" ") + p.valueStyle(mark, shorten(clean(text), room)) + "\n")
}

// valueStyle marks errors as a whole; of other values only the label is marked.
func (p *page) valueStyle(mark, text string) string {
	if mark == p.style.fail {
		return p.style.paint(mark, text)
	}
	return text
}

// shorten cuts text to so many runes.
func shorten(text string, room int) string {
	if utf8.RuneCountInString(text) <= room {
		return text
	}
	runes := []rune(text[:min(len(text), room*utf8.UTFMax)])
	return string(runes[:max(room-1, 0)]) + "…"
}

// clean makes text safe for a terminal: one line, and no sequence that a terminal would obey.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		default:
			return '\ufffd'
		}
	}, text)
}

// took returns how long something took, with three digits.
func took(t *record.Trace) string {
	switch {
	case t.Start.IsZero():
		return "updated"
	case t.End.IsZero():
		return "unfinished"
	}
	d := t.End.Sub(t.Start)
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return digits(d.Seconds()) + "s"
	case d >= time.Millisecond:
		return digits(float64(d)/1e6) + "ms"
	default:
		return digits(float64(d)/1e3) + "µs"
	}
}

// digits writes a number with about three digits.
func digits(f float64) string {
	decimals := 2
	for limit := 9.995; f >= limit && decimals > 0; limit *= 10 {
		decimals--
	}
	return strconv.FormatFloat(f, 'f', decimals, 64)
}
