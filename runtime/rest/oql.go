package rest

import (
	"errors"
	"slices"
	"strings"
)

// ParseFilters reads a query in Opik's query language: comparisons that are joined by and.
//
//	duration > 5000 and tags contains "prod" and feedback_scores.quality >= 0.8 and metadata."user id" = "42"
//
// A value is a number, or a text in double quotes, in which two quotes stand for one. A key that is no word is in quotes,
// single or double. There is no or. Mistakes are reported as [*QueryError].
func ParseFilters(entity Entity, query string) ([]Filter, error) {
	if _, err := entity.path(); err != nil {
		return nil, err
	}
	p := &parser{entity: entity, query: query}
	p.skipSpace()
	if p.atEnd() {
		return nil, nil
	}
	var filters []Filter
	for {
		filter, err := p.comparison()
		if err != nil {
			return nil, err
		}
		filters = append(filters, filter)
		if p.atEnd() {
			return filters, nil
		}
		if err := p.and(); err != nil {
			return nil, err
		}
	}
}

// comparison reads field, operator and value, each checked where it stands.
func (p *parser) comparison() (Filter, error) {
	f, k, err := p.field()
	if err != nil {
		return f, err
	}
	start := p.at
	if f.Operator, err = p.operator(); err != nil {
		return f, err
	}
	if err := k.checkOperator(f.Field, f.Operator); err != nil {
		return f, p.mistake(start, err)
	}
	p.skipSpace()
	start = p.at
	if f.Value, err = p.operand(f.Operator); err != nil {
		return f, err
	}
	if _, err := k.value(f); err != nil {
		return f, p.mistake(start, err)
	}
	p.skipSpace()
	return f, nil
}

// field reads a field and its key.
func (p *parser) field() (Filter, *kind, error) {
	start := p.at
	f := Filter{Field: p.word()}
	if f.Field == "" {
		return f, nil, p.expected("a field")
	}
	dotted := p.accept(".")
	if dotted {
		key, err := p.key()
		if err != nil {
			return f, nil, err
		}
		f.Key = key
	}
	if name := f.Field + "." + f.Key; dotted && fields[p.entity][name] != nil { // as in usage.total_tokens
		f.Field, f.Key = name, ""
	}
	k, err := kindOf(p.entity, f.Field)
	if err == nil {
		err = k.checkKey(f.Field, f.Key)
	}
	if err != nil {
		return f, nil, p.mistake(start, err)
	}
	p.skipSpace()
	return f, k, nil
}

// key reads what stands behind the dot: words with dots between them, or a text in quotes.
func (p *parser) key() (string, error) {
	for _, quote := range []string{`"`, `'`} {
		if p.rest(quote) {
			return p.quoted(quote)
		}
	}
	start := p.at
	for p.word() != "" && p.accept(".") {
	}
	key := p.query[start:p.at]
	if key == "" || strings.HasSuffix(key, ".") {
		return "", p.expected("a key")
	}
	return key, nil
}

// operator reads an operator, the longest that fits.
func (p *parser) operator() (Operator, error) {
	for _, o := range []Operator{GreaterOrEqual, LessOrEqual, NotEqual, Equal, Greater, Less} {
		if p.accept(string(o)) {
			return o, nil
		}
	}
	start := p.at
	word := Operator(strings.ToLower(p.word()))
	known := []Operator{Contains, NotContains, StartsWith, EndsWith, IsEmpty, IsNotEmpty, In, NotIn}
	if !slices.Contains(known, word) {
		p.at = start
		return "", p.expected("an operator")
	}
	return word, nil
}

// operand reads what an operator wants behind it.
func (p *parser) operand(o Operator) (any, error) {
	switch {
	case o.bare():
		return nil, nil
	case o.many():
		return p.texts()
	case p.rest(`"`):
		return p.quoted(`"`)
	}
	return p.number()
}

// texts reads texts in brackets.
func (p *parser) texts() ([]string, error) {
	if !p.accept("(") {
		return nil, p.expected(`a list like ("a", "b")`)
	}
	var texts []string
	for {
		p.skipSpace()
		if !p.rest(`"`) {
			return nil, p.expected("a text in double quotes")
		}
		text, err := p.quoted(`"`)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
		p.skipSpace()
		if p.accept(")") {
			return texts, nil
		}
		if !p.accept(",") {
			return nil, p.expected("a comma or a closing bracket")
		}
	}
}

// quoted reads a text in quotes.
func (p *parser) quoted(quote string) (string, error) {
	start := p.at
	p.accept(quote)
	var text strings.Builder
	for {
		before, _, found := strings.Cut(p.query[p.at:], quote)
		if !found {
			return "", p.mistake(start, errors.New("the quote is never closed"))
		}
		text.WriteString(before)
		p.at += len(before) + len(quote)
		if !p.accept(quote) {
			return text.String(), nil
		}
		text.WriteString(quote)
	}
}

// number reads a decimal number, as text, so that it keeps its digits.
func (p *parser) number() (string, error) {
	start := p.at
	p.accept("-")
	digits := p.digits()
	if digits && p.accept(".") {
		digits = p.digits()
	}
	if !digits || p.partOfWord() {
		p.at = start
		return "", p.expected("a number or a text in double quotes")
	}
	return p.query[start:p.at], nil
}

// and reads the word between two comparisons.
func (p *parser) and() error {
	start := p.at
	word := strings.ToLower(p.word())
	if word == "and" {
		p.skipSpace()
		return nil
	}
	p.at = start
	if word == "or" {
		return p.mistake(start, errors.New("there is no or in this language: make a query for each side"))
	}
	return p.expected("and")
}
