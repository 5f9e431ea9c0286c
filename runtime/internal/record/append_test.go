package record_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

var (
	traceID  = [16]byte{0x01, 0x92, 0xab, 0xcd, 0xef, 0x00, 0x70, 0x01, 0x80, 0, 0, 0, 0, 0, 0, 0x01}
	spanID   = [16]byte{0x01, 0x92, 0xab, 0xcd, 0xef, 0x00, 0x70, 0x01, 0x80, 0, 0, 0, 0, 0, 0, 0x02}
	parentID = [16]byte{0x01, 0x92, 0xab, 0xcd, 0xef, 0x00, 0x70, 0x01, 0x80, 0, 0, 0, 0, 0, 0, 0x03}
	start    = time.Date(2026, 3, 4, 5, 6, 7, 8, time.FixedZone("", 3600))
)

// full is an entry with everything that an entry can say.
func full() *record.Entry {
	e := &record.Entry{
		ID:          spanID,
		Project:     "demo",
		Environment: "staging",
		Name:        `say "hi"`,
		Start:       start,
		End:         start.Add(1500 * time.Millisecond),
		TTFT:        250500 * time.Microsecond,
		Tags:        []string{"a", "b"},
		Error:       &record.ErrorInfo{Type: "*net.OpError", Message: "refused", Traceback: "dial"},
		Updated:     start.Add(2 * time.Second).UnixMicro(),
	}
	e.Fields.SetText(record.Input, "question", "why?", 100)
	e.Fields.SetText(record.Output, "answer", "because", 100)
	e.Fields.Set(record.Metadata, "tier", []byte("2"))
	return e
}

func TestAppendSpan(t *testing.T) {
	cost := 0.25
	got := full().AppendSpan(nil, &record.SpanPart{
		TraceID: traceID, ParentID: parentID, Type: "llm", Model: "m", Provider: "openai",
		Usage: []record.Count{{Key: "prompt_tokens", N: 7}, {Key: "completion_tokens", N: 3}}, Cost: &cost,
	})
	const want = `{"id":"0192abcd-ef00-7001-8000-000000000002","source":"sdk","project_name":"demo",` +
		`"environment":"staging","name":"say \"hi\"",` +
		`"start_time":"2026-03-04T04:06:07.000000008Z","end_time":"2026-03-04T04:06:08.500000008Z",` +
		`"last_updated_at":"2026-03-04T04:06:09.000000Z",` +
		`"input":{"question":"why?"},"output":{"answer":"because"},"metadata":{"tier":2},"tags":["a","b"],` +
		`"error_info":{"exception_type":"*net.OpError","message":"refused","traceback":"dial"},"ttft":250.5,` +
		`"trace_id":"0192abcd-ef00-7001-8000-000000000001","parent_span_id":"0192abcd-ef00-7001-8000-000000000003",` +
		`"type":"llm","model":"m","provider":"openai","usage":{"prompt_tokens":7,"completion_tokens":3},` +
		`"total_estimated_cost":0.25}`
	assert.JSONEq(t, want, string(got))
}

func TestAppendSpanLeavesOutWhatIsNotThere(t *testing.T) {
	e := &record.Entry{ID: spanID, Start: start, Updated: start.UnixMicro()}
	got := string(e.AppendSpan(nil, &record.SpanPart{TraceID: traceID}))
	const want = `{"id":"0192abcd-ef00-7001-8000-000000000002","source":"sdk",` +
		`"start_time":"2026-03-04T04:06:07.000000008Z","last_updated_at":"2026-03-04T04:06:07.000000Z",` +
		`"trace_id":"0192abcd-ef00-7001-8000-000000000001"}`
	assert.JSONEq(t, want, got)
}

func TestAppendSpanKeepsACostOfZero(t *testing.T) {
	free := 0.0
	got := (&record.Entry{}).AppendSpan(nil, &record.SpanPart{Cost: &free})
	assert.Contains(t, string(got), `"total_estimated_cost":0}`)
}

func TestAppendErrorAlwaysHasATraceback(t *testing.T) {
	for want, info := range map[string]record.ErrorInfo{
		`{"exception_type":"T","message":"m","traceback":"m"}`:     {Type: "T", Message: "m"},
		`{"exception_type":"T","traceback":"T"}`:                   {Type: "T"},
		`{"exception_type":"error","traceback":"error"}`:           {},
		`{"exception_type":"error","message":"m","traceback":"t"}`: {Message: "m", Traceback: "t"},
	} {
		got := (&record.Entry{Error: &info}).AppendTrace(nil, "", nil)
		assert.Contains(t, string(got), `"error_info":`+want)
	}
}

func TestAppendTraceShowsItsRootSpan(t *testing.T) {
	trace := &record.Entry{ID: traceID, Project: "demo", Start: start, Tags: []string{"own", "a"}}
	trace.Fields.SetText(record.Output, "answer", "said otherwise", 100)
	trace.Fields.SetText(record.Output, "more", "x", 100)
	row, err := record.DecodeTrace(trace.AppendTrace(nil, "thread-1", full()))
	require.NoError(t, err)
	assert.Equal(t, `say "hi"`, row.Name)
	assert.Equal(t, "thread-1", row.ThreadID)
	assert.JSONEq(t, `{"question":"why?"}`, string(row.Input))
	assert.JSONEq(t, `{"answer":"said otherwise","more":"x"}`, string(row.Output))
	assert.JSONEq(t, `{"tier":2}`, string(row.Metadata))
	assert.Equal(t, []string{"own", "a", "b"}, row.Tags)
	assert.Equal(t, "refused", row.Error.Message)

	trace.Name, trace.Error = "renamed", &record.ErrorInfo{Message: "own"}
	row, err = record.DecodeTrace(trace.AppendTrace(nil, "", full()))
	require.NoError(t, err)
	assert.Equal(t, "renamed", row.Name)
	assert.Equal(t, "own", row.Error.Message)
}

func TestAppendReadsBack(t *testing.T) {
	e := full()
	row, err := record.DecodeSpan(e.AppendSpan([]byte{}, &record.SpanPart{TraceID: traceID}))
	require.NoError(t, err)
	assert.True(t, e.Start.Equal(row.Start))
	assert.True(t, e.End.Equal(row.End))
	assert.Equal(t, e.Updated, row.Updated.UnixMicro())
	assert.Equal(t, "sdk", row.Source)
	assert.InDelta(t, 250.5, row.TTFT, 0)
	assert.Equal(t, *e.Error, *row.Error)
}

func TestDecodeSaysWhatCannotBeRead(t *testing.T) {
	_, err := record.DecodeSpan([]byte(`{"id":`))
	require.ErrorContains(t, err, "the row of a span cannot be read")
	_, err = record.DecodeTrace([]byte(`{"name":1}`))
	assert.ErrorContains(t, err, "the row of a trace cannot be read")
}

func TestAppendClockAgreesWithTheTimePackage(t *testing.T) {
	for _, at := range []time.Time{
		time.Unix(0, 0), time.Unix(1, 0), time.Date(1999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2100, 2, 28, 0, 0, 0, 1000, time.UTC), time.Date(2262, 4, 11, 23, 47, 16, 0, time.UTC),
		time.Unix(2, 123_456_789), time.Unix(2, 987_654_321), time.Unix(2, 100_000_000), time.Unix(2, 99_999_999), time.Unix(2, 9_900_990),
	} {
		got := string((&record.Entry{Start: at, Updated: at.UnixMicro()}).AppendTrace(nil, "", nil))
		assert.Contains(t, got, at.UTC().Format(`"start_time":"2006-01-02T15:04:05.000000000Z"`))
		assert.Contains(t, got, at.UTC().Format(`"last_updated_at":"2006-01-02T15:04:05.000000Z"`))
	}
}

// TestSize holds that whatever may be large counts for what a queue may hold.
func TestSize(t *testing.T) {
	const long = 10_000
	text := strings.Repeat("x", long)
	size := func(e *record.Entry, part record.SpanPart) int {
		var draft record.Draft
		draft.DraftSpan(e, &part)
		return draft.Size()
	}
	least := size(&record.Entry{}, record.SpanPart{})
	assert.Less(t, least, 1000)
	for name, e := range map[string]*record.Entry{
		"name":      {Name: text},
		"tags":      {Tags: []string{text[:long/2], text[long/2:]}},
		"type":      {Error: &record.ErrorInfo{Type: text}},
		"message":   {Error: &record.ErrorInfo{Message: text}},
		"traceback": {Error: &record.ErrorInfo{Traceback: text}},
	} {
		assert.Equal(t, least+long, size(e, record.SpanPart{}), name)
		var trace record.Draft
		trace.DraftTrace(&record.Entry{}, "", e)
		assert.GreaterOrEqual(t, trace.Size(), least+long, "%s of the root that a trace shows", name)
	}
	for name, part := range map[string]record.SpanPart{
		"model": {Model: text}, "provider": {Provider: text}, "usage": {Usage: []record.Count{{Key: text, N: 1}}},
	} {
		assert.Equal(t, least+long, size(&record.Entry{}, part), name)
	}
	var trace record.Draft
	trace.DraftTrace(&record.Entry{}, text, nil)
	assert.GreaterOrEqual(t, trace.Size(), least+long)
}

func FuzzAppendSpanIsAlwaysJSON(f *testing.F) {
	f.Add("name", "key", "value", `{"a":1}`)
	f.Add("\xff\"", "\x00", strings.Repeat("é", 100), `null`)
	f.Fuzz(func(t *testing.T, name, key, text, raw string) {
		e := &record.Entry{Name: name, Project: key, Environment: text, Tags: []string{name, text}, Error: &record.ErrorInfo{Type: key, Message: text}}
		e.Fields.SetText(record.Input, key, text, 50)
		e.Fields.SetText(record.Input, name, text, 50)
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(raw)) == nil {
			e.Fields.Set(record.Output, key, compact.Bytes())
			e.Fields.Merge(record.Output, key, compact.Bytes())
		}
		row := e.AppendSpan(nil, &record.SpanPart{Type: name, Model: key, Usage: []record.Count{{Key: name, N: 1}}})
		assert.True(t, json.Valid(row), "%s", row)
		assert.NotContains(t, string(row), "\n")
	})
}

func TestAppendAllocatesNothing(t *testing.T) {
	e, part := full(), &record.SpanPart{TraceID: traceID, Usage: []record.Count{{Key: "prompt_tokens", N: 7}}}
	trace := &record.Entry{ID: traceID, Start: start}
	buf := make([]byte, 0, 4096)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		e.AppendSpan(buf[:0], part)
		trace.AppendTrace(buf[:0], "thread", e)
	}))
}

func BenchmarkAppendSpan(b *testing.B) {
	e, part := full(), &record.SpanPart{TraceID: traceID, Usage: []record.Count{{Key: "prompt_tokens", N: 7}}}
	buf := make([]byte, 0, 4096)
	for b.Loop() {
		e.AppendSpan(buf[:0], part)
	}
}
