package opik_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// grpcMetadata is like the metadata of gRPC.
type grpcMetadata map[string][]string

// attributes are like those of a message.
type attributes map[string]string

var calling = attributes{"opik_trace_id": remoteTrace, "opik_parent_span_id": remoteParent}

// received returns a request with the headers of the caller.
func received(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/path", http.NoBody)
	for name, value := range calling {
		r.Header.Set(name, value)
	}
	return r
}

// starts lists the ways to go on with the trace of a caller.
var starts = map[string]func(ctx context.Context) (context.Context, *opik.Span){
	"StartIncoming": func(ctx context.Context) (context.Context, *opik.Span) {
		r, span := opik.StartIncoming(received(ctx), "handle", opik.SpanOptions{})
		return r.Context(), span
	},
	"IncomingRequest": func(ctx context.Context) (context.Context, *opik.Span) {
		return opik.StartSpan(opik.IncomingRequest(ctx, received(context.Background())), "handle", opik.SpanOptions{})
	},
	"Incoming": func(ctx context.Context) (context.Context, *opik.Span) {
		header := grpcMetadata{"opik_trace_id": {remoteTrace}, "opik_parent_span_id": {remoteParent}}
		return opik.StartSpan(opik.Incoming(ctx, header), "handle", opik.SpanOptions{})
	},
	"IncomingMap": func(ctx context.Context) (context.Context, *opik.Span) {
		return opik.StartSpan(opik.IncomingMap(ctx, calling), "handle", opik.SpanOptions{})
	},
}

// A handler in another process goes on with the trace of its caller.
func ExampleStartIncoming() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()
	handler := func(_ http.ResponseWriter, r *http.Request) {
		_, span := opik.StartIncoming(r, "handle", opik.SpanOptions{})
		defer span.End()
	}

	request, span := opik.StartOutgoing(httptest.NewRequestWithContext(rec.Context(), "GET", "/", http.NoBody), "ask", opik.SpanOptions{})
	// Another process has a context of its own.
	handler(nil, request.WithContext(rec.Context()))
	span.End()

	trace := rec.Traces()[0]
	fmt.Println(trace.Name, trace.Spans[0].Name, trace.Spans[0].Spans[0].Name)
	// Output: ask ask handle
}

func TestIncoming(t *testing.T) {
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			ctx, outer := start(rec.Context())
			_, inner := start(ctx)
			inner.End()
			outer.End()

			traces := rec.Traces()
			require.Len(t, traces, 1)
			assert.Equal(t, remoteTrace, traces[0].ID)
			assert.Empty(t, traces[0].Name, "the trace is the caller's to send")
			require.Len(t, traces[0].Spans, 1)
			assert.Equal(t, remoteParent, traces[0].Spans[0].ParentID)
			require.Len(t, traces[0].Spans[0].Spans, 1, "what is inside of the trace stays below what it is in")
			assert.Equal(t, outer.ID(), traces[0].Spans[0].Spans[0].ParentID)
		})
	}
}

// The context of a request is about that request; that of a message may be the one of the loop which takes all of them.
func TestIncomingInsideAnotherTrace(t *testing.T) {
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			ctx, loop := opik.StartSpan(rec.Context(), "loop", opik.SpanOptions{})
			_, span := start(ctx)
			span.End()
			loop.End()
			stays := name == "StartIncoming" || name == "IncomingRequest"
			assert.Equal(t, stays, span.TraceID() == loop.TraceID())
			assert.Equal(t, !stays, span.TraceID() == remoteTrace)
		})
	}
}

// A caller that somebody has extracted already, or that does not record, is not asked again.
func TestIncomingRequestIsPlacedOnce(t *testing.T) {
	rec := opiktest.New(t)
	const other = "019f3a5e-0000-7000-8000-00000000000c"
	ctx := opik.ExtractMap(rec.Context(), map[string]string{"opik_trace_id": other})
	_, span := opik.StartIncoming(received(ctx), "handle", opik.SpanOptions{})
	span.End()
	assert.Equal(t, other, span.TraceID())

	ctx = opik.ExtractMap(rec.Context(), map[string]string{"opik_sampled": "0"})
	r, span := opik.StartIncoming(received(ctx), "handle", opik.SpanOptions{})
	assert.Nil(t, span)
	_, span = opik.StartIncoming(received(r.Context()), "handle", opik.SpanOptions{})
	assert.Nil(t, span)
}

func TestIncomingFromWhoDoesNotRecord(t *testing.T) {
	rec := opiktest.New(t)
	r := httptest.NewRequestWithContext(rec.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("opik_sampled", "0")
	handled, span := opik.StartIncoming(r, "handle", opik.SpanOptions{})
	assert.Nil(t, span)
	_, span = opik.StartSpan(handled.Context(), "below", opik.SpanOptions{})
	assert.Nil(t, span)
	assert.Empty(t, rec.Traces())
}

func TestIncomingNil(t *testing.T) {
	rec := opiktest.New(t)
	r, span := opik.StartIncoming(nil, "handle", opik.SpanOptions{})
	assert.Nil(t, r)
	assert.Nil(t, span)
	ctx := rec.Context()
	assert.Equal(t, ctx, opik.IncomingRequest(ctx, nil))
	assert.Equal(t, ctx, opik.Incoming(ctx, grpcMetadata(nil)))
	assert.Equal(t, ctx, opik.IncomingMap(ctx, attributes(nil)))
	setDefault(t, rec.Client)
	_, span = opik.StartSpan(opik.IncomingMap(nil, calling), "handle", opik.SpanOptions{}) //nolint:staticcheck // a nil context is allowed
	span.End()
	assert.Equal(t, remoteTrace, span.TraceID())
}

// whereOff checks contexts below which nothing is recorded: no client records at all, or the one of the context does not.
func whereOff(t *testing.T, check func(t *testing.T, ctx context.Context)) {
	t.Helper()
	t.Run("nobody records", func(t *testing.T) {
		setDefault(t, &opik.Client{})
		check(t, context.Background())
	})
	setDefault(t, &opik.Client{})
	rec := opiktest.New(t)
	t.Run("another client records", func(t *testing.T) { check(t, context.Background()) })
	t.Run("no client", func(t *testing.T) { check(t, opik.WithClient(rec.Context(), nil)) })
}

func TestIncomingOff(t *testing.T) {
	header := grpcMetadata{"opik_trace_id": {remoteTrace}}
	check := func(t *testing.T, ctx context.Context) {
		t.Helper()
		r := received(ctx)
		assert.Zero(t, testing.AllocsPerRun(10, func() {
			_, _ = opik.StartIncoming(r, "handle", opik.SpanOptions{})
			_ = opik.IncomingRequest(opik.IncomingMap(opik.Incoming(ctx, header), calling), r)
		}))
		same, span := opik.StartIncoming(r, "handle", opik.SpanOptions{})
		assert.Same(t, r, same)
		assert.Nil(t, span)
		assert.Equal(t, ctx, opik.IncomingRequest(opik.IncomingMap(opik.Incoming(ctx, header), calling), r))
	}
	whereOff(t, check)
}
