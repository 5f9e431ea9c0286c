package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/local/internal/api"
)

func TestValidation(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	many := make([]object, 1001)
	for i := range many {
		many[i] = row(newID(), nil)
	}
	c.refuses([]refusal{
		{"empty batch", "POST", "/traces/batch", list("traces"), 422, `{"errors":["traces size must be between 1 and 1000"]}`},
		{"no list", "POST", "/spans/batch", object{}, 422, `{"errors":["spans size must be between 1 and 1000"]}`},
		{"large batch", "POST", "/traces/batch", list("traces", many...), 422, `{"errors":["traces size must be between 1 and 1000"]}`},
		{"no start", "POST", "/traces/batch", list("traces", object{"id": id}), 422, `{"errors":["traces[0].start_time must not be null"]}`},
		{"no trace", "POST", "/spans", row(id, nil), 422, `{"errors":["trace_id must not be null"]}`},
		{"blank project", "POST", "/traces", row(id, object{"project_name": " "}), 422, `{"errors":["project_name must not be blank"]}`},
		{"negative cost", "POST", "/spans", row(id, object{"trace_id": id, "total_estimated_cost": -1}), 422, ``},
		{"version 4", "POST", "/traces", row("7b2f9d3e-4a55-4b0e-8f7e-0c6b1a2d3e4f", nil), 400,
			`{"code":400,"message":"Invalid UUID for Trace id","details":"Trace id must be a version 7 UUID"}`},
		{"no UUID", "GET", "/traces/x", nil, 400, ``},
		{"early start", "POST", "/traces", row(id, object{"start_time": "1969-12-31T23:59:59Z"}), 422,
			`{"errors":["must be after or equal 1970-01-01T00:00:00.000000Z and before 2262-04-11T23:47:16.000000000Z"]}`},
		{"late start", "POST", "/traces", row(id, object{"start_time": "2262-04-11T23:47:16Z"}), 422, ``},
		{"no instant", "POST", "/traces", row(id, object{"start_time": "yesterday"}), 400, ``},
		{"bad type", "POST", "/spans", row(id, object{"trace_id": id, "type": "unknown"}), 400, ``},
		{"bad usage", "POST", "/spans", row(id, object{"trace_id": id, "usage": object{"a": "many"}}), 400, ``},
		{"huge usage", "POST", "/spans", row(id, object{"trace_id": id, "usage": object{"a": 1 << 40}}), 400, ``},
		{"no JSON", "POST", "/traces", "{", 400, ``},
		{"update without trace", "PATCH", "/spans/" + id, object{"name": "x"}, 422, `{"errors":["traceId must not be null"]}`},
		{"blank tag", "PATCH", "/traces/" + id, object{"tags": []string{" "}}, 422, ``},
		{"long tag", "PATCH", "/traces/" + id, object{"tags_to_add": []string{strings.Repeat("x", 101)}}, 422, ``},
		{"update of no ids", "PATCH", "/traces/batch", object{"ids": []string{}, "update": object{}}, 422, ``},
		{"update of nothing", "PATCH", "/traces/batch", object{"ids": []string{id}}, 422, `{"errors":["update must not be null"]}`},
		{"list without project", "GET", "/traces", nil, 400, `{"errors":["Either 'project_name' or 'project_id' query params must be provided"]}`},
		{"search without project", "POST", "/spans/search", object{}, 400, `{"errors":["Either 'project_name' or 'project_id' query params must be provided"]}`},
		{"search limit", "POST", "/traces/search", object{"project_name": "p", "limit": 2001}, 422, ``},
		{"page zero", "GET", "/traces?project_name=p&page=0", nil, 422, ``},
		{"filters", "GET", "/traces?project_id=p&filters=x", nil, 400, `{"errors":["Invalid filters query parameter 'x'"]}`},
		{"unknown field", "GET", "/traces?project_id=p&filters=[{%22field%22:%22x%22,%22operator%22:%22=%22}]", nil, 400, ``},
		{"unknown sorting", "GET", "/traces?project_id=p&sorting=[{%22field%22:%22x%3Bdrop%22}]", nil, 400, ``},
		{"times", "GET", "/traces?project_id=p&from_time=2026-01-02T00:00:00Z&to_time=2026-01-01T00:00:00Z", nil, 400, ``},
		{"score of nothing", "PUT", "/traces/" + id + "/feedback-scores", object{"name": "q", "value": 1, "source": "sdk"}, 404, `{"errors":["Trace not found"]}`},
		{"score without value", "PUT", "/traces/feedback-scores", object{"scores": []object{{"id": id, "name": "q", "source": "sdk"}}}, 422,
			`{"errors":["scores[0].value must not be null"]}`},
		{"score of a source", "PUT", "/traces/feedback-scores", object{"scores": []object{{"id": id, "name": "q", "value": 1, "source": "x"}}}, 422, ``},
		{"score too large", "PUT", "/traces/feedback-scores", object{"scores": []object{{"id": id, "name": "q", "value": 1e10, "source": "ui"}}}, 422, ``},
		{"span score names", "GET", "/spans/feedback-scores/names", nil, 400, ``},
		{"delete a span", "DELETE", "/spans/" + id, nil, 501, ``},
		{"blank comment", "POST", "/traces/" + id + "/comments", object{"text": ""}, 404, ``},
		{"two ways to name threads", "PUT", "/traces/threads/close", object{"project_name": "p", "thread_id": "a", "thread_ids": []string{"b"}}, 422, ``},
		{"close nothing", "PUT", "/traces/threads/close", object{"project_name": "p", "thread_id": "a"}, 404, ``},
		{"no project", "GET", "/projects/" + id, nil, 404, `{"errors":["Project not found"]}`},
		{"not here", "GET", "/nothing", nil, 404, `{"code":404,"message":"HTTP 404 Not Found","details":"opik-local has no GET /v1/private/nothing"}`},
	})
}

func TestABatchIsAllOrNothing(t *testing.T) {
	c, good := newClient(t, api.Options{}), newID()
	c.call(422, http.MethodPost, "/traces/batch", list("traces", row(good, nil), object{"id": newID()}))
	c.call(404, http.MethodGet, "/traces/"+good, nil)
}

func TestWhatPythonWrites(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	body := fmt.Sprintf(`{"id":%q,"start_time":"2026-01-02T03:04:05.123456+00:00","project_name":"p","input":{"a":NaN,"b":[-Infinity,Infinity,-1],"c":"NaN \" Infinity"}}`, id)
	c.call(201, http.MethodPost, "/traces", body)
	got := c.read("/traces/" + id)
	assert.Equal(t, object{"a": "NaN", "b": []any{"-Infinity", "Infinity", -1.0}, "c": `NaN " Infinity`}, got["input"])
	assert.Equal(t, "2026-01-02T03:04:05.123456Z", got["start_time"])
}

func TestAnUnknownSourceIsDropped(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(201, http.MethodPost, "/traces", row(id, object{"source": "elsewhere", "unknown_field": 1}))
	assert.Nil(t, c.read("/traces/" + id)["source"])
}
