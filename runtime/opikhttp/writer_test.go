package opikhttp_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/opikhttp"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// The parts of a ResponseWriter that a server may have or not.
type (
	hijacks struct{ http.ResponseWriter }
	pushes  struct{ http.ResponseWriter }
)

func (hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, http.ErrHijacked }
func (pushes) Push(string, *http.PushOptions) error          { return http.ErrNotSupported }

// writers are ResponseWriters with every set of optional methods.
func writers(w http.ResponseWriter) []http.ResponseWriter {
	f, h, c, p := w.(http.Flusher), hijacks{w}, struct{ io.ReaderFrom }{}, pushes{w}
	type W = http.ResponseWriter
	type F = http.Flusher
	type H = http.Hijacker
	type C = io.ReaderFrom
	type P = http.Pusher
	return []W{
		struct{ W }{w},
		struct {
			W
			F
		}{w, f},
		struct {
			W
			H
		}{w, h},
		struct {
			W
			F
			H
		}{w, f, h},
		struct {
			W
			C
		}{w, c},
		struct {
			W
			F
			C
		}{w, f, c},
		struct {
			W
			H
			C
		}{w, h, c},
		struct {
			W
			F
			H
			C
		}{w, f, h, c},
		struct {
			W
			P
		}{w, p},
		struct {
			W
			F
			P
		}{w, f, p},
		struct {
			W
			H
			P
		}{w, h, p},
		struct {
			W
			F
			H
			P
		}{w, f, h, p},
		struct {
			W
			C
			P
		}{w, c, p},
		struct {
			W
			F
			C
			P
		}{w, f, c, p},
		struct {
			W
			H
			C
			P
		}{w, h, c, p},
		struct {
			W
			F
			H
			C
			P
		}{w, f, h, c, p},
	}
}

func methods(w http.ResponseWriter) [4]bool {
	_, f := w.(http.Flusher)
	_, h := w.(http.Hijacker)
	_, c := w.(io.ReaderFrom)
	_, p := w.(http.Pusher)
	return [4]bool{f, h, c, p}
}

func TestTheWriterHasTheMethodsOfTheServer(t *testing.T) {
	rec := opiktest.New(t)
	seen := map[[4]bool]bool{}
	for _, w := range writers(httptest.NewRecorder()) {
		inner := http.HandlerFunc(func(traced http.ResponseWriter, _ *http.Request) {
			assert.Equal(t, methods(w), methods(traced))
			assert.Equal(t, w, traced.(interface{ Unwrap() http.ResponseWriter }).Unwrap())
		})
		seen[methods(w)] = true
		within(rec, opikhttp.Handler(inner, opikhttp.Options{})).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	}
	assert.Len(t, seen, 16)
}

// flushes is a ResponseWriter whose connection is gone.
type flushes struct{ http.ResponseWriter }

func (flushes) Flush()            {}
func (flushes) FlushError() error { return net.ErrClosed }

func TestTheWriterPassesErrorsOn(t *testing.T) {
	rec := opiktest.New(t)
	serve := func(w http.ResponseWriter, inner http.HandlerFunc) {
		within(rec, opikhttp.Handler(inner, opikhttp.Options{})).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	}
	serve(flushes{httptest.NewRecorder()}, func(w http.ResponseWriter, _ *http.Request) {
		assert.ErrorIs(t, http.NewResponseController(w).Flush(), net.ErrClosed)
	})
	serve(hijacks{httptest.NewRecorder()}, func(w http.ResponseWriter, _ *http.Request) {
		_, _, err := http.NewResponseController(w).Hijack()
		assert.ErrorIs(t, err, http.ErrHijacked)
	})
	for _, trace := range rec.Traces() {
		assert.NotContains(t, trace.Spans[0].Metadata, "hijacked")
		assert.Equal(t, map[string]any{"status": 200.0}, trace.Spans[0].Output)
	}
}

// A copy to the writer of a server over TCP is left to the server, and so is a deadline.
func TestTheWriterPassesOn(t *testing.T) {
	rec := opiktest.New(t)
	server := serve(t, rec, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		assert.NoError(t, http.NewResponseController(w).EnableFullDuplex())
		n, err := io.Copy(w, strings.NewReader("copied"))
		assert.NoError(t, err)
		assert.EqualValues(t, 6, n)
		assert.NoError(t, http.NewResponseController(w).Flush())
	}))
	got := do(t, nil, get(t, rec, server.URL))
	assert.Equal(t, "copied", got.body)
}
