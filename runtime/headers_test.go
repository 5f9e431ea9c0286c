package opik_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

const (
	remoteTrace  = "019f3a5e-0000-7000-8000-00000000000a"
	remoteParent = "019f3a5e-0000-7000-8000-00000000000b"
	version4     = "3f0a7c56-51b5-4d0c-9c53-3d0f7b1b2c4d"
)

// A client and a server in two processes make one trace.
func ExampleInject() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	server := func(r *http.Request) {
		ctx := opik.Extract(opik.WithClient(context.Background(), rec.Client), r.Header)
		_, span := opik.StartSpan(ctx, "handle", opik.SpanOptions{})
		span.End()
	}

	ctx, span := opik.StartSpan(rec.Context(), "ask", opik.SpanOptions{})
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/answer", http.NoBody)
	opik.Inject(ctx, request.Header)
	server(request)
	span.End()

	trace := rec.Traces()[0]
	fmt.Println(trace.Name, trace.Spans[0].Name, trace.Spans[0].Spans[0].Name)
	// Output: ask ask handle
}

// Anything that carries strings carries a trace, like the attributes of a message.
func ExampleHeaders() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	ctx, span := opik.StartSpan(rec.Context(), "publish", opik.SpanOptions{})
	attributes := opik.Headers(ctx)
	span.End()

	ctx = opik.ExtractMap(rec.Context(), attributes)
	_, work := opik.StartSpan(ctx, "work", opik.SpanOptions{})
	work.End()

	fmt.Println(attributes["opik_parent_span_id"] == span.ID(), work.TraceID() == span.TraceID())
	// Output: true true
}

func TestExtract(t *testing.T) {
	both := map[string]string{"opik_trace_id": remoteTrace, "opik_parent_span_id": remoteParent}
	tests := []struct {
		name          string
		headers       map[string]string
		trace, parent string // "" is a trace of its own
		warned        string
	}{
		{"both", both, remoteTrace, remoteParent, ""},
		{"none", map[string]string{"Accept": "*/*"}, "", "", ""},
		{"nil", nil, "", "", ""},
		{"blank", map[string]string{"opik_trace_id": " ", "opik_parent_span_id": ""}, "", "", ""},
		{"another case", map[string]string{"OPIK_Trace_ID": " " + strings.ToUpper(remoteTrace) + "\t", "oPIK_parent_span_id": remoteParent}, remoteTrace, remoteParent, ""},
		{"no parent", map[string]string{"opik_trace_id": remoteTrace}, remoteTrace, "", ""},
		{"no trace", map[string]string{"opik_parent_span_id": remoteParent}, "", "", `opik_trace_id is \"\"`},
		{"version 4", map[string]string{"opik_trace_id": version4, "opik_parent_span_id": remoteParent}, "", "", `opik_trace_id is \"` + version4},
		{"a bad parent", map[string]string{"opik_trace_id": remoteTrace, "opik_parent_span_id": "x\ny"}, "", "", `opik_parent_span_id is \"x\\ny\"`},
		{"another form", map[string]string{"opik_trace_id": "{" + remoteTrace + "}"}, "", "", "opik_trace_id"},
		{"long", map[string]string{"opik_trace_id": strings.Repeat("y", 1<<16)}, "", "", "bytes more"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{}
			for name, value := range test.headers {
				header[name] = []string{value}
			}
			for _, extract := range []func(context.Context) context.Context{
				func(ctx context.Context) context.Context { return opik.Extract(ctx, header) },
				func(ctx context.Context) context.Context { return opik.ExtractMap(ctx, test.headers) },
			} {
				trace, warned := handled(t, extract)
				assertBelow(t, trace, test.trace, test.parent)
				assert.Contains(t, warned, test.warned)
				assert.Equal(t, test.warned == "", warned == "")
				assert.Less(t, len(warned), 500)
			}
		})
	}
}

// handled returns the trace of a span with a child below what extract finds, and what was logged.
func handled(t *testing.T, extract func(context.Context) context.Context) (trace *opiktest.Trace, warned string) {
	t.Helper()
	var log bytes.Buffer
	rec := recorder(t, opik.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	ctx, span := opik.StartSpan(extract(rec.Context()), "handle", opik.SpanOptions{})
	_, child := opik.StartSpan(ctx, "child", opik.SpanOptions{})
	child.End()
	span.End()
	return rec.Traces()[0], log.String()
}

// assertBelow checks where a span with a child hangs. A trace that is not there has no name.
func assertBelow(t *testing.T, trace *opiktest.Trace, id, parent string) {
	t.Helper()
	handle := trace.Find("handle")
	require.NotNil(t, handle)
	assert.Equal(t, handle.ID, trace.Find("child").ParentID)
	assert.Equal(t, handle.TraceID, trace.Find("child").TraceID)
	assert.Equal(t, parent, handle.ParentID)
	if id == "" {
		assert.Equal(t, "handle", trace.Name)
		return
	}
	assert.Equal(t, id, handle.TraceID)
	assert.Empty(t, trace.Name, "the trace is sent by the caller")
}

func TestTheProjectOfASpanBelowAnotherProcess(t *testing.T) {
	rec := recorder(t, opik.Options{Project: "client's"})
	ctx := opik.ExtractMap(rec.Context(), map[string]string{"opik_trace_id": remoteTrace})
	for want, start := range map[string]func() *opik.Span{
		"client's": func() *opik.Span { _, s := opik.StartSpan(ctx, "a", opik.SpanOptions{}); return s },
		"context's": func() *opik.Span {
			_, s := opik.StartSpan(opik.WithProject(ctx, "context's"), "b", opik.SpanOptions{})
			return s
		},
		"own": func() *opik.Span {
			inner, s := opik.StartSpan(ctx, "c", opik.SpanOptions{Project: "own"})
			_, child := opik.StartSpan(inner, "child", opik.SpanOptions{})
			child.End()
			return s
		},
	} {
		span := start()
		span.End()
		assert.Equal(t, want, projectOf(rec, span.ID()))
	}
	assert.Equal(t, "own", rec.Traces()[0].Find("child").Project)
}

func projectOf(rec *opiktest.Recorder, id string) string {
	for _, trace := range rec.Traces() {
		for _, span := range trace.Spans {
			if span.ID == id {
				return span.Project
			}
		}
	}
	return ""
}

func TestExtractWithoutAContext(t *testing.T) {
	rec := opiktest.New(t)
	var none context.Context
	ctx := opik.Extract(none, http.Header{"Opik_trace_id": {remoteTrace}})
	_, span := rec.Client.StartSpan(ctx, "s", opik.SpanOptions{})
	defer span.End()
	assert.Equal(t, remoteTrace, span.TraceID())
}

// TestIDsThatAreNoUUIDs has what Go's package takes for a UUID all the same.
func TestIDsThatAreNoUUIDs(t *testing.T) {
	rec := opiktest.New(t)
	for _, id := range []string{
		remoteTrace[:19] + "0" + remoteTrace[20:], // the variant of NCS
		"{" + remoteTrace + "}", "urn:uuid:" + remoteTrace, strings.ReplaceAll(remoteTrace, "-", ""),
	} {
		_, span := opik.StartSpan(opik.ExtractMap(rec.Context(), map[string]string{"opik_trace_id": id}), "s", opik.SpanOptions{})
		span.End()
		assert.NotContains(t, id, span.TraceID())
	}
	assert.Len(t, rec.Traces(), 4, "of their own")
}

func TestTheTraceOfAnotherProcessIsNotSent(t *testing.T) {
	rows := rowsOf(t, opik.Options{SendOnStart: true}, func(ctx context.Context, c *opik.Client) {
		ctx = opik.ExtractMap(ctx, map[string]string{"opik_trace_id": remoteTrace, "opik_parent_span_id": remoteParent})
		assert.Nil(t, opik.CurrentSpan(ctx))
		ctx, span := c.StartSpan(ctx, "s", opik.SpanOptions{ThreadID: "t", NoDuplicateRoot: true})
		trace := opik.CurrentTrace(ctx)
		assert.Equal(t, remoteTrace, trace.ID())
		trace.SetName("mine")
		trace.AddTags("mine")
		opik.CaptureThreadID(span, "thread")
		trace.LogFeedbackScore(opik.FeedbackScore{Name: "n", Value: 1})
		trace.End()
		span.End()
		trace.Update(opik.TraceUpdate{Name: "mine"})
		trace.End()
	})
	kinds := map[string]int{}
	for _, r := range rows {
		kinds[r.Kind]++
	}
	assert.Equal(t, map[string]int{"trace_score": 1, "span": 1}, kinds)
}

func TestHeadersSayWhereTheContextIs(t *testing.T) {
	rec := recorder(t, opik.Options{})
	ctx := rec.Context()
	assert.Nil(t, opik.Headers(ctx))
	assert.Nil(t, opik.Headers(context.Background()))
	traceCtx, trace := opik.StartTrace(ctx, "t", opik.TraceOptions{})
	assert.Equal(t, map[string]string{"opik_trace_id": trace.ID()}, opik.Headers(traceCtx))
	only, span := opik.StartSpan(ctx, "s", opik.SpanOptions{NoDuplicateRoot: true})
	assert.Equal(t, map[string]string{"opik_trace_id": span.TraceID()}, opik.Headers(only), "a parent that has no row")
	both := map[string]string{"opik_trace_id": remoteTrace, "opik_parent_span_id": remoteParent}
	assert.Equal(t, both, opik.Headers(opik.ExtractMap(ctx, both)), "a process that only passes them on")
	span.End()
	trace.End()
}

func TestInjectReplacesWhatAnotherCallLeft(t *testing.T) {
	rec := recorder(t, opik.Options{})
	header := http.Header{"opik_trace_id": {remoteTrace}, "Opik_parent_span_id": {remoteParent}, "OPIK_SAMPLED": {"0"}, "Accept": {"*/*"}}
	opik.Inject(rec.Context(), header)
	assert.Len(t, header, 4, "nothing to say")
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	defer span.End()
	opik.Inject(ctx, header)
	assert.Equal(t, http.Header{"Opik_trace_id": {span.TraceID()}, "Opik_parent_span_id": {span.ID()}, "Accept": {"*/*"}}, header)
	assert.NotPanics(t, func() { opik.Inject(ctx, nil) })
}

func TestTheDecisionToSampleTravels(t *testing.T) {
	caller := recorder(t, opik.Options{SampleRule: func(opik.TraceStart) float64 { return 0 }})
	ctx, span := opik.StartSpan(caller.Context(), "ask", opik.SpanOptions{})
	require.Nil(t, span)
	header := http.Header{}
	opik.Inject(ctx, header)
	assert.Equal(t, http.Header{"Opik_sampled": {"0"}}, header)

	callee := recorder(t, opik.Options{})
	ctx = opik.Extract(callee.Context(), header)
	assert.Equal(t, map[string]string{"opik_sampled": "0"}, opik.Headers(ctx))
	inner, span := opik.StartSpan(ctx, "handle", opik.SpanOptions{})
	assert.Nil(t, span)
	_, span = opik.StartSpan(inner, "child", opik.SpanOptions{})
	assert.Nil(t, span)
	_, trace := opik.StartTrace(ctx, "trace", opik.TraceOptions{})
	assert.Nil(t, trace)
	assert.Empty(t, callee.Traces())

	none := recorder(t, opik.Options{SampleRule: func(opik.TraceStart) float64 { return 0 }})
	_, span = opik.StartSpan(opik.ExtractMap(none.Context(), map[string]string{"opik_trace_id": remoteTrace}), "handle", opik.SpanOptions{})
	assert.NotNil(t, span, "a trace that the caller records is recorded whole")
	span.End()
}

func TestBadHeadersDoNotFillTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		rec := opiktest.Open(opik.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		bad := map[string]string{"opik_trace_id": "x"}
		for range 100 {
			opik.ExtractMap(rec.Context(), bad)
		}
		assert.Equal(t, 1, strings.Count(log.String(), "\n"))
		<-time.After(time.Minute)
		opik.ExtractMap(rec.Context(), bad)
		assert.Equal(t, 2, strings.Count(log.String(), "\n"))
		require.NoError(t, rec.Close())
	})
}

func TestHeadersCostNothingWhereNothingIsRecorded(t *testing.T) {
	previous := opik.SetDefault(&opik.Client{})
	defer opik.SetDefault(previous)
	header := http.Header{"Opik_trace_id": {remoteTrace}}
	headers := map[string]string{"opik_trace_id": remoteTrace}
	ctx := context.Background()
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		opik.Inject(opik.Extract(opik.ExtractMap(ctx, headers), header), header)
	}))
	assert.Equal(t, ctx, opik.Extract(ctx, header))
}

// Every request of a handler is looked at, also of those that nobody traces.
func TestExtractOfNothingCostsLittle(t *testing.T) {
	rec := opiktest.New(t)
	ctx := rec.Context()
	header := http.Header{"Accept": {"*/*"}, "User-Agent": {"test"}, "Content-Type": {"text/plain"}}
	assert.LessOrEqual(t, testing.AllocsPerRun(10, func() { _ = opik.Extract(ctx, header) }), 1.0, "the lookup of names")
}

// FuzzExtract sends any values. No row may have an id that Opik refuses, and nobody may write to the log at will.
func FuzzExtract(f *testing.F) {
	f.Add("opik_trace_id", remoteTrace, "opik_parent_span_id", remoteParent)
	f.Add("OPIK_TRACE_ID", " "+remoteTrace+" ", "Opik_Parent_Span_Id", "")
	f.Add("opik_trace_id", version4, "opik_sampled", "0")
	f.Add("opik_parent_span_id", "urn:uuid:"+remoteParent, "opik_sampled", "1")
	f.Add("baggage", "opik.trace_id="+remoteTrace+",opik.span_id=x", "Baggage", "opik.trace_id=%zz,=;,opik.sampled=0")
	f.Add("opik_trace_id", "00000000-0000-0000-0000-000000000000", "opik_trace_id", "\x00\n\xff")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		var log bytes.Buffer
		rec := opiktest.Open(opik.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		headers := map[string]string{name1: value1, name2: value2}
		for _, ctx := range []context.Context{
			opik.ExtractMap(rec.Context(), headers),
			opik.Extract(rec.Context(), http.Header{name1: {value1}, name2: {value2, value1}}),
		} {
			_, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
			span.End()
		}
		for _, trace := range rec.Traces() {
			for _, span := range trace.Spans {
				assertVersion7(t, span.ID, span.TraceID)
				if span.ParentID != "" {
					assertVersion7(t, span.ParentID)
				}
			}
		}
		assert.LessOrEqual(t, strings.Count(log.String(), "\n"), 1)
		require.NoError(t, rec.Close())
	})
}

func assertVersion7(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		parsed, err := uuid.Parse(id)
		require.NoError(t, err)
		assert.EqualValues(t, 7, parsed.Version())
	}
}
