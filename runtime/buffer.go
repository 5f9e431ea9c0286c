package opik

import "sync"

// buffer is memory for values that are being captured and rows that are being written. It is lent from a pool: a
// span gives its own back when it ends.
type buffer struct{ b []byte }

var buffers = sync.Pool{New: func() any { return &buffer{make([]byte, 0, 2048)} }}

// maxPooledBuffer keeps a single gigantic value from occupying memory for ever.
const maxPooledBuffer = 64 << 10

func getBuffer() *buffer { return buffers.Get().(*buffer) }

func (b *buffer) release() {
	if cap(b.b) <= maxPooledBuffer {
		b.b = b.b[:0]
		buffers.Put(b)
	}
}
