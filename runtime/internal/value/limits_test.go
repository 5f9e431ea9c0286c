package value_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

// nested returns lists in lists.
func nested(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

// TestWhatTheServerRefusesIsText is about JSON that others made and because of which the server refuses a row: it costs
// its form, and neither its content nor the row.
func TestWhatTheServerRefusesIsText(t *testing.T) {
	digits, name, spaces := strings.Repeat("7", 1001), strings.Repeat("n", 50_001), strings.Repeat(" ", 3000)
	huge, _ := new(big.Int).SetString(digits, 10)
	text := func(s string) string { return string(value.AppendString(nil, s)) }
	cases := map[string]struct {
		v    any
		want string
	}{
		"deep":                 {json.RawMessage(nested(501)), text(nested(501))},
		"deep below":           {map[string]any{"a": json.RawMessage(nested(501))}, `{"a":` + text(nested(501)) + `}`},
		"deep enough":          {json.RawMessage(nested(500)), nested(500)},
		"wide":                 {json.RawMessage("[" + strings.Repeat("[],", 900) + "1]"), "[" + strings.Repeat("[],", 900) + "1]"},
		"brackets in a string": {json.RawMessage(`"\"` + nested(900) + `"`), `"\"` + nested(900) + `"`},
		"a large key":          {huge, text(digits)},
		"a long number below":  {json.RawMessage(`{"n":` + digits + `}`), text(`{"n":` + digits + `}`)},
		"a long number in it":  {json.RawMessage(`[1,22,` + spaces + `-` + digits[:1000] + `,3]`), text(`[1,22,-` + digits[:1000] + `,3]`)},
		"long enough a number": {json.RawMessage(`[1,` + digits[:1000] + `,` + digits[:1000] + `]`), `[1,` + digits[:1000] + `,` + digits[:1000] + `]`},
		"digits in a string":   {json.RawMessage(`["` + digits + digits + `"]`), `["` + digits + digits + `"]`},
		"a json.Number":        {json.Number(digits), text(digits)},
		"a long name":          {json.RawMessage(`{"` + name + `":1}`), text(`{"` + name + `":1}`)},
		"a long text":          {json.RawMessage(`{"a":"` + name + `"}`), `{"a":"` + name + `"}`},
		"the key of a map":     {map[string]int{name: 1}, `{"` + name[:50_000] + ` [cut: the first 50000 of 50001 bytes]":1}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := string(value.Append(nil, c.v, 1<<20))
			assert.Equal(t, c.want, got)
			assert.True(t, json.Valid([]byte(got)))
		})
	}
}
