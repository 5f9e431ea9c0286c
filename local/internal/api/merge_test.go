package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

// The rows of the table in Opik's contract: what each call does with an id that is unknown, partial or full.

func TestCreateTraceTwiceConflicts(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(http.StatusCreated, http.MethodPost, "/traces", row(id, nil))
	text := c.call(http.StatusConflict, http.MethodPost, "/traces", row(id, object{"name": "other"}))
	assert.JSONEq(t, `{"errors":["Trace already exists"]}`, text)
	assert.Equal(t, "answer", c.read("/traces/" + id)["name"])
}

func TestCreateSpanTwiceIsIgnored(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	c.call(http.StatusCreated, http.MethodPost, "/spans", row(id, object{"trace_id": trace}))
	c.call(http.StatusCreated, http.MethodPost, "/spans", row(id, object{"trace_id": trace, "name": "other"}))
	assert.Equal(t, "answer", c.read("/spans/" + id)["name"])
}

func TestUpdateBeforeCreate(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	update := object{"trace_id": trace, "project_name": "p", "output": object{"a": 1}, "end_time": "2026-01-02T03:04:06Z", "name": "renamed"}
	c.call(http.StatusNoContent, http.MethodPatch, "/spans/"+id, update)

	partial := c.read("/spans/" + id)
	assert.Equal(t, "1970-01-01T00:00:00Z", partial["start_time"])
	assert.Equal(t, "unknown", partial["type"])

	create := row(id, object{"trace_id": trace, "input": object{"q": 1}, "output": object{"b": 2}, "type": "llm"})
	c.call(http.StatusCreated, http.MethodPost, "/spans", create)
	whole := c.read("/spans/" + id)
	assert.Equal(t, "renamed", whole["name"], "what the update said wins")
	assert.Equal(t, object{"a": 1.0}, whole["output"])
	assert.Equal(t, object{"q": 1.0}, whole["input"], "the rest comes from the create")
	assert.Equal(t, "2026-01-02T03:04:05Z", whole["start_time"])
	assert.Equal(t, "llm", whole["type"])
	assert.InDelta(t, 1000, whole["duration"], 0.001)
}

func TestPartialRowOfAnotherPlaceConflicts(t *testing.T) {
	c, id, trace, parent := newClient(t, api.Options{}), newID(), newID(), newID()
	c.call(http.StatusNoContent, http.MethodPatch, "/spans/"+id, object{"trace_id": trace, "project_name": "p", "parent_span_id": parent})
	tests := []struct {
		name   string
		change object
		want   string
	}{
		{"trace", object{"trace_id": newID(), "parent_span_id": parent}, "trace_id does not match the existing span"},
		{"parent", object{"trace_id": trace}, "parent_span_id does not match the existing span"},
		{"project", object{"trace_id": trace, "parent_span_id": parent, "project_name": "q"}, "Project name and workspace name do not match the existing span"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := c.call(http.StatusConflict, http.MethodPost, "/spans", row(id, test.change))
			assert.JSONEq(t, `{"errors":["`+test.want+`"]}`, text)
			test.change["name"] = "x"
			if test.change["project_name"] == nil {
				test.change["project_name"] = "p"
			}
			c.call(http.StatusConflict, http.MethodPatch, "/spans/"+id, test.change)
		})
	}
}

func TestBatchKeepsTheNewestWhole(t *testing.T) {
	tests := []struct {
		name          string
		first, second any // last_updated_at; nil is none
		want          string
	}{
		{"newer second", "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z", "second"},
		{"older second", "2026-01-01T00:00:02Z", "2026-01-01T00:00:01Z", "first"},
		{"same", "2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z", "second"},
		{"none counts as now", "2026-01-01T00:00:01Z", nil, "second"},
		{"older than none", nil, "2026-01-01T00:00:01Z", "first"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, id := newClient(t, api.Options{}), newID()
			first := row(id, object{"name": "first", "input": object{"x": 1}})
			c.call(http.StatusNoContent, http.MethodPost, "/traces/batch", list("traces", stamped(first, test.first)))
			c.call(http.StatusNoContent, http.MethodPost, "/traces/batch", list("traces", stamped(row(id, object{"name": "second"}), test.second)))
			got := c.read("/traces/" + id)
			assert.Equal(t, test.want, got["name"])
			if test.want == "second" {
				assert.Nil(t, got["input"], "a row is replaced whole")
			}
		})
	}
}

// stamped sets last_updated_at.
func stamped(row object, stamp any) object {
	if stamp != nil {
		row["last_updated_at"] = stamp
	}
	return row
}

func TestPartialRowBeatsAnOlderBatch(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(http.StatusNoContent, http.MethodPatch, "/traces/"+id, object{"project_name": "p", "output": object{"a": 1}})
	c.call(http.StatusNoContent, http.MethodPost, "/traces/batch", list("traces", row(id, object{"last_updated_at": "2026-01-01T00:00:00Z"})))
	assert.Equal(t, "1970-01-01T00:00:00Z", c.read("/traces/" + id)["start_time"])

	c.call(http.StatusCreated, http.MethodPost, "/traces", row(id, nil))
	repaired := c.read("/traces/" + id)
	assert.Equal(t, "2026-01-02T03:04:05Z", repaired["start_time"], "a single create repairs it")
	assert.Equal(t, object{"a": 1.0}, repaired["output"])
}

func TestBatchUpdateSkipsUnknownIDs(t *testing.T) {
	c, known, unknown := newClient(t, api.Options{}), newID(), newID()
	c.call(http.StatusCreated, http.MethodPost, "/traces", row(known, object{"tags": []string{"a"}}))
	c.call(http.StatusNoContent, http.MethodPatch, "/traces/batch",
		object{"ids": []string{known, unknown}, "update": object{"tags": []string{"b"}}, "merge_tags": true})
	assert.Equal(t, []any{"a", "b"}, c.read("/traces/" + known)["tags"])
	c.call(http.StatusNotFound, http.MethodGet, "/traces/"+unknown, nil)
}

func TestUpdateMerges(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(http.StatusCreated, http.MethodPost, "/traces", row(id, object{"input": object{"a": 1}, "metadata": object{"m": 1}, "tags": []string{"x", "y"}}))
	c.call(http.StatusNoContent, http.MethodPatch, "/traces/"+id, object{"project_name": "p", "name": "", "input": object{"b": 2},
		"tags_to_add": []string{"z"}, "tags_to_remove": []string{"x"}, "thread_id": "t"})
	got := c.read("/traces/" + id)
	assert.Equal(t, "answer", got["name"], "a blank name says nothing")
	assert.Equal(t, object{"b": 2.0}, got["input"], "no deep merge")
	assert.Equal(t, object{"m": 1.0}, got["metadata"], "absent never clears")
	assert.Equal(t, []any{"y", "z"}, got["tags"])
	assert.Equal(t, "t", got["thread_id"])
}

func TestTooManyTags(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	tags := make([]string, 30)
	for i := range tags {
		tags[i] = newID()
	}
	c.call(http.StatusCreated, http.MethodPost, "/traces", row(id, object{"tags": tags}))
	for i := range tags {
		tags[i] = newID()
	}
	text := c.call(http.StatusUnprocessableEntity, http.MethodPatch, "/traces/"+id, object{"project_name": "p", "tags_to_add": tags})
	assert.JSONEq(t, `{"errors":["Tag limit exceeded: maximum 50 tags per item"]}`, text)
	assert.Len(t, c.read("/traces/" + id)["tags"], 30, "nothing of it is stored")
}

func TestARowOfTheFutureBeatsAnUpdate(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(http.StatusNoContent, http.MethodPost, "/traces/batch", list("traces", row(id, object{"last_updated_at": "2199-01-01T00:00:00Z"})))
	c.call(http.StatusNoContent, http.MethodPatch, "/traces/"+id, object{"project_name": "p", "name": "late"})
	assert.Equal(t, "answer", c.read("/traces/" + id)["name"])
}

func TestASpanThatMovesIsCountedOnce(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	usage := object{"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
	c.call(http.StatusNoContent, http.MethodPost, "/traces/batch", list("traces", row(trace, nil)))
	c.call(http.StatusNoContent, http.MethodPost, "/spans/batch", list("spans", row(id, object{"trace_id": trace, "usage": usage})))
	c.call(http.StatusNoContent, http.MethodPost, "/spans/batch", list("spans", row(id, object{"trace_id": trace, "usage": usage, "parent_span_id": newID()})))
	got := c.read("/traces/" + trace)
	assert.InDelta(t, 1, got["span_count"], 0)
	assert.Equal(t, object{"prompt_tokens": 1.0, "completion_tokens": 2.0, "total_tokens": 3.0}, got["usage"])
	assert.InDelta(t, 1, c.read("/spans?project_name=p&trace_id=" + trace)["total"], 0)
}

func TestCostFollowsUsage(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	usage := object{"prompt_tokens": 1000000, "completion_tokens": 0}
	c.call(http.StatusCreated, http.MethodPost, "/spans", row(id, object{"trace_id": trace, "model": "gpt-4o-mini", "provider": "openai", "usage": usage}))
	assert.InDelta(t, 0.15, c.read("/spans/" + id)["total_estimated_cost"], 1e-9)
	update := object{"trace_id": trace, "project_name": "p", "usage": object{"prompt_tokens": 2000000}}
	c.call(http.StatusNoContent, http.MethodPatch, "/spans/"+id, update)
	assert.InDelta(t, 0.30, c.read("/spans/" + id)["total_estimated_cost"], 1e-9)
	update["total_estimated_cost"] = 0
	c.call(http.StatusNoContent, http.MethodPatch, "/spans/"+id, update)
	got := c.read("/spans/" + id)
	require.NotNil(t, got["total_estimated_cost"])
	assert.InDelta(t, 0, got["total_estimated_cost"], 0, "what the client says wins, also 0")
	assert.Nil(t, got["total_estimated_cost_version"])
}
