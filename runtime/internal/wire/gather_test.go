package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// rowsOf returns n rows of a size, each of another letter, and the request that they are sent in.
func rowsOf(n, size int) (rows []record.Row, request string) {
	var bodies []string
	for i := range n {
		body := `"` + strings.Repeat(string(rune('a'+i%26)), size) + `"`
		bodies = append(bodies, body)
		rows = append(rows, record.Row{Kind: record.KindSpan, Body: []byte(body)})
	}
	return rows, `{"spans":[` + strings.Join(bodies, ",") + `]}`
}

// newLoopback returns a client with connections of its own to a real server.
func newLoopback(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := New(Config{URL: server.URL, NoCompression: true})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func TestOwnConnectionsGatherWhatTheySend(t *testing.T) {
	var got []byte
	client := newLoopback(t, func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		assert.Equal(t, int64(len(got)), r.ContentLength)
		w.WriteHeader(http.StatusNoContent)
	})
	for _, n := range []int{1, 2, 127, 128, 129, 1000} {
		for _, size := range []int{1, 3000} {
			rows, want := rowsOf(n, size)
			require.NoError(t, client.Deliver(t.Context(), rows))
			assert.True(t, bytes.Equal([]byte(want), got), "%d rows of %d bytes", n, size)
		}
	}
}

func TestAPayloadIsWrittenFromWhereItWasReadTo(t *testing.T) {
	var pieces [][]byte
	for i := range 600 {
		pieces = append(pieces, bytes.Repeat([]byte{byte(i)}, i%5))
	}
	want := slices.Concat(pieces...)
	for _, read := range []int{0, 1, 700, 702, len(want)} { // 702 is in the middle of a piece
		p := &payload{pieces: pieces}
		head := make([]byte, read)
		_, _ = io.ReadFull(p, head)
		var rest bytes.Buffer
		n, err := p.writeTo(&rest)
		require.NoError(t, err)
		assert.Equal(t, int64(len(want)-read), n)
		assert.Equal(t, want, append(head, rest.Bytes()...))
	}
	p := &payload{pieces: pieces}
	failed := errors.New("the connection is gone")
	_, err := p.writeTo(writerFunc(func([]byte) (int, error) { return 0, failed }))
	require.ErrorIs(t, err, failed)
	require.NotEmpty(t, p.pieces, "it did not go on")
	require.NoError(t, p.Close())
	_, err = p.writeTo(io.Discard)
	require.ErrorIs(t, err, fs.ErrClosed)
	assert.Equal(t, want, slices.Concat(pieces...), "the pieces are there for the next attempt")
}

// writerFunc is a connection.
type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestOtherBodiesAreSentAsEver(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // nothing to wait for
	require.NoError(t, err)
	sent := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if !assert.NoError(t, err) {
			return
		}
		text, _ := io.ReadAll(conn)
		sent <- string(text)
		_ = conn.Close()
	}()
	transport := &http.Transport{DialContext: new(net.Dialer).DialContext}
	gatherWrites(transport)
	conn, err := transport.DialContext(t.Context(), "tcp", listener.Addr().String())
	require.NoError(t, err)
	n, err := conn.(gatheringConn).ReadFrom(io.LimitReader(strings.NewReader("abcdef"), 4))
	require.NoError(t, err)
	assert.Equal(t, int64(4), n)

	p := &payload{pieces: [][]byte{[]byte("ghi"), []byte("jk")}}
	limited := &io.LimitedReader{R: p, N: 5}
	n, err = conn.(gatheringConn).ReadFrom(limited)
	require.NoError(t, err)
	assert.Equal(t, int64(5), n)
	assert.Zero(t, limited.N, "as if it was read")
	assert.NotNil(t, p.gathered, "it was not copied")

	require.NoError(t, p.Close())
	_, err = conn.(gatheringConn).ReadFrom(&io.LimitedReader{R: p, N: 5})
	require.ErrorIs(t, err, fs.ErrClosed)
	require.NoError(t, conn.Close())
	assert.Equal(t, "abcdghijk", <-sent)
	require.NoError(t, listener.Close())
	_, err = transport.DialContext(t.Context(), "tcp", listener.Addr().String())
	assert.Error(t, err, "nobody listens any more")
}

func TestOtherConnectionsStayAsTheyAre(t *testing.T) {
	transport := &http.Transport{}
	gatherWrites(transport)
	assert.Nil(t, transport.DialContext, "as net/http dials by itself")

	ours, theirs := net.Pipe()
	defer func() { _, _ = ours.Close(), theirs.Close() }()
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return ours, nil }
	gatherWrites(transport)
	conn, err := transport.DialContext(t.Context(), "tcp", "opik.example.com:443")
	require.NoError(t, err)
	assert.Same(t, ours, conn)
}

// TestCloseLetsGoOfConnections watches from the side of the server.
func TestCloseLetsGoOfConnections(t *testing.T) {
	closed := make(chan bool, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- true
		}
	}
	server.Start()
	defer server.Close()
	client, err := New(Config{URL: server.URL})
	require.NoError(t, err)
	rows, _ := rowsOf(1, 1)
	require.NoError(t, client.Deliver(t.Context(), rows))
	assert.Empty(t, closed)
	client.Close()
	<-closed
}
