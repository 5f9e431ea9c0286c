package rest

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/opikgen/opikgen/runtime/internal/answer"
)

// A QueryError is a mistake in a query in Opik's query language.
type QueryError struct {
	Query   string
	Offset  int // in bytes, of what is wrong
	Message string
}

// Error says where the mistake is, in characters from 1, and what it is.
func (e *QueryError) Error() string {
	column := utf8.RuneCountInString(e.Query[:e.Offset]) + 1
	return fmt.Sprintf("query %q, column %d: %s", e.Query, column, e.Message)
}

// A parser reads a query from left to right.
type parser struct {
	entity Entity
	query  string
	at     int
}

// mistake puts a position on an error.
func (p *parser) mistake(offset int, err error) error {
	return &QueryError{Query: p.query, Offset: offset, Message: err.Error()}
}

// expected says what is not there.
func (p *parser) expected(what string) error {
	if p.atEnd() {
		return p.mistake(p.at, fmt.Errorf("found the end, expected %s", what))
	}
	found, _, _ := strings.Cut(p.query[p.at:], " ")
	return p.mistake(p.at, fmt.Errorf("found %q, expected %s", answer.Shorten(found), what))
}

func (p *parser) atEnd() bool { return p.at >= len(p.query) }

// rest reports whether text comes next.
func (p *parser) rest(text string) bool { return strings.HasPrefix(p.query[p.at:], text) }

// accept skips text if it comes next.
func (p *parser) accept(text string) bool {
	found := p.rest(text)
	if found {
		p.at += len(text)
	}
	return found
}

func (p *parser) skipSpace() { p.skip(unicode.IsSpace) }

// word reads letters, digits and underscores.
func (p *parser) word() string {
	start := p.at
	p.skip(inWord)
	return p.query[start:p.at]
}

// digits reads digits, and reports whether there are any.
func (p *parser) digits() bool {
	start := p.at
	p.skip(func(r rune) bool { return '0' <= r && r <= '9' })
	return p.at > start
}

// partOfWord reports whether what was read goes on without a space.
func (p *parser) partOfWord() bool {
	r, _ := utf8.DecodeRuneInString(p.query[p.at:])
	return inWord(r) && !p.atEnd()
}

func inWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// skip goes on while the characters are so.
func (p *parser) skip(is func(rune) bool) {
	after := strings.TrimLeftFunc(p.query[p.at:], is)
	p.at = len(p.query) - len(after)
}
