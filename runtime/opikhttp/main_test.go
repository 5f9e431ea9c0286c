package opikhttp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opikhttp"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	remoteTrace  = "019f3a5e-0000-7000-8000-00000000000a"
	remoteParent = "019f3a5e-0000-7000-8000-00000000000b"
)

// within runs h in the context of a recorder, as a server does whose BaseContext it is.
func within(rec *opiktest.Recorder, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(opik.WithClient(r.Context(), rec.Client)))
	})
}

// serve starts a server whose requests a recorder sees, and whose Handler is around h. The test waits for the handlers,
// also for those that took their connection away from the server.
func serve(t *testing.T, rec *opiktest.Recorder, h http.Handler) *httptest.Server {
	t.Helper()
	var handlers sync.WaitGroup
	traced := within(rec, opikhttp.Handler(h, opikhttp.Options{}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers.Add(1)
		defer handlers.Done()
		traced.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		handlers.Wait()
	})
	return server
}

// get returns a request in the context of a recorder.
func get(t *testing.T, rec *opiktest.Recorder, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(rec.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	return r
}

// answer is a response that was read.
type answer struct {
	status  int
	body    string
	request *http.Request
}

// do sends a request by a client of its own.
func do(t *testing.T, transport http.RoundTripper, r *http.Request) answer {
	t.Helper()
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	response, err := client.Do(r)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return answer{response.StatusCode, string(text), response.Request}
}

// only returns the one span of the one trace.
func only(t *testing.T, rec *opiktest.Recorder) *opiktest.Span {
	t.Helper()
	traces := rec.Traces()
	require.Len(t, traces, 1)
	require.Len(t, traces[0].Spans, 1)
	assert.Empty(t, traces[0].Spans[0].Spans)
	return traces[0].Spans[0]
}

// assertFailed checks how a span failed. "" is not at all.
func assertFailed(t *testing.T, want string, span *opiktest.Span) {
	t.Helper()
	if want == "" {
		assert.Nil(t, span.Error)
		return
	}
	require.NotNil(t, span.Error)
	assert.Equal(t, want, span.Error.Message)
}

// plain returns a transport with connections of its own.
func plain(t *testing.T) *http.Transport {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}
