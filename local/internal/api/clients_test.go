package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

// quiet sends a request and returns its status, for clients that run beside each other.
func (c *client) quiet(method, path string, document any) (status int, text string) {
	body, err := json.Marshal(document)
	if err != nil {
		return 0, err.Error()
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+"/v1/private"+path, bytes.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return response.StatusCode, fmt.Sprint(string(read), err)
}

// TestClientsThatMixAllWritesDoubleNothing lets clients create, update, score and repeat the same rows at once.
func TestClientsThatMixAllWritesDoubleNothing(t *testing.T) {
	c := newClient(t, api.Options{})
	traces, spans := make([]string, 12), make([]string, 60)
	for i := range traces {
		traces[i] = newID()
	}
	for i := range spans {
		spans[i] = newID()
	}
	usage := object{"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
	span := func(i int) object {
		return row(spans[i], object{"trace_id": traces[i%len(traces)], "type": "llm", "usage": usage})
	}
	var wait sync.WaitGroup
	for client := range 4 {
		wait.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(client), 3))
			for _, i := range chance.Perm(len(spans)) {
				trace := traces[i%len(traces)]
				steps := []func() (int, string){
					func() (int, string) { return c.quiet("POST", "/spans", span(i)) },
					func() (int, string) { return c.quiet("POST", "/spans/batch", list("spans", span(i), span(i))) },
					func() (int, string) {
						return c.quiet("PATCH", "/spans/"+spans[i], object{"trace_id": trace, "project_name": "p", "usage": usage, "type": "llm", "tags_to_add": []string{strconv.Itoa(client)}})
					},
					func() (int, string) { return c.quiet("POST", "/traces/batch", list("traces", row(trace, nil))) },
					func() (int, string) { return c.quiet("PUT", "/spans/feedback-scores", scoreOf(spans[i], nil)) },
				}
				chance.Shuffle(len(steps), func(a, b int) { steps[a], steps[b] = steps[b], steps[a] })
				for _, step := range steps {
					status, text := step()
					assert.Less(t, status, 300, text)
					assert.NotZero(t, status, text)
				}
			}
		})
	}
	wait.Wait()
	assert.InDelta(t, len(traces), c.read("/traces?project_name=p")["total"], 0)
	assert.InDelta(t, len(spans), c.read("/spans?project_name=p")["total"], 0)
	for _, trace := range c.search("/traces/search", object{"project_name": "p"}) {
		assert.InDelta(t, 5, trace["span_count"], 0)
		assert.InDelta(t, 10, trace["usage"].(object)["total_tokens"], 0, "every span counts once")
	}
	for _, span := range c.search("/spans/search", object{"project_name": "p"}) {
		assert.Len(t, span["feedback_scores"], 1)
		assert.Equal(t, "2026-01-02T03:04:05Z", span["start_time"], "every row was completed")
	}
}

func TestASearchThatGoesOnSeesEveryRowOnce(t *testing.T) {
	c := newClient(t, api.Options{})
	const total = 95
	rows := make([]object, total)
	for i := range rows {
		rows[i] = row(newID(), object{"name": strconv.Itoa(i), "thread_id": fmt.Sprint("thread ", i%10)})
	}
	c.call(204, http.MethodPost, "/traces/batch", list("traces", rows...))
	for _, limit := range []int{1, 7, 95, 2000} {
		seen, last := map[any]bool{}, ""
		for {
			body := object{"project_name": "p", "limit": limit}
			if last != "" {
				body["last_retrieved_id"] = last
			}
			found := c.search("/traces/search", body)
			for _, trace := range found {
				require.False(t, seen[trace["id"]], "it was seen already")
				seen[trace["id"]] = true
				last = trace["id"].(string)
			}
			if len(found) < limit {
				break
			}
			c.call(204, http.MethodPost, "/traces/batch", list("traces", row(newID(), object{"project_name": "elsewhere"}))) // others write on
		}
		assert.Len(t, seen, total)
	}
	first := c.search("/traces/threads/search", object{"project_name": "p", "limit": 4})
	rest := c.search("/traces/threads/search", object{"project_name": "p", "last_retrieved_thread_model_id": first[3]["thread_model_id"]})
	assert.Len(t, append(first, rest...), 10)
}

// zipped is a document in gzip.
func zipped(t *testing.T, document any) []byte {
	t.Helper()
	var text bytes.Buffer
	writer := gzip.NewWriter(&text)
	require.NoError(t, json.NewEncoder(writer).Encode(document))
	require.NoError(t, writer.Close())
	return text.Bytes()
}

func TestBodiesThatBreak(t *testing.T) {
	c := newClient(t, api.Options{})
	whole := zipped(t, list("traces", row(newID(), object{"input": strings.Repeat("abc", 10_000)})))
	tests := []struct {
		name   string
		body   []byte
		header http.Header
		want   int
	}{
		{"no gzip", []byte(`{"traces":[]}`), http.Header{"Content-Encoding": {"gzip"}}, 400},
		{"half of it", whole[:len(whole)/2], http.Header{"Content-Encoding": {"gzip"}}, 400},
		{"a wrong sum", append(append([]byte{}, whole[:len(whole)-8]...), 0, 0, 0, 0, 0, 0, 0, 0), http.Header{"Content-Encoding": {"gzip"}}, 400},
		{"gzip that nobody announced", whole, http.Header{}, 400},
		{"zeros", make([]byte, 1000), http.Header{}, 400},
		{"a text", []byte(`"traces"`), http.Header{}, 400},
		{"a number that is too large", []byte(`{"traces":[{"start_time":1e999}]}`), http.Header{}, 400},
		{"a lone quote", []byte(`{"traces":"`), http.Header{}, 400},
		{"a member twice", []byte(`{"traces":[],"traces":[{}]}`), http.Header{}, 422},
		{"deep lists", []byte(`{"traces":` + strings.Repeat("[", 1_000_000)), http.Header{}, 400},
		{"deep objects", []byte(strings.Repeat(`{"a":`, 1_000_000)), http.Header{}, 400},
		{"deep where nobody looks", []byte(`{"other":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}`), http.Header{}, 400},
		{"brackets in a text", []byte(`{"traces":[{"name":"` + strings.Repeat("[", 5000) + `"}]}`), http.Header{}, 422},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &client{t, c.url, test.header}
			response, text := c.send(http.MethodPost, "/v1/private/traces/batch", bytes.NewReader(test.body))
			assert.Equal(t, test.want, response.StatusCode, text)
			assert.Less(t, len(text), 1000, "a refusal does not repeat what was sent")
			assert.True(t, json.Valid([]byte(text)), text)
		})
	}
	c.header = http.Header{"Content-Encoding": {"gzip"}}
	response, text := c.send(http.MethodPost, "/v1/private/traces/batch", bytes.NewReader(whole))
	assert.Equal(t, 204, response.StatusCode, text)
}

func TestAClientThatGoesAwayInTheMidstOfABodyLeavesNothing(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	text, err := json.Marshal(list("traces", row(id, nil)))
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+"/v1/private/traces/batch",
		io.MultiReader(bytes.NewReader(text[:len(text)-2]), iotest.ErrReader(errors.New("gone"))))
	require.NoError(t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	c.call(404, http.MethodGet, "/traces/"+id, nil)
}

func TestUploadsOfStrangeFiles(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(201, http.MethodPost, "/traces", row(id, nil))
	for _, test := range []struct{ name, mime, want string }{
		{"x.png", "", "image/png"}, {"x", "", "application/octet-stream"}, {"x.html", "", "text/html"}, {"x.js", "text/javascript", "text/javascript"}, {"x.svg", "image/svg+xml", "image/svg+xml"},
		{"x.txt", "text/html; charset=utf-8", "text/html; charset=utf-8"}, {"evil\u202egnp.exe", "image/png", "image/png"}, {".", "", ""}, {"..", "", ""}, {"CON", "", ""}, {strings.Repeat("ü", 500), "", ""},
	} {
		t.Run(test.name[:min(len(test.name), 20)], func(t *testing.T) {
			c := &client{t, c.url, c.header}
			query := url.Values{"entity_type": {"trace"}, "entity_id": {id}, "file_name": {test.name}, "mime_type": {test.mime}, "project_name": {"p"}}
			response, text := c.send(http.MethodPut, "/v1/private/attachment/upload?"+query.Encode(), strings.NewReader("<script>alert(1)</script>"))
			require.Equal(t, 204, response.StatusCode, text)
			query.Set("container_id", c.read("/traces/" + id)["project_id"].(string))
			response, text = c.send(http.MethodGet, "/v1/private/attachment/download?"+query.Encode(), nil)
			require.Equal(t, 200, response.StatusCode)
			assert.Equal(t, "<script>alert(1)</script>", text)
			if test.want != "" {
				assert.True(t, strings.HasPrefix(response.Header.Get("Content-Type"), test.want), response.Header.Get("Content-Type"))
			}
			assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
			assert.Equal(t, "sandbox; default-src 'none'", response.Header.Get("Content-Security-Policy"))
			assert.True(t, strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment"))
		})
	}
}

func TestALinkOfAnUploadLeadsNowhereElse(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	for _, base := range []string{"https://evil.example.com/api", "//evil.example.com", "javascript:alert(1)", "%%%", ""} {
		started := decode[object](t, c.call(200, http.MethodPost, "/attachment/upload-start", object{"entity_type": "trace", "entity_id": id, "file_name": "f", "path": base64Text(base)}))
		target := started["pre_sign_urls"].([]any)[0].(string)
		assert.True(t, strings.HasPrefix(target, c.url+"/v1/private/attachment/upload?"), target)
	}
}

// base64Text is how SDKs send the base of their addresses.
func base64Text(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
