package opik_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	opik "github.com/opikgen/opikgen/runtime"
)

func TestExtractFallsBackToBaggage(t *testing.T) {
	const both = "opik.trace_id=" + remoteTrace + ",opik.span_id=" + remoteParent
	tests := []struct {
		name          string
		header        http.Header
		trace, parent string // "" is a trace of its own
		warned        string
	}{
		{"both", http.Header{"Baggage": {both}}, remoteTrace, remoteParent, ""},
		{"several lines", http.Header{"Baggage": {"a=b, opik.trace_id = " + remoteTrace, "opik.span_id=" + remoteParent + ";p=1"}}, remoteTrace, remoteParent, ""},
		{"another case", http.Header{"baggage": {both}}, remoteTrace, remoteParent, ""},
		{"encoded", http.Header{"Baggage": {"opik.trace_id=" + remoteTrace[:8] + "%2d" + remoteTrace[9:]}}, remoteTrace, "", ""},
		{"the first counts", http.Header{"Baggage": {both + ",opik.trace_id=x"}}, remoteTrace, remoteParent, ""},
		{"no member", http.Header{"Baggage": {"a=b,,=,;,opik.trace_id"}}, "", "", ""},
		{"no trace", http.Header{"Baggage": {"opik.span_id=" + remoteParent}}, "", "", "opik.trace_id"},
		{"version 4", http.Header{"Baggage": {"opik.trace_id=" + version4}}, "", "", "opik.trace_id"},
		{"a bad encoding", http.Header{"Baggage": {"opik.trace_id=%zz"}}, "", "", "opik.trace_id"},
		{"headers come first", http.Header{"Opik_trace_id": {remoteTrace}, "Baggage": {"opik.trace_id=" + remoteParent}}, remoteTrace, "", ""},
		{"bad headers come first", http.Header{"Opik_trace_id": {"x"}, "Baggage": {both}}, "", "", "opik_trace_id"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			trace, warned := handled(t, func(ctx context.Context) context.Context { return opik.Extract(ctx, test.header) })
			assertBelow(t, trace, test.trace, test.parent)
			assert.Contains(t, warned, test.warned)
			assert.Equal(t, test.warned == "", warned == "")
		})
	}
}

func TestABaggageInAMapIsRead(t *testing.T) {
	rec := recorder(t, opik.Options{})
	_, span := opik.StartSpan(opik.ExtractMap(rec.Context(), map[string]string{"Baggage": "opik.trace_id=" + remoteTrace}), "s", opik.SpanOptions{})
	span.End()
	assert.Equal(t, remoteTrace, span.TraceID())
}

func TestInjectWritesBaggageWhenAsked(t *testing.T) {
	rec := recorder(t, opik.Options{Baggage: true})
	header := http.Header{"baggage": {"user=1;p, opik.trace_id=" + remoteTrace + ",opik.sampled=0", "", "tier=a%20b"}}
	ctx, trace := opik.StartTrace(rec.Context(), "t", opik.TraceOptions{})
	defer trace.End()
	opik.Inject(ctx, header)
	assert.Equal(t, []string{"user=1;p,tier=a%20b,opik.trace_id=" + trace.ID()}, header["Baggage"])
	empty := http.Header{"Baggage": {""}}
	opik.Inject(ctx, empty)
	assert.Equal(t, []string{"opik.trace_id=" + trace.ID()}, empty["Baggage"])

	header = http.Header{}
	ctx, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
	defer span.End()
	opik.Inject(ctx, header)
	assert.Equal(t, http.Header{
		"Opik_trace_id":       {trace.ID()},
		"Opik_parent_span_id": {span.ID()},
		"Baggage":             {"opik.trace_id=" + trace.ID() + ",opik.span_id=" + span.ID()},
	}, header)
	assert.NotContains(t, opik.Headers(ctx), "baggage", "a map may have a baggage of its own")
}

func TestInjectTakesOffTheBaggageOfAnotherCall(t *testing.T) {
	rec := recorder(t, opik.Options{})
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	defer span.End()
	header := http.Header{"Baggage": {"user=1,opik.trace_id=" + remoteTrace}}
	opik.Inject(ctx, header)
	assert.Equal(t, []string{"user=1"}, header["Baggage"], "behind a proxy that drops the headers it would count")
}

func TestTheDecisionToSampleTravelsInBaggage(t *testing.T) {
	caller := recorder(t, opik.Options{Baggage: true, SampleRule: func(opik.TraceStart) float64 { return 0 }})
	ctx, _ := opik.StartSpan(caller.Context(), "ask", opik.SpanOptions{})
	header := http.Header{}
	opik.Inject(ctx, header)
	assert.Equal(t, []string{"opik.sampled=0"}, header["Baggage"])

	delete(header, "Opik_sampled")
	callee := recorder(t, opik.Options{})
	_, span := opik.StartSpan(opik.Extract(callee.Context(), header), "handle", opik.SpanOptions{})
	assert.Nil(t, span)
}
