package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

// condition is a filter as the tables have it. A key may stand behind the field's name, after a slash.
type condition struct{ field, operator, value string }

// object is the filter as it is sent.
func (f condition) object() object {
	name, key, _ := strings.Cut(f.field, "/")
	sent := object{"field": name, "operator": f.operator}
	if key != "" {
		sent["key"] = key
	}
	if f.value != "" {
		sent["value"] = f.value
	}
	return sent
}

// filtered returns the names of the rows that a list and a search find, which must agree.
func (c *client) filtered(kind string, filters ...object) string {
	c.t.Helper()
	text, err := json.Marshal(filters)
	require.NoError(c.t, err)
	page := c.read("/" + kind + "?project_name=p&size=100&sorting=" + url.QueryEscape(`[{"field":"id","direction":"ASC"}]`) + "&filters=" + url.QueryEscape(string(text)))
	names := func(list []object) (found []string) {
		for _, item := range list {
			name, ok := item["name"].(string)
			if !ok {
				name = item["id"].(string)
			}
			found = append(found, name)
		}
		return found
	}
	var listed []object
	for _, item := range page["content"].([]any) {
		listed = append(listed, item.(object))
	}
	require.InDelta(c.t, len(listed), page["total"], 0, "the total is that of the list")
	streamed := c.search("/"+kind+"/search", object{"project_name": "p", "filters": filters})
	require.ElementsMatch(c.t, names(listed), names(streamed), "a search finds what a list finds")
	return strings.Join(names(listed), " ")
}

// check runs a table of filters.
func (c *client) check(kind string, table map[condition]string) {
	t := c.t
	for filter, want := range table {
		t.Run(strings.Join([]string{filter.field, filter.operator, filter.value}, " "), func(t *testing.T) {
			assert.Equal(t, want, (&client{t, c.url, c.header}).filtered(kind, filter.object()))
		})
	}
}

func TestFiltersOfTraces(t *testing.T) {
	c := newClient(t, api.Options{})
	a, b, d := newID(), newID(), newID()
	c.call(204, http.MethodPost, "/traces/batch", list("traces",
		row(a, object{"name": "Alpha", "start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:01Z", "ttft": 10, "thread_id": "Talk", "source": "sdk",
			"environment": "production", "tags": []string{"red", "50%"}, "input": object{"q": "Köln?", "n": 1, "yes": true}, "output": "done",
			"metadata": object{"version": 2, "list": []int{5, 7}, "name": "One", "nothing": nil, "digits": "12", "a.b": 1}}),
		row(b, object{"name": "beta", "start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-02T00:00:05Z", "environment": "staging", "source": "playground",
			"tags": []string{"redder"}, "input": "plain", "metadata": object{"version": 10, "yes": false},
			"error_info": object{"exception_type": "Timeout", "message": "slow", "traceback": "x"}}),
		row(d, object{"name": "gamma_1", "start_time": "2026-01-03T00:00:00Z"}),
	))
	c.call(204, http.MethodPost, "/spans/batch", list("spans",
		row(newID(), object{"trace_id": a, "type": "llm", "total_estimated_cost": 0.5, "usage": object{"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}),
		row(newID(), object{"trace_id": a, "usage": object{"prompt_tokens": 1}}),
	))
	spans := c.search("/spans/search", object{"project_name": "p"})
	c.call(204, http.MethodPut, "/traces/feedback-scores", object{"scores": []object{
		{"id": a, "project_name": "p", "name": "Good", "value": 0.5, "source": "sdk"}, {"id": b, "project_name": "p", "name": "Good", "value": 1, "source": "sdk"}}})
	c.call(204, http.MethodPut, "/spans/feedback-scores", object{"scores": []object{{"id": spans[0]["id"], "project_name": "p", "name": "exact", "value": 1, "source": "sdk"}}})

	c.check("traces", map[condition]string{
		{"id", "=", a}: "Alpha", {"id", "!=", a}: "beta gamma_1", {"id", "starts_with", a[:30]}: "Alpha",
		{"name", "=", "ALPHA"}: "Alpha", {"name", "!=", "alpha"}: "beta gamma_1", {"name", "contains", "ET"}: "beta", {"name", "not_contains", "et"}: "Alpha gamma_1",
		{"name", "starts_with", "GAM"}: "gamma_1", {"name", "ends_with", "A"}: "Alpha beta", {"name", ">", "Beta"}: "gamma_1", {"name", "<", "beta"}: "Alpha",
		{"name", "contains", "_"}: "gamma_1", {"name", "contains", "%"}: "", {"name", "contains", `\`}: "",
		{"start_time", "=", "2026-01-02T00:00:00Z"}: "beta", {"start_time", "!=", "2026-01-02T00:00:00Z"}: "Alpha gamma_1",
		{"start_time", ">", "2026-01-02T00:00:00Z"}: "gamma_1", {"start_time", ">=", "2026-01-02T01:00:00+01:00"}: "beta gamma_1",
		{"start_time", "<", "2026-01-02T00:00:00Z"}: "Alpha", {"start_time", "<=", "2026-01-02T00:00:00Z"}: "Alpha beta",
		{"end_time", ">", "2026-01-01T00:00:02Z"}: "beta", {"end_time", "<", "2027-01-01T00:00:00Z"}: "Alpha beta",
		{"created_at", ">", "2026-01-01T00:00:00Z"}: "Alpha beta gamma_1", {"last_updated_at", "<", "2026-01-01T00:00:00Z"}: "",
		{"input", "contains", "köln"}: "Alpha", {"input", "=", `"PLAIN"`}: "beta", {"output", "contains", "DONE"}: "Alpha", {"output", "not_contains", "done"}: "beta gamma_1",
		{"input_json/q", "=", "köln?"}: "Alpha", {"input_json/n", ">", "0"}: "Alpha", {"input_json/yes", "=", "true"}: "Alpha", {"output_json/x", "=", "y"}: "",
		{"metadata/version", "=", "2"}: "Alpha", {"metadata/version", "!=", "2"}: "beta gamma_1", {"metadata/version", ">", "2"}: "beta", {"metadata/version", ">=", "2"}: "Alpha beta",
		{"metadata/version", "<", "10"}: "Alpha", {"metadata/version", "<=", "10"}: "Alpha beta", {"metadata/version", "<", "many"}: "", {"metadata/name", "<", "5"}: "",
		{"metadata/digits", ">", "3"}: "Alpha", {"metadata/name", "contains", "ON"}: "Alpha", {"metadata/name", "not_contains", "on"}: "beta gamma_1",
		{"metadata/name", "starts_with", "o"}: "Alpha", {"metadata/name", "ends_with", "E"}: "Alpha", {"metadata/list[1]", "=", "7"}: "Alpha", {"metadata/$.list[0]", "=", "5"}: "Alpha",
		{"metadata/yes", "=", "false"}: "beta", {"metadata/version", "is_empty", ""}: "gamma_1", {"metadata/version", "is_not_empty", ""}: "Alpha beta", {"metadata/nothing", "is_empty", ""}: "Alpha beta gamma_1",
		{"metadata.version", "=", "2"}: "Alpha", {"input.q", "contains", "köln"}: "Alpha",
		{"total_estimated_cost", ">", "0.4"}: "Alpha", {"total_estimated_cost", "=", "0"}: "beta gamma_1", {"llm_span_count", "=", "1"}: "Alpha", {"span_count", ">=", "2"}: "Alpha",
		{"usage.total_tokens", ">", "7"}: "Alpha", {"usage.prompt_tokens", "=", "4"}: "Alpha", {"usage.completion_tokens", "=", "4"}: "Alpha", {"usage.completion_tokens", "<", "1"}: "beta gamma_1",
		{"tags", "contains", "RED"}: "Alpha beta", {"tags", "not_contains", "redd"}: "Alpha gamma_1", {"tags", "=", "red"}: "Alpha", {"tags", "=", "RED"}: "", {"tags", "!=", "red"}: "beta gamma_1",
		{"tags", "is_empty", ""}: "gamma_1", {"tags", "is_not_empty", ""}: "Alpha beta", {"tags", "contains", "50%"}: "Alpha", {"tags", "contains", "5_%"}: "",
		{"feedback_scores/good", "=", "0.5"}: "Alpha", {"feedback_scores/Good", "!=", "0.5"}: "beta gamma_1", {"feedback_scores/Good", ">", "0.5"}: "beta", {"feedback_scores/Good", ">=", "0.5"}: "Alpha beta",
		{"feedback_scores/Good", "<", "1"}: "Alpha", {"feedback_scores/Good", "<=", "1"}: "Alpha beta", {"feedback_scores/Good", "is_empty", ""}: "gamma_1", {"feedback_scores/Good", "is_not_empty", ""}: "Alpha beta",
		{"feedback_scores.Good", "=", "1"}: "beta", {"span_feedback_scores/exact", "=", "1"}: "Alpha", {"span_feedback_scores/exact", "is_empty", ""}: "beta gamma_1",
		{"duration", "=", "1000"}: "Alpha", {"duration", ">", "1000"}: "beta", {"ttft", "<=", "10"}: "Alpha", {"ttft", "!=", "10"}: "",
		{"thread_id", "=", "talk"}: "Alpha", {"thread_id", "!=", "talk"}: "beta gamma_1",
		{"error_info", "is_empty", ""}: "Alpha gamma_1", {"error_info", "is_not_empty", ""}: "beta", {"error_type", "=", "timeout"}: "beta", {"error_type", "!=", "timeout"}: "Alpha gamma_1",
		{"environment", "=", "production"}: "Alpha", {"environment", "=", "PRODUCTION"}: "", {"environment", "!=", "production"}: "beta gamma_1",
		{"environment", "in", "production, staging"}: "Alpha beta", {"environment", "in", "qa"}: "", {"environment", "not_in", "production,qa,"}: "beta gamma_1",
		{"environment", "is_empty", ""}: "gamma_1", {"environment", "is_not_empty", ""}: "Alpha beta", {"source", "in", "sdk"}: "Alpha", {"source", "=", "playground"}: "beta",
		{"visibility_mode", "=", "default"}: "Alpha beta gamma_1", {"visibility_mode", "=", "hidden"}: "",
		{"guardrails", "=", "failed"}: "", {"experiment_id", "=", a}: "", {"annotation_queue_ids", "contains", a}: "", {"annotation_queue_ids", "is_empty", ""}: "Alpha beta gamma_1",
		{"created_by", "=", "admin"}: "Alpha beta gamma_1",
	})
	assert.Equal(t, "beta", c.filtered("traces", condition{"name", "ends_with", "a"}.object(), condition{"tags", "contains", "redd"}.object()), "all filters must hold")
	assert.Equal(t, "Alpha beta gamma_1", c.filtered("traces"))
}

func TestFiltersOfSpans(t *testing.T) {
	c, trace, root := newClient(t, api.Options{}), newID(), newID()
	c.call(204, http.MethodPost, "/spans/batch", list("spans",
		row(root, object{"trace_id": trace, "name": "root", "type": "general", "environment": "qa"}),
		row(newID(), object{"trace_id": trace, "parent_span_id": root, "name": "ask", "type": "llm", "model": "gpt-4o", "provider": "openai", "total_estimated_cost": 2,
			"usage": object{"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, "error_info": object{"exception_type": "E", "traceback": "x"}}),
		row(newID(), object{"trace_id": newID(), "name": "run", "type": "tool"}),
	))
	c.check("spans", map[condition]string{
		{"type", "=", "llm"}: "ask", {"type", "!=", "llm"}: "root run", {"type", "in", "llm,tool"}: "ask run", {"type", "not_in", "llm,tool"}: "root", {"type", "is_empty", ""}: "",
		{"model", "contains", "GPT"}: "ask", {"model", "=", "gpt-4o"}: "ask", {"provider", "starts_with", "open"}: "ask", {"provider", "!=", "openai"}: "root run",
		{"trace_id", "=", trace}: "root ask", {"parent_span_id", "=", root}: "ask", {"environment", "in", "qa"}: "root",
		{"usage.prompt_tokens", ">", "2"}: "ask", {"usage.completion_tokens", "=", "4"}: "ask", {"usage.total_tokens", "<", "7"}: "root run",
		{"total_estimated_cost", ">=", "2"}: "ask", {"error_info", "is_not_empty", ""}: "ask", {"error_type", "=", "e"}: "ask", {"name", "ends_with", "N"}: "run",
	})
	assert.Equal(t, "ask", strings.Join(names(c.read("/spans?project_name=p&type=llm&trace_id="+trace)), " "))
}

func TestFiltersOfThreads(t *testing.T) {
	c := newClient(t, api.Options{})
	c.call(204, http.MethodPost, "/traces/batch", list("traces",
		row(newID(), object{"thread_id": "short", "input": "hi", "output": "ho", "environment": "qa", "source": "sdk", "end_time": "2026-01-02T03:04:06Z"}),
		row(newID(), object{"thread_id": "long", "input": "first", "start_time": "2026-02-02T00:00:00Z"}),
		row(newID(), object{"thread_id": "long", "output": "last", "start_time": "2026-02-02T00:00:01Z", "end_time": "2026-02-02T00:00:09Z"}),
	))
	c.call(204, http.MethodPut, "/traces/threads/close", object{"project_name": "p", "thread_id": "short"})
	c.call(204, http.MethodPut, "/traces/threads/feedback-scores", object{"scores": []object{{"thread_id": "long", "project_name": "p", "name": "kind", "value": 3, "source": "ui"}}})
	long := decode[object](t, c.call(200, http.MethodPost, "/traces/threads/retrieve", object{"project_name": "p", "thread_id": "long"}))
	c.call(204, http.MethodPatch, "/traces/threads/"+long["thread_model_id"].(string), object{"tags": []string{"vip"}})
	c.check("traces/threads", map[condition]string{
		{"id", "=", "LONG"}: "long", {"id", "contains", "o"}: "long short", {"status", "=", "inactive"}: "short", {"status", "in", "active,inactive"}: "long short", {"status", "not_in", "active"}: "short",
		{"first_message", "contains", "FIRST"}: "long", {"last_message", "=", `"last"`}: "long", {"number_of_messages", ">", "2"}: "long", {"duration", "=", "9000"}: "long",
		{"start_time", "<", "2026-02-01T00:00:00Z"}: "short", {"end_time", ">", "2026-02-01T00:00:00Z"}: "long", {"created_at", ">", "2026-01-01T00:00:00Z"}: "long short", {"last_updated_at", ">", "2026-01-01T00:00:00Z"}: "long short",
		{"feedback_scores/kind", ">=", "3"}: "long", {"feedback_scores/kind", "is_empty", ""}: "short", {"tags", "contains", "vi"}: "long", {"tags", "is_empty", ""}: "short",
		{"environment", "=", "qa"}: "short", {"environment", "is_empty", ""}: "long", {"source", "in", "sdk"}: "short", {"annotation_queue_ids", "is_not_empty", ""}: "",
	})
}

func TestWhatCannotBeFiltered(t *testing.T) {
	c := newClient(t, api.Options{})
	seed(c)
	tests := []struct {
		kind   string
		filter condition
		want   string
	}{
		{"traces", condition{"name", "is_empty", ""}, "Invalid operator 'is_empty' for field 'name' of type 'STRING'"},
		{"traces", condition{"name", "in", "a"}, "Invalid operator 'in' for field 'name' of type 'STRING'"},
		{"traces", condition{"name", ">=", "a"}, "Invalid operator '>=' for field 'name' of type 'STRING'"},
		{"traces", condition{"name", "~", "a"}, "Invalid operator '~' for field 'name' of type 'STRING'"},
		{"traces", condition{"name", "= 1 OR 1 =", "a"}, "Invalid operator '= 1 OR 1 =' for field 'name' of type 'STRING'"},
		{"traces", condition{"duration", "contains", "1"}, "Invalid operator 'contains' for field 'duration' of type 'NUMBER'"},
		{"traces", condition{"tags", ">", "a"}, "Invalid operator '>' for field 'tags' of type 'LIST'"},
		{"traces", condition{"error_info", "contains", "a"}, "Invalid operator 'contains' for field 'error_info' of type 'ERROR_CONTAINER'"},
		{"traces", condition{"environment", "contains", "a"}, "Invalid operator 'contains' for field 'environment' of type 'ENUM'"},
		{"traces", condition{"feedback_scores/a", "contains", "1"}, "Invalid operator 'contains' for field 'feedback_scores' of type 'FEEDBACK_SCORES_NUMBER'"},
		{"traces", condition{"start_time", "is_empty", ""}, "Invalid operator 'is_empty' for field 'start_time' of type 'DATE_TIME'"},
		{"traces", condition{"name", "=", " "}, "Invalid value ' ' or key '' for field 'name' of type 'STRING'"},
		{"traces", condition{"environment", "in", " , ,"}, "Invalid value ' , ,' or key '' for field 'environment' of type 'ENUM'"},
		{"traces", condition{"duration", ">", "long"}, "Invalid value 'long' or key '' for field 'duration' of type 'NUMBER'"},
		{"traces", condition{"duration", ">", "NaN"}, "Invalid value 'NaN' or key '' for field 'duration' of type 'NUMBER'"},
		{"traces", condition{"duration", "<", "Inf"}, "Invalid value 'Inf' or key '' for field 'duration' of type 'NUMBER'"},
		{"traces", condition{"feedback_scores/q", ">", "x"}, "Invalid value 'x' or key 'q' for field 'feedback_scores' of type 'FEEDBACK_SCORES_NUMBER'"},
		{"traces", condition{"start_time", ">", "yesterday"}, "Invalid value 'yesterday' or key '' for field 'start_time' of type 'DATE_TIME'"},
		{"traces", condition{"start_time", ">", "1969-01-01T00:00:00Z"}, "Invalid value '1969-01-01T00:00:00Z' or key '' for field 'start_time' of type 'DATE_TIME'"},
		{"traces", condition{"nothing", "=", "a"}, `no field "nothing" of traces`},
		{"traces", condition{"name.x", "=", "a"}, `no field "name.x" of traces`},
		{"traces", condition{"type", "=", "llm"}, `no field "type" of traces`},
		{"spans", condition{"thread_id", "=", "a"}, `no field "thread_id" of spans`},
		{"traces/threads", condition{"input", "=", "a"}, `no field "input" of threads`},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			c := &client{t, c.url, c.header}
			want, err := json.Marshal(object{"errors": []string{test.want}})
			require.NoError(t, err)
			text, err := json.Marshal([]object{test.filter.object()})
			require.NoError(t, err)
			assert.JSONEq(t, string(want), c.call(400, http.MethodGet, "/"+test.kind+"?project_name=p&filters="+url.QueryEscape(string(text)), nil))
			assert.JSONEq(t, string(want), c.call(400, http.MethodPost, "/"+test.kind+"/search", object{"project_name": "p", "filters": []object{test.filter.object()}}))
		})
	}
	huge := condition{"name", "contains", strings.Repeat("%", 30_000)}
	c.call(400, http.MethodPost, "/traces/search", object{"project_name": "p", "filters": []object{huge.object()}})
}

func TestSortableFieldsCanBeSortedBy(t *testing.T) {
	c := newClient(t, api.Options{})
	seed(c)
	for _, kind := range []string{"traces", "spans", "traces/threads"} {
		fields := c.read("/" + kind + "?project_name=p")["sortable_by"].([]any)
		require.NotEmpty(t, fields)
		for _, field := range fields {
			name := strings.Replace(field.(string), "*", "good", 1)
			for _, direction := range []string{"ASC", "DESC", ""} {
				text, err := json.Marshal([]object{{"field": name, "direction": direction}})
				require.NoError(t, err)
				page := c.read("/" + kind + "?project_name=p&sorting=" + url.QueryEscape(string(text)))
				assert.NotEmpty(t, page["content"], "%s by %s", kind, name)
			}
		}
	}
}
