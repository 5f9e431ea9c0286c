package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

// seed stores three traces, the second with two spans, and returns their ids.
func seed(c *client) []string {
	ids := []string{newID(), newID(), newID()}
	rows := make([]object, len(ids))
	for i, id := range ids {
		rows[i] = row(id, object{
			"name": fmt.Sprintf("trace %d", i), "tags": []string{fmt.Sprintf("tag%d", i)}, "thread_id": "talk",
			"start_time": fmt.Sprintf("2026-01-02T03:04:0%dZ", i), "end_time": fmt.Sprintf("2026-01-02T03:04:%02dZ", 10+3*i),
			"input": object{"question": fmt.Sprintf("Frage %d über Köln", i)}, "metadata": object{"version": i, "deep": object{"list": []int{i}}},
		})
	}
	rows[2]["error_info"] = object{"exception_type": "ValueError", "message": "boom", "traceback": "line 1"}
	c.call(204, http.MethodPost, "/traces/batch", list("traces", rows...))
	root := newID()
	c.call(204, http.MethodPost, "/spans/batch", list("spans",
		row(root, object{"trace_id": ids[1], "type": "general"}),
		row(newID(), object{"trace_id": ids[1], "parent_span_id": root, "type": "llm", "model": "gpt-4o", "provider": "openai", "name": "ask",
			"usage": object{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "none": nil}, "output": object{"text": "Der Dom"}}),
	))
	c.call(204, http.MethodPut, "/traces/feedback-scores", object{"scores": []object{
		{"id": ids[0], "project_name": "p", "name": "good", "value": 0.25, "source": "sdk"},
		{"id": ids[0], "project_name": "p", "name": "good", "value": 0.75, "source": "ui", "author": "eve", "reason": "because"},
		{"id": ids[1], "project_name": "elsewhere", "name": "good", "value": 1, "source": "sdk"},
	}})
	return ids
}

// names are the names of a page.
func names(page object) (found []string) {
	for _, item := range page["content"].([]any) {
		found = append(found, strings.TrimPrefix(item.(object)["name"].(string), "trace "))
	}
	return found
}

func TestFilters(t *testing.T) {
	c := newClient(t, api.Options{})
	seed(c)
	tests := []struct {
		filter object
		want   []string
	}{
		{object{"field": "name", "operator": "=", "value": "TRACE 1"}, []string{"1"}},
		{object{"field": "name", "operator": "contains", "value": "e 2"}, []string{"2"}},
		{object{"field": "name", "operator": "contains", "value": "%"}, nil},
		{object{"field": "name", "operator": "not_contains", "value": "e 2"}, []string{"1", "0"}},
		{object{"field": "name", "operator": "starts_with", "value": "trace"}, []string{"2", "1", "0"}},
		{object{"field": "name", "operator": "ends_with", "value": "0"}, []string{"0"}},
		{object{"field": "tags", "operator": "contains", "value": "tag1"}, []string{"1"}},
		{object{"field": "start_time", "operator": ">=", "value": "2026-01-02T03:04:06Z"}, nil},
		{object{"field": "start_time", "operator": ">", "value": "2026-01-02T03:04:00Z"}, []string{"2", "1"}},
		{object{"field": "duration", "operator": "<=", "value": "10000"}, []string{"0"}},
		{object{"field": "usage.total_tokens", "operator": "=", "value": "15"}, []string{"1"}},
		{object{"field": "total_estimated_cost", "operator": ">", "value": "0"}, []string{"1"}},
		{object{"field": "feedback_scores", "key": "good", "operator": "=", "value": "0.5"}, []string{"0"}},
		{object{"field": "feedback_scores", "key": "good", "operator": "is_empty"}, []string{"2", "1"}},
		{object{"field": "metadata", "key": "version", "operator": "=", "value": "2"}, []string{"2"}},
		{object{"field": "metadata", "key": "deep.list[0]", "operator": ">", "value": "0"}, []string{"2", "1"}},
		{object{"field": "metadata", "key": "$.version", "operator": "<", "value": "1"}, []string{"0"}},
		{object{"field": "input", "operator": "contains", "value": "Frage 1"}, []string{"1"}},
		{object{"field": "error_info", "operator": "is_not_empty"}, []string{"2"}},
		{object{"field": "thread_id", "operator": "=", "value": "talk"}, []string{"2", "1", "0"}},
	}
	for _, test := range tests {
		text, err := json.Marshal([]object{test.filter})
		require.NoError(t, err)
		t.Run(string(text), func(t *testing.T) {
			page := c.read("/traces?project_name=p&filters=" + url.QueryEscape(string(text)))
			assert.ElementsMatch(t, test.want, names(page))
			assert.InDelta(t, len(test.want), page["total"], 0)
			var found []string
			for _, trace := range c.search("/traces/search", object{"project_name": "p", "filters": []object{test.filter}}) {
				found = append(found, strings.TrimPrefix(trace["name"].(string), "trace "))
			}
			assert.ElementsMatch(t, test.want, found)
		})
	}
}

func TestSortingAndPaging(t *testing.T) {
	c := newClient(t, api.Options{})
	seed(c)
	tests := []struct {
		sorting string
		want    []string
	}{
		{`[]`, []string{"2", "1", "0"}},
		{`[{"field":"start_time","direction":"ASC"}]`, []string{"0", "1", "2"}},
		{`[{"field":"duration","direction":"DESC"}]`, []string{"2", "1", "0"}},
		{`[{"field":"usage.total_tokens","direction":"DESC"},{"field":"name","direction":"ASC"}]`, []string{"1", "0", "2"}},
		{`[{"field":"feedback_scores.good","direction":"DESC"}]`, []string{"0", "2", "1"}},
		{`[{"field":"metadata.version","direction":"ASC"}]`, []string{"0", "1", "2"}},
	}
	for _, test := range tests {
		t.Run(test.sorting, func(t *testing.T) {
			assert.Equal(t, test.want, names(c.read("/traces?project_name=p&sorting="+url.QueryEscape(test.sorting))))
		})
	}
	second := c.read("/traces?project_name=p&page=2&size=2")
	assert.Equal(t, []string{"0"}, names(second))
	assert.InDelta(t, 3, second["total"], 0)
}

func TestFullText(t *testing.T) {
	c := newClient(t, api.Options{})
	seed(c)
	for search, want := range map[string]int{"koln": 3, "frage dom": 0, "dom": 1, "do": 1, "ask": 1, "boom": 1, `")) OR 1 --`: 0, "gpt-4o": 1, "": 3} {
		assert.InDelta(t, want, c.read("/traces?project_name=p&search=" + url.QueryEscape(search))["total"], 0, search)
	}
	assert.InDelta(t, 1, c.read("/spans?project_name=p&search=dom")["total"], 0)
	assert.InDelta(t, 1, c.read("/traces/threads?project_name=p&search=frage")["total"], 0)
}

func TestSearchStreamsPages(t *testing.T) {
	c := newClient(t, api.Options{})
	rows := make([]object, 250)
	for i := range rows {
		rows[i] = row(newID(), object{"input": object{"text": strings.Repeat("x", 20000)}})
	}
	c.call(204, http.MethodPost, "/traces/batch", list("traces", rows...))
	first := c.search("/traces/search", object{"project_name": "p", "limit": 130})
	require.Len(t, first, 130)
	rest := c.search("/traces/search", object{"project_name": "p", "last_retrieved_id": first[129]["id"], "truncate": true})
	require.Len(t, rest, 120)
	assert.Equal(t, rows[0]["id"], rest[119]["id"])
	assert.IsType(t, object{}, first[0]["input"])
	assert.Len(t, rest[0]["input"], 10001, "a truncated value is the beginning of its text")
	assert.Empty(t, c.search("/traces/search", object{"project_name": "unknown"}))
}

func TestStats(t *testing.T) {
	c := newClient(t, api.Options{})
	seed(c)
	stats := object{}
	for _, stat := range c.read("/traces/stats?project_name=p")["stats"].([]any) {
		stats[stat.(object)["name"].(string)] = stat.(object)["value"]
	}
	assert.InDelta(t, 3, stats["trace_count"], 0)
	assert.InDelta(t, 1, stats["error_count"], 0)
	assert.InDelta(t, 12000, stats["duration"].(object)["p50"], 0.1)
	assert.InDelta(t, 15, stats["usage.total_tokens"], 0)
	assert.InDelta(t, 0.5, stats["feedback_scores.good"], 0)
	assert.NotEmpty(t, c.read("/spans/stats?project_name=p")["stats"])
}

func TestScores(t *testing.T) {
	c := newClient(t, api.Options{})
	ids := seed(c)
	scores := c.read("/traces/" + ids[0])["feedback_scores"].([]any)
	require.Len(t, scores, 1)
	score := scores[0].(object)
	assert.InDelta(t, 0.5, score["value"], 0)
	assert.Equal(t, "because", score["value_by_author"].(object)["eve"].(object)["reason"])
	assert.Nil(t, c.read("/traces/" + ids[1])["feedback_scores"], "a score sent to another project is not seen")

	c.call(204, http.MethodPut, "/traces/"+ids[1]+"/feedback-scores", object{"name": "fine", "value": 2, "source": "ui"})
	assert.Len(t, c.read("/traces/" + ids[1])["feedback_scores"], 1)
	c.call(204, http.MethodPost, "/traces/"+ids[1]+"/feedback-scores/delete", object{"name": "fine"})
	assert.Nil(t, c.read("/traces/" + ids[1])["feedback_scores"])
	c.call(204, http.MethodPost, "/traces/"+ids[0]+"/feedback-scores/delete", object{"name": "good", "author": "eve"})
	assert.InDelta(t, 0.25, c.read("/traces/" + ids[0])["feedback_scores"].([]any)[0].(object)["value"], 0)
	assert.Equal(t, []any{object{"name": "good", "type": "numerical"}}, c.read("/traces/feedback-scores/names")["scores"])
}

func TestComments(t *testing.T) {
	c := newClient(t, api.Options{})
	ids := seed(c)
	comment := decode[object](t, c.call(201, http.MethodPost, "/traces/"+ids[0]+"/comments", object{"text": "hm"}))
	c.call(204, http.MethodPatch, "/traces/comments/"+comment["id"].(string), object{"text": "ah"})
	assert.Equal(t, "ah", c.read("/traces/" + ids[0] + "/comments/" + comment["id"].(string))["text"])
	assert.Len(t, c.read("/traces/" + ids[0])["comments"], 1)
	c.call(204, http.MethodPost, "/traces/comments/delete", object{"ids": []any{comment["id"]}})
	assert.Nil(t, c.read("/traces/" + ids[0])["comments"])
}

func TestThreads(t *testing.T) {
	c := newClient(t, api.Options{})
	ids := seed(c)
	talk := object{"project_name": "p", "thread_id": "talk"}
	retrieve := func() object {
		return decode[object](t, c.call(200, http.MethodPost, "/traces/threads/retrieve", talk))
	}
	thread := retrieve()
	assert.InDelta(t, 6, thread["number_of_messages"], 0)
	assert.Equal(t, object{"question": "Frage 0 über Köln"}, thread["first_message"])
	assert.InDelta(t, 16000, thread["duration"], 0.1)
	assert.Equal(t, object{"prompt_tokens": 10.0, "completion_tokens": 5.0, "total_tokens": 15.0}, thread["usage"])
	assert.Equal(t, "active", thread["status"])

	c.call(204, http.MethodPut, "/traces/threads/close", talk)
	assert.Equal(t, "inactive", retrieve()["status"])
	c.call(204, http.MethodPut, "/traces/threads/open", talk)
	assert.Equal(t, "active", retrieve()["status"])

	c.call(204, http.MethodPut, "/traces/threads/feedback-scores", object{"scores": []object{
		{"thread_id": "talk", "project_name": "p", "name": "polite", "value": 1, "source": "sdk"}}})
	c.call(204, http.MethodPatch, "/traces/threads/"+thread["thread_model_id"].(string), object{"tags": []string{"vip"}})
	c.call(201, http.MethodPost, "/traces/threads/"+thread["thread_model_id"].(string)+"/comments", object{"text": "nice"})
	thread = retrieve()
	assert.Len(t, thread["feedback_scores"], 1)
	assert.Equal(t, []any{"vip"}, thread["tags"])
	assert.Len(t, thread["comments"], 1)
	found := c.search("/traces/threads/search", object{"project_name": "p", "filters": []object{
		{"field": "number_of_messages", "operator": ">=", "value": "6"}, {"field": "status", "operator": "=", "value": "active"}}})
	assert.Len(t, found, 1)
	assert.InDelta(t, 1, c.read("/traces/threads?project_name=p")["total"], 0)

	c.call(204, http.MethodPost, "/traces/threads/feedback-scores/delete", object{"project_name": "p", "thread_id": "talk", "names": []string{"polite"}})
	assert.Nil(t, retrieve()["feedback_scores"])
	c.call(204, http.MethodPost, "/traces/threads/delete", object{"project_name": "p", "thread_ids": []string{"talk"}})
	c.call(404, http.MethodPost, "/traces/threads/retrieve", talk)
	c.call(404, http.MethodGet, "/traces/"+ids[0], nil)
}

func TestProjects(t *testing.T) {
	c := newClient(t, api.Options{})
	c.call(201, http.MethodPost, "/projects", object{"name": "First", "description": "d"})
	assert.JSONEq(t, `{"errors":["Project already exists"]}`, c.call(409, http.MethodPost, "/projects", object{"name": " first "}))
	c.call(204, http.MethodPost, "/traces/batch", list("traces", row(newID(), object{"project_name": "FIRST"}), row(newID(), object{"project_name": nil})))
	project := decode[object](t, c.call(200, http.MethodPost, "/projects/retrieve", object{"name": "first"}))
	assert.Equal(t, "First", project["name"])
	page := c.read("/projects?sorting=" + url.QueryEscape(`[{"field":"name","direction":"ASC"}]`))
	assert.Equal(t, []string{"Default Project", "First"}, names(page))
	c.call(204, http.MethodPatch, "/projects/"+project["id"].(string), object{"name": "Second"})
	assert.Equal(t, "Second", c.read("/projects/" + project["id"].(string))["name"])
	c.call(204, http.MethodDelete, "/projects/"+project["id"].(string), nil)
	c.call(404, http.MethodPost, "/projects/retrieve", object{"name": "Second"})
}

func TestDeleteTakesAllAlong(t *testing.T) {
	c := newClient(t, api.Options{})
	ids := seed(c)
	c.call(204, http.MethodPost, "/traces/delete", object{"ids": ids[:2]})
	assert.InDelta(t, 1, c.read("/traces?project_name=p")["total"], 0)
	assert.InDelta(t, 0, c.read("/spans?project_name=p")["total"], 0)
	assert.InDelta(t, 0, c.read("/traces?project_name=p&search=dom")["total"], 0)
	c.call(204, http.MethodDelete, "/traces/"+ids[2], nil)
	assert.Equal(t, false, c.read("/traces/exists?project_name=p")["exists"])
}

func TestGzipBothWays(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	require.NoError(t, json.NewEncoder(writer).Encode(list("traces", row(id, nil))))
	require.NoError(t, writer.Close())
	c.header.Set("Content-Encoding", "gzip")
	response, text := c.send(http.MethodPost, "/api/v1/private/traces/batch", &zipped)
	require.Equal(t, 204, response.StatusCode, text)

	c.header = http.Header{"Accept-Encoding": {"gzip"}}
	response, text = c.send(http.MethodGet, "/api/v1/private/traces/"+id, nil)
	require.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
	reader, err := gzip.NewReader(strings.NewReader(text))
	require.NoError(t, err)
	plain, err := io.ReadAll(reader)
	require.NoError(t, err)
	assert.Equal(t, "answer", decode[object](t, string(plain))["name"])
}
