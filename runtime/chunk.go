package opik

import "sync"

// chunkBytes is how much memory captured values are cut from at a time. They keep their whole chunk from being
// collected: a larger one would save little more, and cost those who hold on to spans that have ended. It is a size of
// which the allocator has four in a span of its own.
const chunkBytes = 18 << 10

// chunks makes room for the values of recordings that have ended. One by one they would cost a tenth of the work for a
// span, because the allocator has no more than three objects of the size of common values in a page.
type chunks struct{ pool sync.Pool } // of *chunk

// chunk is memory of which the beginning is taken.
type chunk struct{ b []byte }

// take returns memory for size bytes, which is empty.
func (c *chunks) take(size int) []byte {
	if size > chunkBytes/4 {
		return make([]byte, 0, size)
	}
	k, ok := c.pool.Get().(*chunk)
	if !ok {
		k = new(chunk)
	}
	defer c.pool.Put(k)
	return k.take(size)
}

func (k *chunk) take(size int) []byte {
	if cap(k.b)-len(k.b) < size {
		k.b = make([]byte, 0, chunkBytes)
	}
	start, end := len(k.b), len(k.b)+size
	k.b = k.b[:end]
	return k.b[start:start:end]
}
