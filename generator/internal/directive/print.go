package directive

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// String writes the directive on one line, as it may stand in a source file. Parsing it gives the same directive.
func (d Directive) String() string {
	words := []string{prefix + string(d.Verb)}
	if d.Target != "" {
		words = append(words, d.Target)
	}
	for _, arg := range d.Args {
		words = append(words, arg.String())
	}
	return strings.Join(words, " ")
}

// String writes the argument as key=value, with quotes where the value would not be read back without.
func (a Arg) String() string {
	if isBare(a.Value) {
		return a.Key + "=" + a.Value
	}
	return a.Key + "=" + strconv.Quote(a.Value)
}

// isBare reports whether a value reads back as itself without quotes around it.
func isBare(value string) bool {
	if value == "" || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return false
	}
	if _, ok := quotedEnd(value, 0); ok {
		return false
	}
	end, open := bareEnd(value, 0)
	return open < 0 && end == len(value)
}
