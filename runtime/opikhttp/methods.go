package opikhttp

import (
	"io"
	"net/http"
)

// The optional methods of a ResponseWriter, as bits.
const (
	flushes = 1 << iota
	hijacks
	copies
	pushes
)

// methodsOf returns which optional methods a ResponseWriter has.
func methodsOf(w http.ResponseWriter) (methods int) {
	if _, ok := w.(http.Flusher); ok {
		methods |= flushes
	}
	if _, ok := w.(http.Hijacker); ok {
		methods |= hijacks
	}
	if _, ok := w.(io.ReaderFrom); ok {
		methods |= copies
	}
	if _, ok := w.(http.Pusher); ok {
		methods |= pushes
	}
	return methods
}

// like returns w as a value that has the optional methods of the server's ResponseWriter and no others: handlers ask
// for them to find out what they can do. Which methods a value has is up to its type, so there is a type for each set.
func (w *writer) like(server http.ResponseWriter) http.ResponseWriter {
	f, h, c := flusher{w}, hijacker{w}, copier{w}
	p, _ := server.(http.Pusher)
	switch methodsOf(server) {
	case flushes:
		return writerF{w, f}
	case hijacks:
		return writerH{w, h}
	case flushes | hijacks:
		return writerFH{w, f, h}
	case copies:
		return writerC{w, c}
	case flushes | copies:
		return writerFC{w, f, c}
	case hijacks | copies:
		return writerHC{w, h, c}
	case flushes | hijacks | copies:
		return writerFHC{w, f, h, c}
	case pushes:
		return writerP{w, p}
	case flushes | pushes:
		return writerFP{w, f, p}
	case hijacks | pushes:
		return writerHP{w, h, p}
	case flushes | hijacks | pushes:
		return writerFHP{w, f, h, p}
	case copies | pushes:
		return writerCP{w, c, p}
	case flushes | copies | pushes:
		return writerFCP{w, f, c, p}
	case hijacks | copies | pushes:
		return writerHCP{w, h, c, p}
	case flushes | hijacks | copies | pushes:
		return writerFHCP{w, f, h, c, p}
	default:
		return w
	}
}

// The sets of optional methods, each named by its members.
type (
	writerF struct {
		*writer
		flusher
	}
	writerH struct {
		*writer
		hijacker
	}
	writerFH struct {
		*writer
		flusher
		hijacker
	}
	writerC struct {
		*writer
		copier
	}
	writerFC struct {
		*writer
		flusher
		copier
	}
	writerHC struct {
		*writer
		hijacker
		copier
	}
	writerFHC struct {
		*writer
		flusher
		hijacker
		copier
	}
	writerP struct {
		*writer
		http.Pusher
	}
	writerFP struct {
		*writer
		flusher
		http.Pusher
	}
	writerHP struct {
		*writer
		hijacker
		http.Pusher
	}
	writerFHP struct {
		*writer
		flusher
		hijacker
		http.Pusher
	}
	writerCP struct {
		*writer
		copier
		http.Pusher
	}
	writerFCP struct {
		*writer
		flusher
		copier
		http.Pusher
	}
	writerHCP struct {
		*writer
		hijacker
		copier
		http.Pusher
	}
	writerFHCP struct {
		*writer
		flusher
		hijacker
		copier
		http.Pusher
	}
)
