// Package tree prints traces for the terminal.
package tree

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/opikgen/opikgen/local/internal/store"
)

const width = 100 // of an input or output, in characters

// printer writes the lines of one trace.
type printer struct {
	w        io.Writer
	children map[string][]store.Entry
	err      error
}

// Print writes a trace as a tree. Spans come in the order in which they began.
func Print(w io.Writer, trace store.Entry, spans []store.Entry) error {
	p := &printer{w: w, children: map[string][]store.Entry{}}
	known := map[string]bool{}
	for _, span := range spans {
		known[span.ID] = true
	}
	for _, span := range spans {
		parent := span.ParentID
		if !known[parent] || parent == span.ID {
			parent = "" // its parent is not there, or not yet, or itself
		}
		p.children[parent] = append(p.children[parent], span)
	}
	p.line("", "● %s  %s", name(trace), strings.Join(facts(trace), " · "))
	p.values("│ ", trace)
	p.spans("", "")
	for _, span := range spans { // what is left stands in a circle
		p.spans(span.ParentID, "")
	}
	p.line("", "  %s", trace.ID)
	return p.err
}

// line writes one line and remembers the first error. What a program sent may not steer the terminal.
func (p *printer) line(indent, format string, args ...any) {
	if p.err != nil {
		return
	}
	_, p.err = fmt.Fprintln(p.w, indent+printable(fmt.Sprintf(format, args...)))
}

// printable leaves out what a terminal would obey, and what would make it show a line in another order.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(text, "\n", " "))
}

// spans writes the children of a span.
func (p *printer) spans(parent, indent string) {
	children := p.children[parent]
	delete(p.children, parent) // a span that claims to be its own ancestor ends here
	for i, span := range children {
		branch, below := "├─ ", "│  "
		if i == len(children)-1 {
			branch, below = "└─ ", "   "
		}
		p.line(indent+branch, "%-28s %s", name(span), strings.Join(facts(span), " · "))
		bar := "   "
		if len(p.children[span.ID]) > 0 {
			bar = "│  "
		}
		p.values(indent+below+bar, span)
		p.spans(span.ID, indent+below)
	}
}

// values writes input, output and error.
func (p *printer) values(indent string, entry store.Entry) {
	for _, value := range []struct {
		label string
		text  json.RawMessage
	}{{"in ", entry.Input}, {"out", entry.Output}} {
		if len(value.text) > 0 {
			p.line(indent, "%s %s", value.label, short(string(value.text)))
		}
	}
	if message := failure(entry); message != "" {
		p.line(indent, "err %s", short(message))
	}
}

// name is what a row is called.
func name(entry store.Entry) string {
	if entry.Partial() {
		return entry.Name + " (partial: its create has not come)"
	}
	return entry.Name
}

// facts are what stands behind a name.
func facts(entry store.Entry) (facts []string) {
	if entry.Type != "" {
		facts = append(facts, entry.Type)
	}
	if entry.Duration != nil {
		facts = append(facts, time.Duration(*entry.Duration*1e6).Round(10*time.Microsecond).String())
	}
	if total := tokens(entry); total > 0 {
		facts = append(facts, fmt.Sprintf("%d tokens", total))
	}
	if entry.Cost != nil && *entry.Cost > 0 {
		facts = append(facts, fmt.Sprintf("$%.6g", *entry.Cost))
	}
	if entry.Model != "" {
		facts = append(facts, entry.Model)
	}
	if entry.ThreadID != "" {
		facts = append(facts, "thread "+entry.ThreadID)
	}
	for _, score := range entry.Scores {
		facts = append(facts, fmt.Sprintf("%s %g", score.Name, score.Value))
	}
	if len(entry.Error) > 0 {
		facts = append(facts, "✗")
	}
	return facts
}

// tokens is the total of a row.
func tokens(entry store.Entry) int64 {
	if entry.Sums != nil {
		return entry.Tokens
	}
	return entry.Usage["total_tokens"]
}

// failure is the message of an error.
func failure(entry store.Entry) string {
	var said struct {
		Type    string `json:"exception_type"`
		Message string `json:"message"`
	}
	if len(entry.Error) == 0 || json.Unmarshal(entry.Error, &said) != nil {
		return ""
	}
	return strings.TrimPrefix(said.Type+": "+said.Message, ": ")
}

// short is the beginning of a text.
func short(text string) string {
	runes := []rune(text[:min(len(text), 8*width)])
	if len(runes) <= width && len(text) <= 8*width {
		return string(runes)
	}
	return string(runes[:min(len(runes), width)]) + "…"
}

// PrintSpan writes all that is known of a span. JSON escapes most of what a terminal would obey, but not all.
func PrintSpan(w io.Writer, span store.Entry) error {
	text, err := json.MarshalIndent(span, "", "  ")
	if err != nil {
		return fmt.Errorf("printing span %s: %w", span.ID, err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if _, err := fmt.Fprintln(w, printable(line)); err != nil {
			return err
		}
	}
	return nil
}
