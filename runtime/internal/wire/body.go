package wire

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// A body is what one request carries: the pieces of {"spans":[...]} and the payloads that read them.
type body struct {
	pieces     [][]byte
	size       int
	compressed bool

	zip      bytes.Buffer // the one piece, where the body is compressed
	writer   *gzip.Writer // nil until the first compression
	payloads []*payload
	home     *bodies
}

// bodies keeps bodies for the next request, because a compressor alone is more than a megabyte.
type bodies struct{ pool sync.Pool }

// get returns an empty body.
func (s *bodies) get() *body {
	if b, ok := s.pool.Get().(*body); ok {
		return b
	}
	return &body{home: s}
}

// newCompressor is the one place that knows who compresses. Level 1 takes less than half of the default's
// time, and what it leaves on the wire is a fifth more.
func newCompressor() *gzip.Writer {
	writer, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // fails only for a level that does not exist
	return writer
}

// What stands between the rows and after them. Nobody writes to it.
var (
	comma   = []byte(",")
	closing = []byte("]}")
)

// fill puts rows between the brackets of their kind's envelope, which a row that is the document itself does not have.
// The body refers to the rows until it is released.
func (b *body) fill(opening string, rows []record.Row) {
	if opening == "" {
		b.add(rows[0].Body)
		return
	}
	b.add([]byte(opening))
	for i, row := range rows {
		if i > 0 {
			b.add(comma)
		}
		b.add(row.Body)
	}
	b.add(closing)
}

// add appends a piece.
func (b *body) add(piece []byte) {
	b.pieces = append(b.pieces, piece)
	b.size += len(piece)
}

// compress replaces the pieces by one. A gzip.Writer fails only if what it writes to fails, and a bytes.Buffer does not.
func (b *body) compress() {
	if b.writer == nil {
		b.writer = newCompressor()
	}
	b.zip.Reset()
	b.writer.Reset(&b.zip)
	for _, piece := range b.pieces {
		_, _ = b.writer.Write(piece)
	}
	_ = b.writer.Close()
	clear(b.pieces)
	b.pieces, b.size, b.compressed = append(b.pieces[:0], b.zip.Bytes()), b.zip.Len(), true
}

// enclose makes the body that of a request.
func (b *body) enclose(request *http.Request) {
	request.GetBody = b.open
	request.ContentLength = int64(b.size)
	request.Body, _ = b.open() // never fails
	request.Header.Set("Content-Type", "application/json")
	if b.compressed {
		request.Header.Set("Content-Encoding", "gzip")
	}
}

// open returns a reader from the start, for the first attempt and for each that net/http makes by itself.
func (b *body) open() (io.ReadCloser, error) {
	p := &payload{pieces: b.pieces}
	b.payloads = append(b.payloads, p)
	return p, nil
}

// release closes the readers and gives the memory back.
func (b *body) release() {
	for _, p := range b.payloads {
		_ = p.Close() // never fails
	}
	clear(b.payloads)
	clear(b.pieces)
	b.payloads, b.pieces, b.size, b.compressed = b.payloads[:0], b.pieces[:0], 0, false
	b.home.pool.Put(b)
}
