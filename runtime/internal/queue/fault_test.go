package queue_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/queue"
)

// A network stands between the client and a server, and does what networks do.
type network func(server http.RoundTripper, r *http.Request) (*http.Response, error)

// faults returns the networks of the matrix that need no socket. Most work again some time after the first request.
func faults() map[string]network {
	return map[string]network{
		"500 for 3 s": during(3*time.Second, func(*http.Request) (*http.Response, error) {
			return status(http.StatusInternalServerError, nil), nil
		}),
		"429 with a hint for 3 s": during(3*time.Second, func(*http.Request) (*http.Response, error) {
			return status(http.StatusTooManyRequests, http.Header{"Ratelimit-Reset": {"1"}}), nil
		}),
		"refused for 3 s": during(3*time.Second, func(*http.Request) (*http.Response, error) {
			return nil, syscall.ECONNREFUSED
		}),
		"refused for 10 minutes": during(10*time.Minute, func(*http.Request) (*http.Response, error) {
			return nil, syscall.ECONNREFUSED
		}),
		"no answer for 3 minutes": during(3*time.Minute, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}),
		"401 for a minute": during(time.Minute, func(*http.Request) (*http.Response, error) {
			return status(http.StatusUnauthorized, nil), nil
		}),
		"every second answer lost after storing": everySecond(func(server http.RoundTripper, r *http.Request) (*http.Response, error) {
			response, err := server.RoundTrip(r)
			if err == nil {
				_ = response.Body.Close()
			}
			return nil, io.ErrUnexpectedEOF
		}),
		"200 ms latency": func(server http.RoundTripper, r *http.Request) (*http.Response, error) {
			<-time.After(200 * time.Millisecond)
			return server.RoundTrip(r)
		},
	}
}

func TestFaultsLoseNothing(t *testing.T) {
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &fakeopik.Server{}
				q := newFaultyQueue(t, server, fault)
				start := time.Now()
				pushUnits(q, 10_000)
				assert.Zero(t, time.Since(start), "the caller never waits")
				require.NoError(t, q.Close(t.Context()))
				assert.Len(t, server.Spans(), 8000)
				assert.Len(t, server.Traces(), 2000)
			})
		})
	}
}

func TestFaultsOfRowsLoseOnlyThem(t *testing.T) {
	tests := []struct {
		name   string
		server *fakeopik.Server
		spans  int
		loss   string
	}{
		{"413 over 1 MB", &fakeopik.Server{MaxBytes: 1 << 20}, 8000, ""},
		{"413 over 20 KB", &fakeopik.Server{MaxBytes: 20_000}, 8000, ""},
		{"one poisonous row in a thousand", &fakeopik.Server{Refuse: poisonous}, 7990, "10 rows did not arrive: 10 dropped (invalid)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newFaultyQueue(t, test.server, network(http.RoundTripper.RoundTrip))
				pushUnits(q, 10_000)
				err := q.Close(t.Context())
				if test.loss == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, test.loss)
				}
				assert.Len(t, test.server.Spans(), test.spans)
				assert.Len(t, test.server.Traces(), 2000)
			})
		})
	}
}

// poisonous blames the rows whose number ends in 500.
func poisonous(row json.RawMessage) string {
	if strings.HasSuffix(nameOf(row), "500") {
		return "row is poisonous"
	}
	return ""
}

func TestAServerThatNeverAnswersCostsTheRowsAtClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newFaultyQueue(t, &fakeopik.Server{}, func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		pushUnits(q, 10_000)
		require.ErrorContains(t, closeWithin(t, q, 5*time.Second), "10000 rows did not arrive: 10000 dropped (unsaved)")
	})
}

// TestConnectionsThatBreak needs sockets: what the client sees is what the system makes of a connection that goes.
func TestConnectionsThatBreak(t *testing.T) {
	tests := map[string]func(server *fakeopik.Server, w http.ResponseWriter, r *http.Request){
		"cut in mid-body": func(_ *fakeopik.Server, w http.ResponseWriter, r *http.Request) {
			_, _ = io.CopyN(io.Discard, r.Body, 1000)
			hangUp(w)
		},
		"cut after storing": func(server *fakeopik.Server, w http.ResponseWriter, r *http.Request) {
			server.ServeHTTP(httptest.NewRecorder(), r)
			hangUp(w)
		},
		"cut in the answer": func(server *fakeopik.Server, w http.ResponseWriter, r *http.Request) {
			server.ServeHTTP(httptest.NewRecorder(), r)
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"cut`)
			hangUp(w)
		},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			opik := &fakeopik.Server{}
			var requests atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1)%3 == 1 {
					fault(opik, w, r)
					return
				}
				opik.ServeHTTP(w, r)
			}))
			defer server.Close()
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			q := queue.New(queue.Config{Sink: clientOf(t, server.URL, transport), Limits: opikLimits, Senders: 2})
			pushUnits(q, 10_000)
			require.NoError(t, q.Close(t.Context()))
			assert.Len(t, opik.Spans(), 8000)
			assert.Len(t, opik.Traces(), 2000)
		})
	}
}

// hangUp closes the connection of a request.
func hangUp(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// newFaultyQueue returns a queue with a network before the server.
func newFaultyQueue(t *testing.T, server http.RoundTripper, fault network) *queue.Queue {
	t.Helper()
	client := clientOf(t, "http://opik.example.com", roundTripper(func(r *http.Request) (*http.Response, error) {
		defer func() { _ = r.Body.Close() }()
		return fault(server, r)
	}))
	return queue.New(queue.Config{Sink: client, Limits: opikLimits, Senders: 2})
}

// roundTripper is a network without a server.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip makes the request.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// during is a network that fails for some time after the first request.
func during(d time.Duration, fail func(*http.Request) (*http.Response, error)) network {
	var first atomic.Pointer[time.Time]
	return func(server http.RoundTripper, r *http.Request) (*http.Response, error) {
		now := time.Now()
		first.CompareAndSwap(nil, &now)
		if time.Since(*first.Load()) < d {
			return fail(r)
		}
		return server.RoundTrip(r)
	}
}

// everySecond is a network where every second request goes wrong.
func everySecond(wrong network) network {
	var requests atomic.Int64
	return func(server http.RoundTripper, r *http.Request) (*http.Response, error) {
		if requests.Add(1)%2 == 1 {
			return wrong(server, r)
		}
		return server.RoundTrip(r)
	}
}

// status is an answer without a body.
func status(code int, header http.Header) *http.Response {
	return &http.Response{StatusCode: code, Header: header, Body: http.NoBody}
}
