package wire

import (
	"io"
	"io/fs"
	"net"
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

	gathered [][]byte // memory for what one system call writes; nil until the first
}

// maxGathered is how many pieces are written at a time: some 300 KiB of common rows.
const maxGathered = 256

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

// writeTo writes the pieces straight from where they lie, many with one system call. Like a read it keeps Close waiting,
// which net/http ends by closing the connection of a request that is over.
func (b *payload) writeTo(w io.Writer) (written int64, err error) {
	for more := true; more && err == nil; {
		var n int64
		n, more, err = b.writeSome(w)
		written += n
	}
	return written, err
}

// writeSome writes some pieces and reports whether there are more.
func (b *payload) writeSome(w io.Writer) (written int64, more bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, false, fs.ErrClosed
	}
	if len(b.pieces) == 0 {
		return 0, false, nil
	}
	if b.gathered == nil {
		b.gathered = make([][]byte, min(len(b.pieces), maxGathered))
	}
	n := copy(b.gathered, b.pieces)
	b.gathered[0] = b.gathered[0][b.read:]
	b.pieces, b.read = b.pieces[n:], 0
	buffers := net.Buffers(b.gathered[:n]) // which are used up, and the pieces are not ours alone
	written, err = buffers.WriteTo(w)
	return written, len(b.pieces) > 0, err
}

// Close lets go of the pieces.
func (b *payload) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.pieces, b.gathered = true, nil, nil
	return nil
}
