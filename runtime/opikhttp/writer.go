package opikhttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// writer notes which status a handler answers. All else it leaves to the ResponseWriter of the server.
type writer struct {
	http.ResponseWriter
	status   int // 0: none yet
	hijacked bool
}

// Unwrap returns the ResponseWriter of the server, for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader notes the status. Those below 200 but 101 only announce another.
func (w *writer) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.answered(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes to the body.
func (w *writer) Write(p []byte) (int, error) {
	w.answered(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// WriteString writes to the body, without a copy where the server can.
func (w *writer) WriteString(s string) (int, error) {
	w.answered(http.StatusOK)
	return io.WriteString(w.ResponseWriter, s)
}

// answered notes a status, of which the first counts.
func (w *writer) answered(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// flusher is what a writer has beside if the server can flush.
type flusher struct{ w *writer }

// Flush sends what was written so far, and the header before it.
func (f flusher) Flush() {
	f.w.answered(http.StatusOK)
	f.w.ResponseWriter.(http.Flusher).Flush()
}

// FlushError is Flush with an error, which http.ResponseController asks for.
func (f flusher) FlushError() error {
	f.w.answered(http.StatusOK)
	return http.NewResponseController(f.w.ResponseWriter).Flush()
}

// hijacker is what a writer has beside if the server gives connections away.
type hijacker struct{ w *writer }

// Hijack hands the connection over.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := h.w.ResponseWriter.(http.Hijacker).Hijack()
	h.w.hijacked = err == nil
	return conn, rw, err
}

// copier is what a writer has beside if the server reads from a reader by itself, which it may leave to the kernel.
type copier struct{ w *writer }

// ReadFrom copies to the body.
func (c copier) ReadFrom(src io.Reader) (int64, error) {
	c.w.answered(http.StatusOK)
	return c.w.ResponseWriter.(io.ReaderFrom).ReadFrom(src)
}
