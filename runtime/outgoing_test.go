package opik_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// newRequest returns a request in a context, with a body.
func newRequest(t *testing.T, ctx context.Context, url string) *http.Request { //nolint:revive // the test comes first
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("body"))
	require.NoError(t, err)
	return r
}

func TestStartOutgoing(t *testing.T) {
	rec := opiktest.New(t)
	r := newRequest(t, rec.Context(), "http://a.example.com")
	r.Header = http.Header{"X": {"x"}, "opik_parent_span_id": {"another"}}
	before := *r
	out, span := opik.StartOutgoing(r, "ask", opik.SpanOptions{})
	defer span.End()

	assert.Equal(t, http.Header{"X": {"x"}, "Opik_trace_id": {span.TraceID()}, "Opik_parent_span_id": {span.ID()}}, out.Header)
	assert.Same(t, span, opik.CurrentSpan(out.Context()))
	assert.Same(t, r.URL, out.URL)
	assert.Equal(t, r.Body, out.Body)
	assert.Equal(t, http.Header{"X": {"x"}, "opik_parent_span_id": {"another"}}, r.Header)
	assert.Equal(t, before.Context(), r.Context())

	out.Header["X"][0] = "changed"
	assert.Equal(t, "x", r.Header.Get("X"), "the copy goes down to the values")
}

func TestOutgoingRequest(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "ask", opik.SpanOptions{})
	defer span.End()
	own := context.WithValue(context.Background(), key{}, "the request's own")
	r := (&http.Request{}).WithContext(own)
	out := opik.OutgoingRequest(ctx, r)
	assert.Equal(t, span.ID(), out.Header.Get("opik_parent_span_id"))
	assert.Equal(t, own, out.Context(), "what is about the request stays so")
	assert.Nil(t, r.Header)
	assert.Nil(t, opik.OutgoingRequest(ctx, nil))
	out, span = opik.StartOutgoing(nil, "ask", opik.SpanOptions{})
	assert.Nil(t, out)
	assert.Nil(t, span)
}

type key struct{}

func TestOutgoing(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "ask", opik.SpanOptions{})
	defer span.End()
	trace, parent := span.TraceID(), span.ID()

	header := http.Header{"X": {"x"}, "opik_trace_id": {"another"}}
	assert.Equal(t, http.Header{"X": {"x"}, "Opik_trace_id": {trace}, "Opik_parent_span_id": {parent}}, opik.Outgoing(ctx, header))
	assert.Equal(t, http.Header{"X": {"x"}, "opik_trace_id": {"another"}}, header)
	assert.Equal(t, textproto.MIMEHeader{"Opik_trace_id": {trace}, "Opik_parent_span_id": {parent}}, opik.Outgoing(ctx, textproto.MIMEHeader(nil)))

	md := grpcMetadata{"x": {"x"}, "opik_trace_id": {"another"}}
	assert.Equal(t, grpcMetadata{"x": {"x"}, "opik_trace_id": {trace}, "opik_parent_span_id": {parent}}, opik.Outgoing(ctx, md))
	assert.Equal(t, grpcMetadata{"x": {"x"}, "opik_trace_id": {"another"}}, md)
	assert.Equal(t, grpcMetadata{"opik_trace_id": {trace}, "opik_parent_span_id": {parent}}, opik.Outgoing(ctx, grpcMetadata(nil)))

	message := attributes{"x": "x", "OPIK_Trace_ID": "another"}
	assert.Equal(t, attributes{"x": "x", "opik_trace_id": trace, "opik_parent_span_id": parent}, opik.OutgoingMap(ctx, message))
	assert.Equal(t, attributes{"x": "x", "OPIK_Trace_ID": "another"}, message)
	assert.Equal(t, attributes{"opik_trace_id": trace, "opik_parent_span_id": parent}, opik.OutgoingMap(ctx, attributes(nil)))
}

func TestOutgoingBaggage(t *testing.T) {
	rec := opiktest.Open(opik.Options{Baggage: true})
	defer func() { assert.NoError(t, rec.Close()) }()
	ctx, span := opik.StartSpan(rec.Context(), "ask", opik.SpanOptions{})
	defer span.End()
	got := opik.Outgoing(ctx, grpcMetadata{"baggage": {"user=ann"}})
	assert.Equal(t, []string{"user=ann,opik.trace_id=" + span.TraceID() + ",opik.span_id=" + span.ID()}, got["baggage"])
	assert.Len(t, got, 3)
}

// What is not recorded here is not recorded there either.
func TestOutgoingUnsampled(t *testing.T) {
	rec := opiktest.Open(opik.Options{SampleRule: func(opik.TraceStart) float64 { return 0 }})
	defer func() { assert.NoError(t, rec.Close()) }()
	r := newRequest(t, rec.Context(), "http://a.example.com")
	out, span := opik.StartOutgoing(r, "ask", opik.SpanOptions{})
	assert.Nil(t, span)
	assert.Equal(t, http.Header{"Opik_sampled": {"0"}}, out.Header)
	assert.Empty(t, r.Header)
	assert.Equal(t, attributes{"opik_sampled": "0"}, opik.OutgoingMap(out.Context(), attributes{"opik_trace_id": "another"}))
}

// What another call was not recorded for says nothing about this one.
func TestOutgoingMapTakesOffWhatAnotherCallSaid(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	defer span.End()
	got := opik.OutgoingMap(ctx, attributes{"Opik_Sampled": "0", "OPIK_PARENT_SPAN_ID": "x", "mine": "1"})
	assert.Equal(t, attributes{"opik_trace_id": span.TraceID(), "opik_parent_span_id": span.ID(), "mine": "1"}, got)
}

func TestOutgoingOff(t *testing.T) {
	header := grpcMetadata{"x": {"x"}}
	check := func(t *testing.T, ctx context.Context) {
		t.Helper()
		r := newRequest(t, ctx, "http://a.example.com")
		assert.Zero(t, testing.AllocsPerRun(10, func() {
			_, _ = opik.StartOutgoing(opik.OutgoingRequest(ctx, r), "ask", opik.SpanOptions{})
			_, _ = opik.Outgoing(ctx, header), opik.OutgoingMap(ctx, calling)
		}))
		out, span := opik.StartOutgoing(opik.OutgoingRequest(ctx, r), "ask", opik.SpanOptions{})
		assert.Same(t, r, out)
		assert.Nil(t, span)
		assert.Empty(t, r.Header)
		assert.Nil(t, opik.Outgoing(ctx, http.Header(nil)))
		assert.Nil(t, opik.OutgoingMap(ctx, map[string]string(nil)))
	}
	whereOff(t, check)
}

// tracedTransport starts a span as a generated wrapper of a transport does.
type tracedTransport struct{ inner http.RoundTripper }

func (t tracedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r, span := opik.StartOutgoing(r, "round trip", opik.SpanOptions{})
	defer span.End()
	response, err := t.inner.RoundTrip(r)
	span.Returned(err)
	return response, err
}

// TestOutgoingRedirects asks a server that redirects to itself, and then to another host.
func TestOutgoingRedirects(t *testing.T) {
	var asked []string
	note := func(r *http.Request) {
		asked = append(asked, r.URL.Path+" "+strings.Repeat("headers", min(1, len(r.Header["Opik_trace_id"])*len(r.Header["Opik_parent_span_id"]))))
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { note(r) }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(r)
		to := map[string]string{"/first": "/second", "/second": elsewhere.URL + "/other"}[r.URL.Path]
		http.Redirect(w, r, to, http.StatusFound)
	}))
	defer server.Close()

	tests := []struct {
		name              string
		client, transport bool // which of them is traced
		other             string
	}{
		{"transport", false, true, "/other "},
		{"client and transport", true, true, "/other "},
		{"client", true, false, "/other headers"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			asked = nil
			rec := opiktest.New(t)
			plain := &http.Transport{}
			defer plain.CloseIdleConnections()
			client := http.Client{Transport: plain}
			if test.transport {
				client.Transport = tracedTransport{plain}
			}
			r := newRequest(t, rec.Context(), server.URL+"/first")
			if test.client {
				var span *opik.Span
				r, span = opik.StartOutgoing(r, "do", opik.SpanOptions{})
				defer span.End()
			}
			response, err := client.Do(r)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, []string{"/first headers", "/second headers", test.other}, asked)
		})
	}
}
