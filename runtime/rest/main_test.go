package rest_test

import (
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What stands in requests and answers again and again.
const (
	key       = "s3cret-key"
	traceID   = "0199a5d2-ac96-774b-bcce-b302099a8057"
	spanID    = "0199a5d2-ac97-7a11-8f00-0242ac120002"
	modelID   = "0199a5d2-ac98-7c22-9f00-0242ac120003"
	commentID = "0199a5d2-ac99-7d33-af00-0242ac120004"
	projectID = "0199a5d2-ac9a-7e44-bf00-0242ac120005"
)

// captured is a request as the server saw it.
type captured struct {
	Method string
	Path   string // below the base
	Query  string
	Header http.Header
	Body   []byte
}

// A loopback is a server on this machine that answers as it is told and remembers what it was asked.
type loopback struct {
	*httptest.Server
	mu       sync.Mutex
	requests []captured
}

// serve starts a server.
func serve(t testing.TB, answer http.HandlerFunc) *loopback {
	t.Helper()
	l := &loopback{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		l.requests = append(l.requests, captured{r.Method, r.URL.Path, r.URL.RawQuery, r.Header, body})
		l.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(l.Close)
	return l
}

// asked returns the requests so far.
func (l *loopback) asked() []captured {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests)
}

// client returns a client of the server.
func (l *loopback) client(t testing.TB) *rest.Client {
	t.Helper()
	return newClient(t, rest.Options{URL: l.URL})
}

// newClient returns a client that knows nothing of this machine's environment.
func newClient(t testing.TB, o rest.Options) *rest.Client {
	t.Helper()
	o.APIKey, o.Isolated = key, true
	client, err := rest.New(o)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// connect starts a server and returns a client of it.
func connect(t testing.TB, answer http.HandlerFunc) *rest.Client {
	t.Helper()
	return serve(t, answer).client(t)
}

// pipe returns a client whose network is the handler, for tests in which time stands still.
func pipe(t testing.TB, answer http.HandlerFunc) *rest.Client {
	t.Helper()
	return newClient(t, rest.Options{URL: "http://opik.example.com/api", HTTPClient: &http.Client{Transport: fakeopik.Transport(answer)}})
}

// says answers with a document.
func says(document string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, document)
	}
}

// creates answers that something is at a place now.
func creates(id string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+r.Host+r.URL.Path+"/"+id)
		w.WriteHeader(http.StatusCreated)
	}
}

// fails answers with a status and a document.
func fails(status int, document string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, document)
	}
}

// uploads answers as a server that gives URLs on itself for the parts of an upload, and as the store behind them.
func uploads(id string, paths ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/private/attachment/upload-start":
			urls := make([]string, len(paths))
			for i, path := range paths {
				urls[i] = "http://" + r.Host + path
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"upload_id": id, "pre_sign_urls": urls})
		default:
			w.Header().Set("ETag", `"tag of `+r.URL.Path+`"`)
		}
	}
}

func done(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// collect reads a sequence to its end.
func collect[T any](sequence iter.Seq2[T, error]) (items []T, err error) {
	for item, err := range sequence {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// documentPath returns the path of Opik's API document, or skips the test.
func documentPath(t *testing.T) string {
	t.Helper()
	path := os.Getenv("OPIK_OPENAPI")
	if path == "" {
		path = "../../../shared/reference/opik-openapi.yaml"
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("Opik's API document is not at %s: set OPIK_OPENAPI to check all requests against it", path)
	}
	return path
}
