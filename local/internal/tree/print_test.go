package tree_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
	"github.com/opikgen/opikgen/local/internal/tree"
)

// printed is a trace as the terminal shows it.
func printed(t *testing.T, trace store.Entry, spans ...store.Entry) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, tree.Print(&out, trace, spans))
	return out.String()
}

func TestPrint(t *testing.T) {
	duration, cost := 1234.5678, 0.00001234
	trace := entry("t", "", "answer")
	trace.ThreadID, trace.Duration, trace.Cost, trace.Sums = "talk", &duration, &cost, &store.Sums{Tokens: 42}
	trace.Scores = []store.FeedbackScore{{Name: "good", Value: 0.5}}
	trace.Input, trace.Output = json.RawMessage(`{"q":"why"}`), json.RawMessage(`"because"`)
	first, second, third := entry("a", "", "plan"), entry("b", "a", "ask"), entry("c", "", "finish")
	first.Type = "general"
	second.Type, second.Model, second.Usage, second.Input = "llm", "gpt-4o", map[string]int64{"total_tokens": 7}, json.RawMessage(`[1]`)
	third.Error = json.RawMessage(`{"exception_type":"Timeout","message":"too\nslow","traceback":"x"}`)
	assert.Equal(t, `● answer  1.23457s · 42 tokens · $1.234e-05 · thread talk · good 0.5
│ in  {"q":"why"}
│ out "because"
├─ plan                         general
│  └─ ask                          llm · 7 tokens · gpt-4o
│        in  [1]
└─ finish                       ✗
      err Timeout: too slow
  t
`, printed(t, trace, first, second, third))
}

func TestEverySpanIsPrintedOnce(t *testing.T) {
	tests := map[string][]store.Entry{
		"a chain":               {entry("a", "", "n1;"), entry("b", "a", "n2;"), entry("c", "b", "n3;")},
		"children come first":   {entry("c", "b", "n3;"), entry("b", "a", "n2;"), entry("a", "", "n1;")},
		"a parent that is gone": {entry("a", "x", "n1;"), entry("b", "x", "n2;"), entry("c", "a", "n3;")},
		"its own parent":        {entry("a", "a", "n1;"), entry("b", "a", "n2;"), entry("c", "c", "n3;")},
	}
	for name, spans := range tests {
		t.Run(name, func(t *testing.T) {
			text := printed(t, entry("t", "", "t"), spans...)
			for _, span := range spans {
				assert.Equal(t, 1, strings.Count(text, span.Name), "%s in\n%s", span.Name, text)
			}
			assert.Equal(t, 2+len(spans), strings.Count(text, "\n"))
		})
	}
	circle := printed(t, entry("t", "", "t"), entry("x", "", "top;"), entry("a", "b", "one;"), entry("b", "a", "two;"))
	for _, name := range []string{"top;", "one;", "two;"} {
		assert.Equal(t, 1, strings.Count(circle, name), circle)
	}
}

func TestADeepTrace(t *testing.T) {
	spans := make([]store.Entry, 2000)
	for i := range spans {
		spans[i] = entry(strconv.Itoa(i), strconv.Itoa(i-1), "s")
	}
	assert.Equal(t, 2002, strings.Count(printed(t, entry("t", "", "t"), spans...), "\n"))
}

func TestNothingSteersTheTerminal(t *testing.T) {
	evil := "a\x1b[2J\x07\x08\r\u009b31m\x7f\nb\u202ec\u2066"
	trace := entry("t", "", evil)
	trace.ThreadID = evil
	trace.Error = json.RawMessage(`{"exception_type":"\u001b]0;title\u0007","message":"\u009b2J"}`)
	trace.Input, trace.Metadata = json.RawMessage("\"\u009b31m\x7f\""), json.RawMessage(`"\u001b"`)
	var out strings.Builder
	require.NoError(t, tree.Print(&out, trace, []store.Entry{trace}))
	require.NoError(t, tree.PrintSpan(&out, trace))
	for _, r := range out.String() {
		assert.False(t, r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e || r == 0x2066, "%q", r)
	}
}

func TestPrintSpanIsJSON(t *testing.T) {
	span := entry("s", "p", "ask")
	span.Input = json.RawMessage(`{"deep":[{"a":"<b> & ü"}]}`)
	var out strings.Builder
	require.NoError(t, tree.PrintSpan(&out, span))
	var read store.Entry
	require.NoError(t, json.Unmarshal([]byte(out.String()), &read))
	assert.JSONEq(t, string(span.Input), string(read.Input))
	assert.Equal(t, "ask", read.Name)
	assert.Contains(t, out.String(), "\n  \"name\": \"ask\"", "it is indented")
}

func TestLongValuesAreCut(t *testing.T) {
	for length, cut := range map[int]bool{10: false, 98: false, 99: true, 5000: true} {
		trace := entry("t", "", "t")
		trace.Input = json.RawMessage(`"` + strings.Repeat("𝕏", length) + `"`)
		assert.Equal(t, cut, strings.Contains(printed(t, trace), "…"), length)
	}
	trace := entry("t", "", "t")
	trace.Error = json.RawMessage(`["no object"]`)
	assert.NotContains(t, printed(t, trace), "err", "an error that nobody understands is only marked")
}
