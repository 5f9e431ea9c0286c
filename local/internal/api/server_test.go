package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/local/internal/api"
	"github.com/opikgen/opikgen/local/internal/page"
	"github.com/opikgen/opikgen/local/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// object is a JSON object.
type object = map[string]any

// client calls a server of its own.
type client struct {
	t      *testing.T
	url    string
	header http.Header
}

// newClient starts a server over an empty database.
func newClient(t *testing.T, o api.Options) *client {
	t.Helper()
	return newClientOf(t, emptyStore(t), o)
}

// emptyStore opens a database of the test.
func emptyStore(t *testing.T) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "opik.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// newClientOf starts a server over a database.
func newClientOf(t *testing.T, db *store.Store, o api.Options) *client {
	t.Helper()
	o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	server := httptest.NewServer(api.New(db, page.New(db), o))
	t.Cleanup(func() {
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return &client{t, server.URL, http.Header{}}
}

// answer is what stands before a body.
type answer struct {
	StatusCode int
	Header     http.Header
}

// send makes a request and returns the whole answer.
func (c *client) send(method, path string, body io.Reader) (answer, string) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, body)
	require.NoError(c.t, err)
	request.Header = c.header.Clone()
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(c.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return answer{response.StatusCode, response.Header}, string(text)
}

// call sends a document and expects a status.
func (c *client) call(want int, method, path string, document any) string {
	c.t.Helper()
	var body bytes.Buffer
	if text, ok := document.(string); ok {
		body.WriteString(text)
	} else if document != nil {
		require.NoError(c.t, json.NewEncoder(&body).Encode(document))
	}
	response, text := c.send(method, "/v1/private"+path, &body)
	require.Equal(c.t, want, response.StatusCode, "%s %s: %s", method, path, text)
	return text
}

// A refusal is a request that is refused, with which status, and with what where that is known word by word.
type refusal struct {
	name, method, path string
	body               any
	status             int
	want               string
}

// refuses makes requests. What is not known word by word has one of Opik's two forms.
func (c *client) refuses(requests []refusal) {
	for _, r := range requests {
		c.t.Run(r.name, func(t *testing.T) {
			text := (&client{t, c.url, c.header}).call(r.status, r.method, r.path, r.body)
			if r.want != "" {
				assert.JSONEq(t, r.want, text)
				return
			}
			body := decode[object](t, text)
			if _, ok := body["errors"]; !ok {
				assert.InDelta(t, r.status, body["code"], 0)
				assert.NotEmpty(t, body["message"])
			}
		})
	}
}

// read gets an object.
func (c *client) read(path string) object {
	c.t.Helper()
	return decode[object](c.t, c.call(http.StatusOK, http.MethodGet, path, nil))
}

// decode reads JSON.
func decode[T any](t *testing.T, text string) (value T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &value), text)
	return value
}

// search reads all objects of a stream.
func (c *client) search(path string, body object) (found []object) {
	c.t.Helper()
	for line := range strings.SplitSeq(c.call(http.StatusOK, http.MethodPost, path, body), "\r\n") {
		if line != "" {
			found = append(found, decode[object](c.t, line))
		}
	}
	return found
}

// newID mints an id.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// row is the smallest row.
func row(id string, more object) object {
	row := object{"id": id, "name": "answer", "start_time": "2026-01-02T03:04:05Z", "project_name": "p"}
	for key, value := range more {
		row[key] = value
	}
	return row
}

// list wraps rows for a batch.
func list(kind string, rows ...object) object { return object{kind: rows} }
