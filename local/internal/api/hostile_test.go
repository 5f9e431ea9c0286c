package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

func TestGuard(t *testing.T) {
	tests := []struct {
		name   string
		o      api.Options
		path   string
		header http.Header
		want   int
	}{
		{"plain", api.Options{}, "/v1/private/projects", nil, 200},
		{"another host", api.Options{}, "/v1/private/projects", http.Header{"Host": {"evil.example.com"}}, 403},
		{"another host that looks alike", api.Options{}, "/", http.Header{"Host": {"127.0.0.1.example.com"}}, 403},
		{"another address", api.Options{}, "/", http.Header{"Host": {"192.0.2.1"}}, 403},
		{"localhost", api.Options{}, "/", http.Header{"Host": {"LOCALHOST:5173"}}, 200},
		{"version 6", api.Options{}, "/", http.Header{"Host": {"[::1]:5173"}}, 200},
		{"no host", api.Options{}, "/", http.Header{"Host": {":80"}}, 403},
		{"another origin", api.Options{}, "/v1/private/projects", http.Header{"Origin": {"https://example.com"}}, 403},
		{"an opaque origin", api.Options{}, "/v1/private/projects", http.Header{"Origin": {"null"}}, 403},
		{"its own origin", api.Options{}, "/v1/private/projects", http.Header{"Host": {"localhost:1"}, "Origin": {"http://localhost:1"}}, 200},
		{"another port", api.Options{}, "/v1/private/projects", http.Header{"Host": {"localhost:1"}, "Origin": {"http://localhost:2"}}, 403},
		{"embedded elsewhere", api.Options{}, "/v1/private/projects", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}}, 403},
		{"a link", api.Options{}, "/", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}, 200},
		{"a frame", api.Options{}, "/", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"iframe"}}, 403},
		{"another workspace", api.Options{}, "/v1/private/projects", http.Header{"Comet-Workspace": {"acme"}}, 404},
		{"no key", api.Options{Key: "secret"}, "/v1/private/projects", nil, 401},
		{"no key for the page", api.Options{Key: "secret"}, "/", nil, 401},
		{"a wrong key", api.Options{Key: "secret"}, "/v1/private/projects", http.Header{"Authorization": {"secre"}}, 401},
		{"the key", api.Options{Key: "secret"}, "/v1/private/projects", http.Header{"Authorization": {"secret"}}, 200},
		{"the key in a cookie", api.Options{Key: "secret"}, "/", http.Header{"Cookie": {"opik-local=secret"}}, 200},
		{"signing in", api.Options{Key: "secret"}, "/?key=secret", nil, 303},
		{"a wrong sign-in", api.Options{Key: "secret"}, "/?key=guess", nil, 401},
		{"alive without key", api.Options{Key: "secret"}, "/is-alive/ping", nil, 200},
		{"a name of ours", api.Options{Key: "secret", Hosts: []string{"dev.local"}}, "/is-alive/ping", http.Header{"Host": {"dev.local:80"}}, 200},
	}
	db := emptyStore(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newClientOf(t, db, test.o)
			if test.header != nil {
				c.header = test.header
			}
			response, text := c.send(http.MethodGet, test.path, nil)
			assert.Equal(t, test.want, response.StatusCode, text)
		})
	}
}

func TestSignInKeepsTheKeyOutOfTheAddress(t *testing.T) {
	c := newClient(t, api.Options{Key: "secret"})
	response, _ := c.send(http.MethodGet, "//evil.example.com/?key=secret&a=b", nil)
	assert.Equal(t, "/evil.example.com/?a=b", response.Header.Get("Location"))
	assert.Contains(t, response.Header.Get("Set-Cookie"), "HttpOnly; SameSite=Strict")
}

// blanks is a body without an end.
type blanks struct{}

// blank is what it is made of.
var blank = bytes.Repeat([]byte(" "), 1<<16)

func (blanks) Read(p []byte) (int, error) { return copy(p, blank), nil }

func TestLargeBodies(t *testing.T) {
	const size = 100 << 20
	tests := []struct {
		name   string
		body   func(t *testing.T) io.Reader
		header http.Header
	}{
		{"100 MB", func(*testing.T) io.Reader { return io.LimitReader(blanks{}, size) }, http.Header{}},
		{"a bomb", func(t *testing.T) io.Reader {
			var zipped bytes.Buffer
			writer := gzip.NewWriter(&zipped)
			_, err := io.Copy(writer, io.LimitReader(blanks{}, 1<<20))
			require.NoError(t, err)
			require.NoError(t, writer.Close())
			return bytes.NewReader(bytes.Repeat(zipped.Bytes(), size>>20)) // what is joined unzips as one
		}, http.Header{"Content-Encoding": {"gzip"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newClient(t, api.Options{})
			c.header = test.header
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+"/v1/private/traces/batch", test.body(t))
			require.NoError(t, err)
			request.Header = c.header
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				return // the server closed the connection on a body that goes on, which is an answer, too
			}
			defer response.Body.Close()
			assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
		})
	}
}

func TestDeepDocuments(t *testing.T) {
	c := newClient(t, api.Options{})
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	text := c.call(400, http.MethodPost, "/traces", `{"id":"`+newID()+`","start_time":"2026-01-02T03:04:05Z","input":`+deep+`}`)
	assert.Contains(t, text, "more than 500 levels deep")
	id := newID()
	fine := strings.Repeat("[", 490) + strings.Repeat("]", 490)
	c.call(201, http.MethodPost, "/traces", `{"id":"`+id+`","project_name":"p","start_time":"2026-01-02T03:04:05Z","input":`+fine+`}`)
	c.read("/traces/" + id)
	c.read(`/traces?project_name=p&filters=[{%22field%22:%22input_json%22,%22key%22:%22a%22,%22operator%22:%22=%22,%22value%22:%22x%22}]`)
}

func TestAMillionTags(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	const count = 1_000_000 / fewer
	tags := make([]string, count)
	for i := range tags {
		tags[i] = "tag " + strconv.Itoa(i)
	}
	c.call(204, http.MethodPost, "/traces/batch", list("traces", row(id, object{"tags": tags})))
	project := c.read("/traces/" + id)["project_id"].(string)
	response, text := c.send(http.MethodGet, "/local/traces?size=50&project_id="+project, nil)
	require.Equal(t, 200, response.StatusCode)
	assert.Less(t, len(text), 2000, "the list shows a few of them")
	var listed struct {
		Traces []struct {
			Tags []string
			More int `json:"more_tags"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &listed))
	assert.Len(t, listed.Traces[0].Tags, 8)
	assert.Equal(t, count-8, listed.Traces[0].More)
}

func TestManyFiltersAndWords(t *testing.T) {
	c := newClient(t, api.Options{})
	c.call(201, http.MethodPost, "/traces", row(newID(), nil))
	filters := make([]object, 5000)
	for i := range filters {
		filters[i] = object{"field": "name", "operator": "contains", "value": "a"}
	}
	text := c.call(400, http.MethodPost, "/traces/search", object{"project_name": "p", "filters": filters})
	assert.Contains(t, text, "5000 filters are too many")
	assert.Len(t, c.search("/traces/search", object{"project_name": "p", "filters": filters[:200]}), 1)
	c.call(200, http.MethodGet, "/traces?project_name=p&search="+strings.Repeat("word%20", 50_000), nil)
}

func TestStrangeTexts(t *testing.T) {
	c := newClient(t, api.Options{})
	for _, name := range []string{"<script>alert(1)</script>", "'; DROP TABLE traces; --", "\x00\x01\x1b[31m", "\u2028\ufeff", "𝕏 👩‍👩‍👧 مرحبا"} {
		id := newID()
		c.call(201, http.MethodPost, "/traces", row(id, object{"name": name, "input": name, "thread_id": name, "tags": []string{name}}))
		got := c.read("/traces/" + id)
		assert.Equal(t, name, got["name"])
		assert.Equal(t, name, got["input"])
		thread := c.call(200, http.MethodPost, "/traces/threads/retrieve", object{"project_name": "p", "thread_id": name})
		assert.Equal(t, name, decode[object](t, thread)["id"])
	}
	id := newID()
	c.call(201, http.MethodPost, "/traces", `{"id":"`+id+`","start_time":"2026-01-02T03:04:05Z","name":"a`+"\xff"+`b","input":"`+"\xc3"+`"}`)
	assert.Equal(t, "a\uFFFDb", c.read("/traces/" + id)["name"])
}

func TestHeaders(t *testing.T) {
	c := newClient(t, api.Options{})
	response, _ := c.send(http.MethodGet, "/", nil)
	policy := response.Header.Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'; script-src 'self'")
	assert.NotContains(t, policy, "unsafe")
	assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
	for _, path := range []string{"/../../go.mod", "/%2e%2e/page.go", "/static/", "/page.go"} {
		response, _ := c.send(http.MethodGet, path, nil)
		assert.NotEqual(t, 200, response.StatusCode, path)
	}
}
