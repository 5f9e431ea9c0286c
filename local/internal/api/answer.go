package api

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/opikgen/opikgen/local/internal/store"
)

// A refusal is an answer that blames the request. Opik has two forms of it: a list of errors, or a code with a message.
type refusal struct {
	status  int
	errors  []string
	message string
	details string
}

// Error tells what was wrong.
func (r *refusal) Error() string { return strings.Join(append(r.errors, r.message), "; ") }

// body is what the client reads.
func (r *refusal) body() any {
	if len(r.errors) > 0 {
		return map[string][]string{"errors": r.errors}
	}
	return struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Details string `json:"details,omitempty"`
	}{r.status, r.message, r.details}
}

// invalid is the refusal of a value that breaks a rule.
func invalid(messages ...string) error {
	return &refusal{status: http.StatusUnprocessableEntity, errors: messages}
}

// bad is the refusal of a request that cannot be understood.
func bad(message string) error {
	return &refusal{status: http.StatusBadRequest, errors: []string{message}}
}

// missing is the refusal of an id that is not there.
func missing(what string) error {
	return &refusal{status: http.StatusNotFound, errors: []string{what + " not found"}}
}

// answered turns a handler's error into an answer.
func (s *server) answered(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			s.refuse(w, r, err)
		}
	})
}

// refuse answers an error. What nobody asked for is logged.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	refused := asRefusal(err)
	if refused.status == http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.log.ErrorContext(r.Context(), "answering a request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	writeJSON(w, refused.status, refused.body())
}

// asRefusal says which answer an error is.
func asRefusal(err error) *refusal {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused
	}
	if conflict, ok := errors.AsType[store.Conflict](err); ok {
		return &refusal{status: http.StatusConflict, errors: []string{conflict.Error()}}
	}
	if unknown, ok := errors.AsType[store.Unknown](err); ok {
		return &refusal{status: http.StatusBadRequest, errors: []string{unknown.Error()}}
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		_ = tooLarge
		return &refusal{status: http.StatusRequestEntityTooLarge, message: "Request Entity Too Large"}
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &refusal{status: http.StatusNotFound, errors: []string{"Not found"}}
	case errors.Is(err, store.ErrTooManyTags):
		return &refusal{status: http.StatusUnprocessableEntity, errors: []string{err.Error()}}
	}
	return &refusal{status: http.StatusInternalServerError, message: "There was an error processing your request. See opik-local's log."}
}

// writeJSON answers with a document. The client may be gone.
func writeJSON(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(document)
}

// noContent answers that all is well.
func (s *server) noContent(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// done answers that all is well, unless it is not.
func done(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// answer answers with a document, unless there is an error.
func answer(w http.ResponseWriter, document any, err error) error {
	if err == nil {
		writeJSON(w, http.StatusOK, document)
	}
	return err
}

// created answers that something was made, and where it is.
func created(w http.ResponseWriter, base, id string, err error) error {
	if err == nil {
		w.Header().Set("Location", base+"/"+id)
		w.WriteHeader(http.StatusCreated)
	}
	return err
}

// named says of an error that nothing was found what was not found.
func named(what string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return missing(what)
	}
	return err
}

// gzips are writers to use again.
var gzips = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// compressed answers in gzip whom it helps: clients that ask for it and text that can be compressed.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			next.ServeHTTP(w, r)
			return
		}
		zipped := &gzipWriter{ResponseWriter: w}
		defer zipped.close()
		next.ServeHTTP(zipped, r)
	})
}

// gzipWriter decides by the answer's headers whether it is compressed.
type gzipWriter struct {
	http.ResponseWriter
	zip     *gzip.Writer
	decided bool
}

// isText reports whether an answer of a type gets smaller.
func isText(contentType string) bool {
	texts := []string{"application/json", "text/html", "text/css", "text/javascript", "image/svg"}
	return slices.ContainsFunc(texts, func(prefix string) bool { return strings.HasPrefix(contentType, prefix) })
}

// WriteHeader starts compressing where there will be a body to compress.
func (g *gzipWriter) WriteHeader(status int) {
	if !g.decided {
		g.decided = true
		header := g.Header()
		if status != http.StatusNoContent && status != http.StatusNotModified && header.Get("Content-Encoding") == "" && isText(header.Get("Content-Type")) {
			header.Set("Content-Encoding", "gzip")
			header.Del("Content-Length")
			g.zip, _ = gzips.Get().(*gzip.Writer)
			g.zip.Reset(g.ResponseWriter)
		}
	}
	g.ResponseWriter.WriteHeader(status)
}

// Write writes through the compression, where there is one.
func (g *gzipWriter) Write(text []byte) (int, error) {
	if !g.decided {
		g.WriteHeader(http.StatusOK)
	}
	if g.zip == nil {
		return g.ResponseWriter.Write(text)
	}
	return g.zip.Write(text)
}

// Unwrap lets http.ResponseController through to flush.
func (g *gzipWriter) Unwrap() http.ResponseWriter { return g.ResponseWriter }

// close ends the compression.
func (g *gzipWriter) close() {
	if g.zip == nil {
		return
	}
	_ = g.zip.Close() // the client may be gone
	gzips.Put(g.zip)
}
