package opik

import (
	"bytes"
	"sync"
)

// chunkBytes is how much memory the bodies of rows are cut from at a time. A body keeps its whole chunk from being
// collected: a larger one would save little more, and cost those who hold on to spans that have ended.
const chunkBytes = 16 << 10

// chunks makes the bodies of rows. One by one they would cost a tenth of the work for a span, because the allocator
// has no more than three objects of the size of a common row in a page.
type chunks struct{ pool sync.Pool } // of *chunk

// chunk is memory of which the beginning is taken.
type chunk struct{ b []byte }

// clone returns a copy of a row that was written.
func (c *chunks) clone(row []byte) []byte {
	if len(row) > chunkBytes/4 {
		return bytes.Clone(row)
	}
	k, ok := c.pool.Get().(*chunk)
	if !ok {
		k = new(chunk)
	}
	defer c.pool.Put(k)
	return k.clone(row)
}

func (k *chunk) clone(row []byte) []byte {
	if cap(k.b)-len(k.b) < len(row) {
		k.b = make([]byte, 0, chunkBytes)
	}
	start := len(k.b)
	k.b = append(k.b, row...)
	return k.b[start:len(k.b):len(k.b)]
}
