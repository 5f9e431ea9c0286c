package api_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

// scoreOf is a score that is fine but for what more says.
func scoreOf(id string, more object) object {
	score := object{"id": id, "name": "q", "value": 1, "source": "sdk", "project_name": "p"}
	for key, value := range more {
		score[key] = value
	}
	return object{"scores": []object{score}}
}

// TestErrorBodies goes through the refusals of every kind of document, in the words of Opik.
func TestErrorBodies(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	c.call(201, http.MethodPost, "/traces", row(trace, object{"thread_id": "talk"}))
	many := make([]string, 1001)
	for i := range many {
		many[i] = newID()
	}
	tags := make([]string, 51)
	for i := range tags {
		tags[i] = strconv.Itoa(i)
	}
	const (
		ids      = `{"errors":["ids size must be between 1 and 1000"]}`
		instants = `{"errors":["must be after or equal 1970-01-01T00:00:00.000000Z and before 2262-04-11T23:47:16.000000000Z"]}`
		threads  = `{"errors":["exactly one of thread_id and thread_ids, of size 1 to 1000, must be provided"]}`
		scores   = `{"errors":["scores size must be between 1 and 1000"]}`
	)
	c.refuses([]refusal{
		{"two mistakes at once", "POST", "/spans", object{"id": id, "project_name": ""}, 422,
			`{"errors":["start_time must not be null","trace_id must not be null","project_name must not be blank"]}`},
		{"the second of a batch", "POST", "/spans/batch", list("spans", row(newID(), object{"trace_id": trace}), row(id, nil)), 422, `{"errors":["spans[1].trace_id must not be null"]}`},
		{"a batch that is too long", "POST", "/spans/batch", object{"spans": make([]object, 1001)}, 422, `{"errors":["spans size must be between 1 and 1000"]}`},
		{"rows under the other name", "POST", "/spans/batch", list("traces", row(id, nil)), 422, `{"errors":["spans size must be between 1 and 1000"]}`},
		{"a time to the first token", "POST", "/traces", row(id, object{"ttft": -1}), 422, `{"errors":["ttft must be greater than or equal to 0"]}`},
		{"an environment", "POST", "/traces", row(id, object{"environment": strings.Repeat("x", 151)}), 422, `{"errors":["environment size must be between 0 and 150"]}`},
		{"an end", "POST", "/traces", row(id, object{"end_time": "2263-01-01T00:00:00Z"}), 422, instants},
		{"a stamp", "POST", "/traces", row(id, object{"last_updated_at": "1960-01-01T00:00:00Z"}), 422, instants},
		{"a number as a moment", "POST", "/traces", row(id, object{"start_time": "1767323045"}), 400, ``},
		{"an object as a name", "POST", "/traces", row(id, object{"name": object{}}), 400, ``},
		{"a text as tags", "POST", "/traces", row(id, object{"tags": "a"}), 400, ``},
		{"a text as usage", "POST", "/spans", row(id, object{"trace_id": trace, "usage": "a"}), 400, ``},
		{"a trace id of version 4", "POST", "/spans", row(id, object{"trace_id": "7b2f9d3e-4a55-4b0e-8f7e-0c6b1a2d3e4f"}), 400,
			`{"code":400,"message":"Invalid UUID for trace_id","details":"trace_id must be a version 7 UUID"}`},
		{"a parent that is none", "POST", "/spans", row(id, object{"trace_id": trace, "parent_span_id": ""}), 400, `{"code":400,"message":"Invalid UUID for parent_span_id","details":" is not a UUID"}`},
		{"an id in braces", "POST", "/traces", row("{"+id+"}", nil), 400, ``},
		{"a list as a document", "POST", "/traces", "[]", 400, ``},
		{"two documents", "POST", "/traces", "{}{}", 400, ``},
		{"nothing at all", "POST", "/traces", "", 400, ``},
		{"an update of an id that is none", "PATCH", "/traces/x", object{}, 400, ``},
		{"an update of a project that is none", "PATCH", "/traces/" + trace, object{"project_id": "x"}, 422, `{"errors":["project_id must be a UUID"]}`},
		{"too many tags", "PATCH", "/traces/" + trace, object{"tags": tags}, 422, `{"errors":["tags size must be between 0 and 50"]}`},
		{"an update of another type", "PATCH", "/spans/" + id, object{"trace_id": trace, "type": "dog"}, 400, ``},
		{"a negative cost", "PATCH", "/spans/" + id, object{"trace_id": trace, "total_estimated_cost": -0.1}, 422, `{"errors":["total_estimated_cost must be greater than or equal to 0.0"]}`},
		{"too many ids", "PATCH", "/spans/batch", object{"ids": many, "update": object{}}, 422, ids},
		{"ids that are none", "PATCH", "/spans/batch", object{"ids": []string{"x"}, "update": object{}}, 400, ``},
		{"deleting too many", "POST", "/traces/delete", object{"ids": many}, 422, ids},
		{"deleting none", "POST", "/traces/delete", object{}, 422, ids},
		{"deleting an id that is none", "DELETE", "/traces/x", nil, 400, ``},
		{"deleting no projects", "POST", "/projects/delete", object{"ids": []string{}}, 422, ids},
		{"deleting projects that are none", "POST", "/projects/delete", object{"ids": []string{"x"}}, 422, ids},
		{"a project without name", "POST", "/projects", object{}, 422, `{"errors":["name must not be blank"]}`},
		{"a project that is renamed to nothing", "PATCH", "/projects/" + id, object{"name": " "}, 422, `{"errors":["name must not be blank"]}`},
		{"a project that is not there", "PATCH", "/projects/" + id, object{"name": "x"}, 404, `{"errors":["Project not found"]}`},
		{"retrieving a project without name", "POST", "/projects/retrieve", object{}, 422, `{"errors":["name must not be blank"]}`},
		{"retrieving a project that is not there", "POST", "/projects/retrieve", object{"name": "nobody"}, 404, `{"errors":["Project not found"]}`},
		{"projects in an order that is none", "GET", "/projects?sorting=x", nil, 400, `{"errors":["Invalid sorting query parameter 'x'"]}`},
		{"a trace that is not there", "GET", "/traces/" + id, nil, 404, `{"errors":["Trace not found"]}`},
		{"a span that is not there", "GET", "/spans/" + id, nil, 404, `{"errors":["Span not found"]}`},
		{"a page of no size", "GET", "/spans?project_name=p&size=0", nil, 422, `{"errors":["query param size must be greater than or equal to 1"]}`},
		{"a page that is no number", "GET", "/spans?project_name=p&page=one", nil, 422, `{"errors":["query param page must be greater than or equal to 1"]}`},
		{"a time that is none", "GET", "/traces?project_name=p&from_time=yesterday", nil, 400, ``},
		{"an order that is none", "GET", "/traces?project_name=p&sorting=x", nil, 400, `{"errors":["Invalid sorting query parameter 'x'"]}`},
		{"a limit of none", "POST", "/traces/search", object{"project_name": "p", "limit": 0}, 422, `{"errors":["limit must be between 1 and 2000"]}`},
		{"times in the wrong order", "POST", "/traces/search", object{"project_name": "p", "from_time": "2026-01-02T00:00:00Z", "to_time": "2026-01-01T00:00:00Z"}, 400,
			`{"errors":["Parameter 'from_time' must be before 'to_time'"]}`},
		{"no scores", "PUT", "/traces/feedback-scores", object{}, 422, scores},
		{"too many scores", "PUT", "/spans/feedback-scores", object{"scores": make([]object, 1001)}, 422, scores},
		{"a score without name", "PUT", "/traces/feedback-scores", scoreOf(trace, object{"name": " "}), 422, `{"errors":["scores[0].name must not be blank"]}`},
		{"a score that is too small", "PUT", "/traces/feedback-scores", scoreOf(trace, object{"value": -1e10}), 422, `{"errors":["scores[0].value must be between -999999999.999999999 and 999999999.999999999"]}`},
		{"a score of nobody", "PUT", "/traces/feedback-scores", scoreOf(trace, object{"source": nil}), 422, `{"errors":["scores[0].source must be one of ui, sdk, online_scoring"]}`},
		{"a score of a blank project", "PUT", "/traces/feedback-scores", scoreOf(trace, object{"project_name": ""}), 422, `{"errors":["scores[0].project_name must not be blank"]}`},
		{"a score of version 4", "PUT", "/traces/feedback-scores", scoreOf("7b2f9d3e-4a55-4b0e-8f7e-0c6b1a2d3e4f", nil), 400, `{"code":400,"message":"Invalid UUID for trace id","details":"trace id must be a version 7 UUID"}`},
		{"a score of a thread without name", "PUT", "/traces/threads/feedback-scores", scoreOf("", object{"thread_id": " "}), 422, `{"errors":["thread_id must not be blank"]}`},
		{"a score of a span that is not there", "PUT", "/spans/" + id + "/feedback-scores", object{"name": "q", "value": 1, "source": "sdk"}, 404, `{"errors":["Span not found"]}`},
		{"a score that is no number", "PUT", "/traces/" + trace + "/feedback-scores", object{"name": "q", "value": "1", "source": "sdk"}, 400, ``},
		{"taking a score without name back", "POST", "/traces/" + trace + "/feedback-scores/delete", object{}, 422, `{"errors":["name must not be blank"]}`},
		{"a blank comment", "POST", "/traces/" + trace + "/comments", object{"text": " "}, 422, `{"errors":["text must not be blank"]}`},
		{"a comment about nothing", "POST", "/spans/" + id + "/comments", object{"text": "x"}, 404, `{"errors":["Span not found"]}`},
		{"a comment that is not there", "GET", "/traces/" + trace + "/comments/" + id, nil, 404, `{"errors":["Comment not found"]}`},
		{"changing a comment that is not there", "PATCH", "/traces/comments/" + id, object{"text": "x"}, 404, `{"errors":["Comment not found"]}`},
		{"a comment about a thread that is none", "POST", "/traces/threads/talk/comments", object{"text": "x"}, 404, `{"errors":["Thread not found"]}`},
		{"no thread", "POST", "/traces/threads/retrieve", object{"project_name": "p"}, 422, threads},
		{"too many threads", "POST", "/traces/threads/delete", object{"project_name": "p", "thread_ids": many}, 422, threads},
		{"a thread of no project", "PUT", "/traces/threads/open", object{"thread_id": "talk"}, 400, `{"errors":["Either 'project_name' or 'project_id' query params must be provided"]}`},
		{"a thread of a project that is not there", "PUT", "/traces/threads/open", object{"thread_id": "talk", "project_name": "nobody"}, 404, `{"errors":["Project not found"]}`},
		{"a thread that is not there", "POST", "/traces/threads/retrieve", object{"thread_id": "none", "project_name": "p"}, 404, `{"errors":["Thread not found"]}`},
		{"tags of a thread that is not there", "PATCH", "/traces/threads/" + id, object{"tags": []string{"x"}}, 404, ``},
		{"tags of no threads", "PATCH", "/traces/threads/batch", object{"ids": []string{}, "update": object{}}, 422, ids},
		{"no names of scores", "POST", "/traces/threads/feedback-scores/delete", object{"project_name": "p", "thread_id": "talk"}, 422, `{"errors":["names size must be between 1 and 1000"]}`},
		{"a file of a thread", "POST", "/attachment/upload-start", object{"entity_type": "thread", "entity_id": id, "file_name": "f"}, 422, `{"errors":["entity_type must be one of trace, span"]}`},
		{"a file without name", "POST", "/attachment/upload-start", object{"entity_type": "trace", "entity_id": id}, 422, `{"errors":["file_name must not be blank"]}`},
		{"a file with a name that is too long", "POST", "/attachment/upload-start", object{"entity_type": "trace", "entity_id": id, "file_name": strings.Repeat("x", 1025)}, 422, `{"errors":["file_name is not valid"]}`},
		{"a file with a zero in its name", "POST", "/attachment/upload-start", object{"entity_type": "trace", "entity_id": id, "file_name": "a\x00b"}, 422, `{"errors":["file_name is not valid"]}`},
		{"a file of nothing", "POST", "/attachment/upload-start", object{"entity_type": "trace", "entity_id": "x", "file_name": "f"}, 400, ``},
		{"deleting no files", "POST", "/attachment/delete", object{"entity_type": "trace", "entity_id": id}, 422, `{"errors":["file_names must not be empty"]}`},
		{"an upload without name", "PUT", "/attachment/upload?entity_type=trace&entity_id=" + id, "x", 422, `{"errors":["query param file_name must not be blank"]}`},
		{"a method that nobody has", "PUT", "/traces/" + id, nil, 404, ``},
		{"a path of nobody", "GET", "/traces/" + id + "/friends", nil, 404, ``},
	})
	assert.InDelta(t, 1, c.read("/traces?project_name=p")["total"], 0, "nothing of it was stored")
	assert.InDelta(t, 0, c.read("/spans?project_name=p")["total"], 0)
	assert.Len(t, c.read("/projects")["content"], 1)
}

func TestWhatIsTakenThoughItLooksWrong(t *testing.T) {
	tests := []struct {
		name  string
		row   object
		field string
		want  any
	}{
		{"an id in capitals", object{}, "name", "answer"},
		{"a moment in seconds", object{"start_time": 1767323045.5}, "start_time", "2026-01-02T03:04:05.5Z"},
		{"a moment of another zone", object{"start_time": "2026-01-02T05:04:05.000000001+02:00"}, "start_time", "2026-01-02T03:04:05.000000001Z"},
		{"an end before the start", object{"end_time": "2026-01-02T03:04:04Z"}, "duration", -1000.0},
		{"no project", object{"project_name": nil}, "project_name", "Default Project"},
		{"a project with blanks", object{"project_name": "  P "}, "project_name", "P"},
		{"null as a document", object{"input": nil, "output": "x"}, "output", "x"},
		{"false", object{"input": false}, "input", false},
		{"a number", object{"input": 0}, "input", 0.0},
		{"an empty text", object{"input": ""}, "input", ""},
		{"an empty object", object{"metadata": object{}}, "metadata", object{}},
		{"tags twice", object{"tags": []string{"b", "a", "b"}}, "tags", []any{"b", "a"}},
		{"an error of one word", object{"error_info": object{"exception_type": "E"}}, "error_info", object{"exception_type": "E", "traceback": ""}},
		{"a source in capitals", object{"source": "SDK"}, "source", nil},
		{"a field of tomorrow", object{"tomorrow": []int{1}}, "tomorrow", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, id := newClient(t, api.Options{}), newID()
			c.call(201, http.MethodPost, "/traces", row(strings.ToUpper(id), test.row))
			assert.Equal(t, test.want, c.read("/traces/" + id)[test.field])
		})
	}
}

func TestEveryAnswerOfNothingIsEmpty(t *testing.T) {
	c := newClient(t, api.Options{})
	for _, path := range []string{"/traces", "/spans", "/traces/threads"} {
		for _, project := range []string{"project_name=nobody", "project_id=" + newID()} {
			page := c.read(path + "?" + project)
			assert.Equal(t, []any{}, page["content"], path)
			assert.InDelta(t, 0, page["total"], 0)
			stats := c.read(path + "/stats?" + project)["stats"]
			require.NotNil(t, stats, path)
		}
	}
	for _, path := range []string{"/traces", "/spans", "/traces/threads"} {
		assert.Empty(t, c.search(path+"/search", object{"project_name": "nobody"}))
	}
	assert.Equal(t, false, c.read("/spans/exists?project_name=nobody")["exists"])
	assert.Equal(t, []any{}, c.read("/traces/feedback-scores/names")["scores"])
	assert.Equal(t, []any{}, c.read("/projects/stats")["content"])
	c.call(204, http.MethodPost, "/traces/delete", object{"ids": []string{newID()}})
	c.call(204, http.MethodPost, "/traces/comments/delete", object{"ids": []string{newID()}})
}

func TestWhatIsLeftOut(t *testing.T) {
	c := newClient(t, api.Options{})
	ids := seed(c)
	c.call(201, http.MethodPost, "/traces/"+ids[0]+"/comments", object{"text": "hm"})
	fields := []string{"input", "metadata", "tags", "feedback_scores", "comments", "error_info", "usage"}
	for _, field := range fields {
		listed := c.read("/traces?project_name=p&exclude=" + url.QueryEscape(`["`+field+`"]`))["content"].([]any)
		found := c.search("/traces/search", object{"project_name": "p", "exclude": []string{field}})
		for i, trace := range found {
			assert.NotContains(t, trace, field)
			assert.NotContains(t, listed[i], field)
			assert.Contains(t, trace, "name", "only that is left out")
		}
	}
	assert.Len(t, c.read("/traces?project_name=p&exclude=nonsense")["content"], 3)
}
