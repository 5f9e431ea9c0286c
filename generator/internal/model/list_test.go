package model

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSplitList(t *testing.T) {
	for value, want := range map[string][]element{
		"a":                      {{"a", 0}},
		"a, b":                   {{"a", 0}, {"b", 3}},
		" a\t,,é , c":            {{"a", 1}, {"", 4}, {"é", 5}, {"c", 10}},
		"f(a, b), m[g{c, d}], e": {{"f(a, b)", 0}, {"m[g{c, d}]", 9}, {"e", 21}},
		`f("a, b"), c`:           {{`f("a, b")`, 0}, {"c", 11}},
		`"a \", b", c`:           {{`"a \", b"`, 0}, {"c", 11}},
		`"a \\", b`:              {{`"a \\"`, 0}, {"b", 8}},
		"`a \\`, \"b, `c\"":      {{"`a \\`", 0}, {"\"b, `c\"", 7}},
		"a), b":                  {{"a)", 0}, {"b", 4}},
		"f(a, b":                 {{"f(a, b", 0}},
		`"a, b`:                  {{`"a, b`, 0}},
		"":                       {{"", 0}},
	} {
		assert.Equal(t, want, splitList(value), value)
	}
}
