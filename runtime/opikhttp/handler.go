package opikhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	opik "github.com/opikgen/opikgen/runtime"
)

// Handler returns a handler that makes a span of every request that inner answers, below the span of the caller if
// the request names one. Inner finds the span in the context of the request, and sees a ResponseWriter that can do what
// the server's can: flush, be hijacked, and so on.
//
// The span has the method and the path of the request, without its query, and the status of the answer. Its name is the
// pattern of the route, which http.ServeMux enters, whether Handler is around the mux or below it; else it is the
// method. A panic is recorded and goes on. http.ErrAbortHandler, which is how a handler hangs up on purpose, is no
// failure, and nor is a client that does not wait for the answer; a status of 500 and more is.
//
// One thing is lost, as with every ResponseWriter that wraps the server's: http.MaxBytesReader, given that of inner, cannot
// make the server close the connection of a request that is too large.
//
// Below another Handler, and wherever else there is a trace already, the headers of the request are not looked at.
func Handler(inner http.Handler, o Options) http.Handler { return &handler{inner, o} }

type handler struct {
	inner   http.Handler
	options Options
}

// ServeHTTP answers a request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if !opik.Enabled(ctx) {
		h.inner.ServeHTTP(w, r)
		return
	}
	if opik.CurrentTrace(ctx) == nil {
		ctx = opik.Extract(ctx, r.Header)
	}
	ctx, span := opik.StartSpan(ctx, nameOf(r), opik.SpanOptions{Flush: h.options.Flush})
	traced := r.WithContext(ctx)
	defer restore(r, traced)
	if span == nil {
		h.inner.ServeHTTP(w, traced)
		return
	}
	opik.CaptureInput(span, "method", r.Method)
	opik.CaptureInput(span, "path", r.URL.Path)
	x := &exchange{span: span, request: traced, writer: writer{ResponseWriter: w}}
	defer span.End()
	defer x.finish()
	h.inner.ServeHTTP(x.writer.like(w), traced)
	x.returned = true
}

// nameOf returns the name of the span of a request, as far as it is known.
func nameOf(r *http.Request) string {
	if r.Pattern == "" || strings.Contains(r.Pattern, " ") {
		return orMethod(r.Pattern, r.Method)
	}
	return r.Method + " " + r.Pattern
}

func orMethod(pattern, method string) string {
	if pattern == "" {
		return method
	}
	return pattern
}

// restore brings what inner learned back to the request that the server has: those around look at the pattern, and the
// server removes the files of a form.
func restore(r, inner *http.Request) {
	r.Pattern, r.MultipartForm = inner.Pattern, inner.MultipartForm
}

// exchange is a request and its answer.
type exchange struct {
	span     *opik.Span
	request  *http.Request // as inner has it
	writer   writer
	returned bool
}

// finish says of the span what is known in the end. Deferred, it ends the span of a handler that hangs up, before
// [opik.Span.End] could take that for a failure.
func (x *exchange) finish() {
	x.describe()
	if x.returned {
		x.span.Returned(failureOf(x.writer.status, http.StatusInternalServerError))
		return
	}
	v := recover()
	if v == nil {
		return // runtime.Goexit
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // the server compares it so, too
		opik.CaptureMetadata(x.span, "aborted", true)
		x.span.Returned()
		x.span.End()
	}
	panic(v)
}

// describe records the route and the answer.
func (x *exchange) describe() {
	x.span.SetName(nameOf(x.request))
	switch {
	case x.writer.hijacked:
		opik.CaptureMetadata(x.span, "hijacked", true)
	case x.returned:
		x.writer.answered(http.StatusOK) // as the server does for a handler that wrote nothing
	}
	if x.writer.status != 0 {
		opik.CaptureOutput(x.span, "status", x.writer.status)
	}
	if errors.Is(x.request.Context().Err(), context.Canceled) { // and no deadline of somebody around
		opik.CaptureMetadata(x.span, "disconnected", true)
	}
}

// statusError is the failure of a request that was answered, with a status.
type statusError int

// Error says which status.
func (e statusError) Error() string {
	return fmt.Sprintf("the answer was %d %s", int(e), http.StatusText(int(e)))
}

// failureOf returns a status as an error if it is one.
func failureOf(status, from int) error {
	if status < from {
		return nil
	}
	return statusError(status)
}
