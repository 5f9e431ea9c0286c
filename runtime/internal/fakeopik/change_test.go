package fakeopik_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
)

// send makes a request and returns the status.
func send(t *testing.T, server *fakeopik.Server, method, path, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://localhost/v1/private"+path, strings.NewReader(body))
	require.NoError(t, err)
	response, err := server.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

func TestAnUpdateOfAnUnknownSpanBeatsTheRowThatComesLater(t *testing.T) {
	server := &fakeopik.Server{}
	update := `{"trace_id":"` + second + `","output":{"a":1}}`
	require.Equal(t, http.StatusNoContent, send(t, server, http.MethodPatch, "/spans/"+first, update))
	require.Equal(t, http.StatusNoContent, post(t, server, `{"id":"`+first+`","name":"n","last_updated_at":"2026-01-01T00:00:00Z"}`))
	row := string(server.Spans()[first].JSON)
	assert.Contains(t, row, `"start_time":"1970-01-01T00:00:00Z"`)
	assert.NotContains(t, row, `"name"`)
}

func TestAnUpdateMergesWithARow(t *testing.T) {
	server := &fakeopik.Server{}
	require.Equal(t, http.StatusNoContent, post(t, server,
		`{"id":"`+first+`","trace_id":"`+second+`","name":"n","tags":["a"],"output":{"b":2},"last_updated_at":"2026-01-01T00:00:00Z"}`))
	update := `{"trace_id":"` + second + `","project_name":"Default Project","output":{"a":1},"tags_to_add":["c"]}`
	require.Equal(t, http.StatusNoContent, send(t, server, http.MethodPatch, "/spans/"+first, update))
	assert.JSONEq(t, `{"id":"`+first+`","trace_id":"`+second+`","project_name":"Default Project","name":"n","tags":["a","c"],"output":{"a":1},"last_updated_at":"2026-01-01T00:00:00Z"}`,
		string(server.Spans()[first].JSON))
}

func TestAnUpdateMustRepeatTheOwner(t *testing.T) {
	server := &fakeopik.Server{}
	require.Equal(t, http.StatusNoContent, post(t, server, `{"id":"`+first+`","trace_id":"`+second+`","parent_span_id":"p","project_name":"x"}`))
	for _, c := range []struct {
		body string
		want int
	}{
		{`{"trace_id":"` + second + `","parent_span_id":"p","project_name":"x"}`, http.StatusNoContent},
		{`{"trace_id":"` + first + `","parent_span_id":"p","project_name":"x"}`, http.StatusConflict},
		{`{"trace_id":"` + second + `","project_name":"x"}`, http.StatusConflict},
		{`{"trace_id":"` + second + `","parent_span_id":"p"}`, http.StatusConflict},
		{`{"parent_span_id":"p","project_name":"x"}`, http.StatusUnprocessableEntity},
		{`{`, http.StatusBadRequest},
	} {
		assert.Equal(t, c.want, send(t, server, http.MethodPatch, "/spans/"+first, c.body), c.body)
	}
	assert.Equal(t, http.StatusBadRequest, send(t, server, http.MethodPatch, "/spans/7", `{}`))
	assert.Equal(t, http.StatusNotFound, send(t, server, http.MethodPatch, "/traces/"+first, `{}`))
}

func TestScores(t *testing.T) {
	score := func(id, value string) string {
		return `{"id":"` + id + `","project_name":"p","name":"n","source":"sdk","value":` + value + `}`
	}
	for _, c := range []struct {
		name, path, scores string
		want               int
	}{
		{"a span's", "/spans/feedback-scores", score(first, "1"), http.StatusNoContent},
		{"two", "/traces/feedback-scores", score(first, "1") + "," + score(second, "1"), http.StatusNoContent},
		{"a thread's", "/traces/threads/feedback-scores", `{"thread_id":"t","name":"n","source":"sdk","value":1}`, http.StatusNoContent},
		{"no thread", "/traces/threads/feedback-scores", score(first, "1"), http.StatusUnprocessableEntity},
		{"one name twice", "/spans/feedback-scores", score(first, "1") + "," + score(first, "2"), http.StatusUnprocessableEntity},
		{"too much", "/spans/feedback-scores", score(first, "1e10"), http.StatusUnprocessableEntity},
		{"no number", "/spans/feedback-scores", score(first, `"x"`), http.StatusBadRequest},
		{"no id", "/spans/feedback-scores", score("x", "1"), http.StatusBadRequest},
		{"none", "/spans/feedback-scores", "", http.StatusUnprocessableEntity},
		{"nowhere", "/feedback-scores", score(first, "1"), http.StatusNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := &fakeopik.Server{}
			assert.Equal(t, c.want, send(t, server, http.MethodPut, c.path, `{"scores":[`+c.scores+`]}`))
			assert.Equal(t, c.want == http.StatusNoContent, len(server.Scores()) > 0)
		})
	}
}
