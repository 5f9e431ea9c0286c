package wire

import (
	"io"
	"io/fs"
	"sync"
)

// A payload is the body of a request, read from the pieces where they lie: nothing is joined in memory.
//
// net/http may still be reading a body after the request has returned, when the server answers early or the
// context ends. Close waits for a read that is under way and fails those that follow, so whoever closes a payload may
// use the memory of its pieces again.
type payload struct {
	mu     sync.Mutex
	pieces [][]byte // what is left to read
	read   int      // how much of the first piece was read
	closed bool
}

// Read fills p with as many pieces as fit.
func (b *payload) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, fs.ErrClosed
	}
	n := 0
	for n < len(p) && len(b.pieces) > 0 {
		n += b.copyFirst(p[n:])
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// copyFirst copies from the first piece and goes on to the next when it is used up.
func (b *payload) copyFirst(p []byte) int {
	n := copy(p, b.pieces[0][b.read:])
	b.read += n
	if b.read == len(b.pieces[0]) {
		b.pieces, b.read = b.pieces[1:], 0
	}
	return n
}

// Close lets go of the pieces.
func (b *payload) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.pieces = true, nil
	return nil
}
