package console_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/console"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// id returns an id that tells n.
func id(n byte) [16]byte { return [16]byte{6: 0x70, 8: 0x80, 15: n} }

// entry returns one that starts and ends so long after noon.
func entry(n byte, name string, start, end time.Duration) *record.Entry {
	e := &record.Entry{ID: id(n), Project: "demo", Name: name, Start: noon.Add(start), Updated: noon.UnixMicro()}
	if end > 0 {
		e.End = noon.Add(end)
	}
	return e
}

func spanRow(e *record.Entry, p record.SpanPart) record.Row {
	if p.Type == "" {
		p.Type = "general"
	}
	if p.TraceID == [16]byte{} {
		p.TraceID = id(1)
	}
	return record.Row{Kind: record.KindSpan, ID: e.ID, TraceID: p.TraceID, Body: e.AppendSpan(nil, &p)}
}

func traceRow(e *record.Entry, threadID string) record.Row {
	return record.Row{Kind: record.KindTrace, ID: e.ID, TraceID: e.ID, Body: e.AppendTrace(nil, threadID, nil)}
}

// with captures values that are JSON already: section, key, JSON and so on.
func with(e *record.Entry, values ...any) *record.Entry {
	for i := 0; i < len(values); i += 3 {
		e.Fields.Set(values[i].(record.Section), values[i+1].(string), []byte(values[i+2].(string)))
	}
	return e
}

// written returns what the sink writes for deliveries, and then when it is closed.
func written(t *testing.T, colored bool, deliveries ...[]record.Row) string {
	t.Helper()
	t.Setenv("COLUMNS", "")
	var b strings.Builder
	s := console.New(&b, colored)
	for _, rows := range deliveries {
		require.NoError(t, s.Deliver(context.Background(), rows))
	}
	require.NoError(t, s.Close())
	return b.String()
}

const ms = time.Millisecond

// agent is a trace as an agent makes it: a root span, retrieval with an embedding below, a model, a step that fails
// and is tried again.
func agent() []record.Row {
	root := with(entry(2, "answer", 0, 1350*ms),
		record.Input, "question", `"How many people live in Lisbon?"`,
		record.Output, "output", `"About half a million."`)
	trace := with(entry(1, "answer", 0, 1350*ms),
		record.Input, "question", `"How many people live in Lisbon?"`,
		record.Output, "output", `"About half a million."`)
	trace.Tags = []string{"demo"}
	failed := with(entry(6, "calculate", 1300*ms, 1300*ms+42*time.Microsecond), record.Input, "expression", `"545923 / 0"`)
	failed.Error = &record.ErrorInfo{Type: "*errors.errorString", Message: "division by zero"}
	cost := 0.0123
	return []record.Row{
		spanRow(with(entry(4, "embed", 2*ms, 11*ms), record.Input, "text", `"population"`), record.SpanPart{ParentID: id(3)}),
		spanRow(with(entry(3, "retrieve", 1*ms, 12*ms),
			record.Input, "query", `"population"`, record.Input, "k", `3`,
			record.Output, "output", `["`+strings.Repeat("Lisbon has 545,923 inhabitants. ", 10)+`"]`),
			record.SpanPart{Type: "tool", ParentID: id(2)}),
		spanRow(failed, record.SpanPart{Type: "tool", ParentID: id(2)}),
		spanRow(with(entry(7, "calculate", 1310*ms, 1310*ms+38*time.Microsecond), record.Output, "output", `545923`),
			record.SpanPart{Type: "tool", ParentID: id(2)}),
		spanRow(entry(5, "Completer.Complete", 20*ms, 850*ms), record.SpanPart{
			Type: "llm", ParentID: id(2), Model: "gpt-4o-mini", Cost: &cost,
			Usage: []record.Count{{Key: "prompt_tokens", N: 412}, {Key: "completion_tokens", N: 58}},
		}),
		spanRow(root, record.SpanPart{}),
		traceRow(trace, "support-7"),
	}
}

func TestTree(t *testing.T) {
	const want = `● answer  1.35s  470 tokens  demo · thread support-7 · #demo
│ in  question: "How many people live in Lisbon?"
│ out "About half a million."
├─ retrieve            tool      11.0ms
│  │ in  query: "population", k: 3
│  │ out ["Lisbon has 545,923 inhabitants. Lisbon has 545,923 inhabitants. Lisbon has 545,923 inhab…
│  └─ embed            general   9.00ms
│       in  text: "population"
├─ Completer.Complete  llm        830ms  412+58 tokens · gpt-4o-mini · $0.0123
├─ calculate           tool      42.0µs  ✗
│    in  expression: "545923 / 0"
│    err division by zero
└─ calculate           tool      38.0µs
     out 545923

`
	assert.Equal(t, want, written(t, false, agent()))
}

func TestTreeIsTheSameInAnyOrderOfRows(t *testing.T) {
	rows := agent()
	want := written(t, false, rows)
	for i := range rows {
		shuffled := append(append([]record.Row{}, rows[i:]...), rows[:i]...)
		assert.Equal(t, want, written(t, false, shuffled))
		assert.Equal(t, want, written(t, false, rows[:6], rows[6:]))
	}
}

func TestTreeInColour(t *testing.T) {
	got := written(t, true, agent())
	assert.Contains(t, got, "\x1b[1mretrieve\x1b[0m")
	assert.Contains(t, got, "\x1b[31mdivision by zero\x1b[0m")
	plain := got
	for _, sequence := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"} {
		plain = strings.ReplaceAll(plain, sequence, "")
	}
	assert.Equal(t, written(t, false, agent()), plain, "colours change nothing else")
}

func TestTraceWithoutARootSpan(t *testing.T) {
	failed := entry(1, "chat", 0, 2*time.Minute)
	failed.Environment = "staging"
	failed.Error = &record.ErrorInfo{Type: "*net.OpError", Message: "refused"}
	got := written(t, false, []record.Row{
		traceRow(failed, ""),
		spanRow(entry(2, "first", ms, 2*ms), record.SpanPart{}),
		spanRow(entry(3, "second", 2*ms, 3*ms), record.SpanPart{ParentID: id(99)}),
	})
	assert.Equal(t, `✗ chat  2m0s  demo · staging
│ err *net.OpError: refused
├─ first   general   1.00ms
└─ second  general   1.00ms

`, got)
}

func TestUnfinishedTrace(t *testing.T) {
	got := written(t, false, []record.Row{
		traceRow(entry(1, "serve", 0, 0), ""),
		spanRow(entry(2, "serve", 0, 0), record.SpanPart{}),
		spanRow(entry(3, "wait", ms, 0), record.SpanPart{ParentID: id(2)}),
	})
	assert.Equal(t, "● serve  unfinished  demo\n└─ wait  general  unfinished\n\n", got)
}

func TestStartRowsAreNotShown(t *testing.T) {
	start := traceRow(entry(1, "serve", 0, 0), "")
	start.Start = true
	assert.Empty(t, written(t, false, []record.Row{start}))
}

func TestWhatComesAfterItsTrace(t *testing.T) {
	rows := agent()
	got := written(t, false, rows, []record.Row{spanRow(entry(8, "log", 1400*ms, 1401*ms), record.SpanPart{ParentID: id(2)})})
	assert.Equal(t, written(t, false, rows)+"● answer  later\n└─ log  general   1.00ms\n\n", got)
}

func TestSpansOfATraceThatNeverComes(t *testing.T) {
	remote := record.SpanPart{TraceID: id(9), ParentID: id(99)}
	got := written(t, false, []record.Row{spanRow(entry(2, "handle", 0, ms), remote)})
	assert.Equal(t, "● trace 00000000-0000-7000-8000-000000000009\n└─ handle  general   1.00ms\n\n", got)
}

func TestWaitingIsBounded(t *testing.T) {
	var b strings.Builder
	s := console.New(&b, false)
	var rows []record.Row
	for i := range 1100 {
		remote := record.SpanPart{TraceID: [16]byte{0: byte(i >> 8), 1: byte(i)}}
		rows = append(rows, spanRow(entry(2, fmt.Sprint("span ", i), time.Duration(i), ms), remote))
	}
	require.NoError(t, s.Deliver(t.Context(), rows))
	assert.Equal(t, 100, strings.Count(b.String(), "└─ span"))
	assert.Contains(t, b.String(), "span 99 ")
	require.NoError(t, s.Close())
	assert.Equal(t, 1100, strings.Count(b.String(), "└─ span"))
}

func TestTextsCannotSteerTheTerminal(t *testing.T) {
	evil := with(entry(1, "na\x1b[2Jme\nx", 0, ms), record.Input, "a\x1b", "\"\u009b]0;\"")
	evil.Error = &record.ErrorInfo{Type: "\x1b", Message: "line\r\nline"}
	got := written(t, false, []record.Row{traceRow(evil, "\x1bthread")})
	assert.NotContains(t, got, "\x1b")
	assert.NotContains(t, got, "\r")
	assert.NotContains(t, got, "\u009b")
	assert.Contains(t, got, "na\ufffd[2Jme x")
}

func TestLinesFitTheTerminal(t *testing.T) {
	long := with(entry(1, "n", 0, ms), record.Output, "output", `"`+strings.Repeat("日本", 300)+`"`)
	long.Error = &record.ErrorInfo{Type: "T", Message: strings.Repeat("x", 500)}
	for _, columns := range []int{60, 100, 200} {
		t.Setenv("COLUMNS", strconv.Itoa(columns))
		var b strings.Builder
		require.NoError(t, console.New(&b, false).Deliver(t.Context(), []record.Row{traceRow(long, "")}))
		for line := range strings.Lines(b.String()) {
			assert.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), columns)
		}
		assert.Contains(t, b.String(), "…")
	}
}

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1: "0.00µs", 999 * time.Nanosecond: "1.00µs", 9999: "10.0µs", 999_999: "1000µs",
		time.Millisecond: "1.00ms", 99_960_000: "100ms", 999 * ms: "999ms", time.Second: "1.00s", 59 * time.Second: "59.0s",
		time.Minute: "1m0s", 90 * time.Minute: "1h30m0s",
	} {
		got := written(t, false, []record.Row{traceRow(entry(1, "n", 0, d), "")})
		assert.Equal(t, "● n  "+want+"  demo\n\n", got)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed pipe") }

func TestFailuresAreReported(t *testing.T) {
	s := console.New(broken{}, false)
	require.ErrorContains(t, s.Deliver(t.Context(), agent()), "closed pipe")
	require.Error(t, console.New(broken{}, false).Deliver(t.Context(), []record.Row{{Kind: record.KindSpan, Body: []byte("{")}}))
	require.Error(t, console.New(broken{}, false).Deliver(t.Context(), []record.Row{{Kind: record.KindTrace, Body: []byte("{")}}))
}

func TestColored(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	assert.False(t, console.Colored(file), "a file is no terminal")

	device, err := os.Open(os.DevNull) // a character device, as a terminal is
	require.NoError(t, err)
	defer func() { _ = device.Close() }()
	assert.True(t, console.Colored(device))
	t.Setenv("NO_COLOR", "1")
	assert.False(t, console.Colored(device))
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "dumb")
	assert.False(t, console.Colored(device))
}
