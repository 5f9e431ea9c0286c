package opikhttp

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// Transport returns a RoundTripper that makes a span of every request and sends the headers of the trace along, on a
// copy of the request, to the hosts that the options allow. inner makes the request; nil is http.DefaultTransport.
//
// The span has the method and the URL, without user, query and fragment, and the status. It ends when the body of the
// response is read to its end or closed, or at once if there is none: a stream is as long as it is. A status of 400 and
// more is a failure.
//
// An http.Client makes each redirect a request of its own, with a span of its own. Those to another host than that of the
// first request get no headers, whatever the options allow. Headers of a trace that the caller has put on a request
// himself are taken off where none are sent.
func Transport(inner http.RoundTripper, o Options) http.RoundTripper {
	if inner == nil {
		inner = http.DefaultTransport
	}
	return &transport{inner, o}
}

type transport struct {
	inner   http.RoundTripper
	options Options
}

// CloseIdleConnections is for http.Client, whose method of this name calls it.
func (t *transport) CloseIdleConnections() {
	if closer, ok := t.inner.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// RoundTrip makes a request.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL == nil || !opik.Enabled(r.Context()) {
		return t.inner.RoundTrip(r)
	}
	ctx, span := opik.StartSpan(r.Context(), r.Method+" "+r.URL.Host, opik.SpanOptions{})
	opik.CaptureInput(span, "method", r.Method)
	opik.CaptureInput(span, "url", r.URL.Scheme+"://"+r.URL.Host+r.URL.EscapedPath())
	return t.send(span, r, t.traced(ctx, r))
}

// traced returns a copy of a request with the headers of the trace, or without any.
func (t *transport) traced(ctx context.Context, r *http.Request) *http.Request {
	traced := r.WithContext(ctx)
	traced.Header = r.Header.Clone()
	if traced.Header == nil {
		traced.Header = http.Header{}
	}
	if t.options.allows(r.URL) && !redirect.Elsewhere(r) {
		opik.Inject(ctx, traced.Header)
	} else {
		redirect.Strip(traced.Header)
	}
	return traced
}

// send makes a request. Its span ends here, or with the body of the response.
func (t *transport) send(span *opik.Span, r, traced *http.Request) (*http.Response, error) {
	defer endOnPanic(span)
	response, err := t.inner.RoundTrip(traced)
	span.Returned(err)
	if response != nil && response.Request == traced {
		response.Request = r
	}
	if !follow(span, response) {
		span.End()
	}
	return response, err
}

// endOnPanic ends the span of a request that panics. Deferred, [opik.Span.End] would do so, but end all others, too.
func endOnPanic(span *opik.Span) {
	if v := recover(); v != nil {
		span.SetError(fmt.Errorf("panic: %v", v))
		span.End()
		panic(v)
	}
}

// follow records a response, and reports whether its body will end the span.
func follow(span *opik.Span, response *http.Response) bool {
	if span == nil || response == nil {
		return false
	}
	opik.CaptureOutput(span, "status", response.StatusCode)
	span.SetError(failureOf(response.StatusCode, http.StatusBadRequest))
	if response.Body == nil || response.Body == http.NoBody {
		return false
	}
	response.Body = bodyOf(response.Body, span)
	return true
}

// body is the body of a response, which ends a span.
type body struct {
	io.ReadCloser
	span   *opik.Span
	closed atomic.Bool // by its reader
}

// bodyOf returns a body that ends the span, and can be written to if the given one can: that of a response which
// switched to another protocol.
func bodyOf(of io.ReadCloser, span *opik.Span) io.ReadCloser {
	b := &body{ReadCloser: of, span: span}
	if w, ok := of.(io.Writer); ok {
		return struct {
			*body
			io.Writer
		}{b, w}
	}
	return b
}

// Read reads. The end of the body ends the span, and an error fails it.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end(err)
	}
	return n, err
}

// Close closes the body and ends the span.
func (b *body) Close() error {
	b.closed.Store(true)
	defer b.span.End()
	return b.ReadCloser.Close()
}

// end ends the span with what reading ended with. An error that closing made, as in one of the two goroutines that copy
// between the ends of a connection while the other one hangs up, is no failure.
func (b *body) end(err error) {
	if err != io.EOF && !b.closed.Load() { //nolint:errorlint // readers return it as it is
		b.span.SetError(err)
	}
	b.span.End()
}
