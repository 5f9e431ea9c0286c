package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/local/internal/api"
)

// TestNoPageElsewhereCanDoAnything sends what a page of another origin could make a browser send, in every way there is.
func TestNoPageElsewhereCanDoAnything(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(201, http.MethodPost, "/traces", row(id, object{"name": "mine"}))
	fine := c.header
	headers := map[string]http.Header{
		"a form":             {"Origin": {"https://evil.example.com"}, "Content-Type": {"application/x-www-form-urlencoded"}},
		"a request":          {"Origin": {"http://evil.example.com:5173"}, "Content-Type": {"text/plain"}},
		"a local file":       {"Origin": {"null"}},
		"another local port": {"Origin": {"http://127.0.0.1:1"}},
		"without an origin":  {"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}},
		"a sister":           {"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"cors"}},
		"a navigation":       {"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"iframe"}},
		"a rebound name":     {"Host": {"evil.example.com:5173"}, "Origin": {"http://evil.example.com:5173"}},
		"a name of a name":   {"Host": {"localhost.evil.example.com"}},
		"an origin of noise": {"Origin": {"%zz"}},
	}
	requests := []struct{ method, path, body string }{
		{"GET", "/v1/private/traces/" + id, ""}, {"POST", "/v1/private/traces/batch", `{"traces":[{"start_time":"2026-01-02T03:04:05Z"}]}`}, {"DELETE", "/v1/private/traces/" + id, ""},
		{"POST", "/api/v1/private/traces/delete", `{"ids":["` + id + `"]}`}, {"GET", "/local/traces?project_id=x", ""}, {"GET", "/local/events", ""}, {"GET", "/main.js", ""},
		{"POST", "/v1/private/otel/v1/traces", "{}"}, {"OPTIONS", "/v1/private/traces/batch", ""}, {"PUT", "/v1/private/attachment/upload?file_name=x", "x"}, {"GET", "/is-alive/ping", ""},
	}
	for name, header := range headers {
		t.Run(name, func(t *testing.T) {
			c := &client{t, c.url, header}
			for _, request := range requests {
				response, text := c.send(request.method, request.path, strings.NewReader(request.body))
				assert.Equal(t, http.StatusForbidden, response.StatusCode, "%s %s: %s", request.method, request.path, text)
				assert.Empty(t, response.Header.Get("Access-Control-Allow-Origin"), "nobody is told that he may")
				assert.NotContains(t, text, "mine")
			}
		})
	}
	c.header = fine
	assert.Equal(t, "mine", c.read("/traces/" + id)["name"])
	assert.InDelta(t, 1, c.read("/traces?project_name=p")["total"], 0)
}

func TestTheKeyIsAskedForEverywhere(t *testing.T) {
	c := newClient(t, api.Options{Key: "secret", Hosts: []string{"dev.local"}})
	for _, path := range []string{"/", "/main.js", "/local/traces", "/local/events", "/v1/private/traces", "/api/v1/private/prompts", "/v1/private/attachment/download", "/v1/session/redirect/projects",
		"/guardrails/api", "/default/projects/x", "/v1/private/is-alive/pin"} {
		for name, header := range map[string]http.Header{
			"none": {}, "an empty one": {"Authorization": {""}}, "a longer one": {"Authorization": {"secrets"}}, "in capitals": {"Authorization": {"SECRET"}},
			"a cookie of another name": {"Cookie": {"opik=secret"}}, "a wrong cookie": {"Cookie": {"opik-local=secre"}}, "of a bearer": {"Authorization": {"Bearer secret"}},
		} {
			response, text := (&client{t, c.url, header}).send(http.MethodGet, path, nil)
			assert.Equal(t, http.StatusUnauthorized, response.StatusCode, "%s with %s: %s", path, name, text)
			assert.NotContains(t, text, "secret")
		}
	}
	for _, host := range []string{"dev.local", "192.0.2.1:80", "[2001:db8::1]"} {
		c.header = http.Header{"Authorization": {"secret"}, "Host": {host}}
		response, text := c.send(http.MethodGet, "/v1/private/projects", nil)
		assert.Equal(t, http.StatusOK, response.StatusCode, text)
	}
	c.header = http.Header{"Authorization": {"secret"}, "Host": {"evil.example.com"}}
	response, _ := c.send(http.MethodGet, "/v1/private/projects", nil)
	assert.Equal(t, http.StatusForbidden, response.StatusCode, "the key does not open other names")
}

func TestScriptsInEveryFieldStayText(t *testing.T) {
	c := newClient(t, api.Options{})
	script := `</script><img src=x onerror=alert(1)>{{constructor.constructor('alert(1)')()}}`
	id, span := newID(), newID()
	fields := object{"name": script, "input": object{script: script}, "output": script, "metadata": []string{script}, "tags": []string{script}, "thread_id": script,
		"project_name": script, "environment": script, "error_info": object{"exception_type": script, "message": script, "traceback": script}}
	c.call(201, http.MethodPost, "/traces", row(id, fields))
	c.call(201, http.MethodPost, "/spans", row(span, object{"trace_id": id, "project_name": script, "name": script, "model": script, "provider": script}))
	c.call(204, http.MethodPut, "/traces/feedback-scores", scoreOf(id, object{"name": script, "project_name": script, "reason": script, "category_name": script}))
	c.call(201, http.MethodPost, "/traces/"+id+"/comments", object{"text": script})
	project := c.read("/traces/" + id)["project_id"].(string)
	for _, path := range []string{"/v1/private/traces/" + id, "/v1/private/spans/" + span, "/v1/private/projects", "/local/traces?size=9&project_id=" + project, "/local/traces/" + id} {
		response, text := c.send(http.MethodGet, path, nil)
		assert.Equal(t, http.StatusOK, response.StatusCode, text)
		assert.True(t, strings.HasPrefix(response.Header.Get("Content-Type"), "application/json"), "%s is never a page", path)
		assert.Contains(t, text, "onerror", path)
	}
	response, text := c.send(http.MethodGet, "/v1/private/traces/"+strings.ReplaceAll(script, "/", ""), nil)
	assert.Equal(t, http.StatusBadRequest, response.StatusCode, text)
	assert.True(t, strings.HasPrefix(response.Header.Get("Content-Type"), "application/json"))
}
