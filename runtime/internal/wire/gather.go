package wire

import (
	"context"
	"io"
	"net"
	"net/http"
)

// gatherWrites makes the connections of a transport write bodies without copying them first. Left to itself net/http
// copies a body through a buffer of 32 KiB, with a system call for each, which is a tenth of what it costs to send a span.
func gatherWrites(transport *http.Transport) {
	dial := transport.DialContext
	if dial == nil {
		return
	}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if tcp, ok := conn.(*net.TCPConn); ok {
			return gatheringConn{tcp}, err
		}
		return conn, err
	}
}

// A gatheringConn writes payloads straight from their pieces. Under TLS nobody calls its ReadFrom.
type gatheringConn struct{ *net.TCPConn }

// ReadFrom is what net/http sends a body with: its beginning, which fits beside the headers, may be sent already.
func (c gatheringConn) ReadFrom(r io.Reader) (int64, error) {
	if limited, ok := r.(*io.LimitedReader); ok {
		if body, ok := limited.R.(*payload); ok {
			n, err := body.writeTo(c.TCPConn)
			limited.N -= n
			return n, err
		}
	}
	return c.TCPConn.ReadFrom(r)
}
