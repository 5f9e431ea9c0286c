package rest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

// spansOf returns so many spans whose input has so many bytes.
func spansOf(count, size int) []rest.Span {
	input, _ := json.Marshal(strings.Repeat("x", size))
	spans := make([]rest.Span, count)
	for i := range spans {
		spans[i] = rest.Span{ID: numberedID(i), TraceID: traceID, StartTime: start, Input: input}
	}
	return spans
}

// sizes returns how many spans there were in the requests.
func sizes(requests []captured) (sizes []int) {
	for _, request := range requests {
		sizes = append(sizes, bytes.Count(request.Body, []byte(`"trace_id"`)))
	}
	return sizes
}

func TestBatches(t *testing.T) {
	const mega = 1_000_000
	tests := []struct {
		name  string
		spans []rest.Span
		want  []int
	}{
		{"none", nil, nil},
		{"one", spansOf(1, 1), []int{1}},
		{"by number", spansOf(2001, 1), []int{1000, 1000, 1}},
		{"by size", spansOf(3, 7*mega), []int{2, 1}},
		{"one that is too large goes alone", append(spansOf(1, 17*mega), spansOf(2, 1)...), []int{1, 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, done)
			require.NoError(t, server.client(t).Spans.CreateMany(t.Context(), test.spans))
			assert.Equal(t, test.want, sizes(server.asked()))
		})
	}
}

// ids returns so many ids.
func ids(count int) []string {
	all := make([]string, count)
	for i := range all {
		all[i] = numberedID(i)
	}
	return all
}

// TestTheSecondRequestFails looks at what is said of the first.
func TestTheSecondRequestFails(t *testing.T) {
	var server *loopback
	server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(server.asked())%2 == 0 {
			fails(http.StatusUnprocessableEntity, `{"errors":["no"]}`)(w, r)
		}
	})
	c, ctx := server.client(t), t.Context()
	require.ErrorContains(t, c.Spans.CreateMany(ctx, spansOf(1500, 1)), "1000 of 1500 items were sent, then: opik answered 422")
	require.ErrorContains(t, c.Traces.DeleteMany(ctx, ids(1500)...), "1000 of 1500 items were sent, then: opik answered 422")
	err := c.Spans.UpdateMany(ctx, ids(1500), rest.SpanUpdate{TraceID: traceID, Name: "a"})
	require.ErrorContains(t, err, "1000 of 1500 items were sent, then: opik answered 422")
	require.NoError(t, c.Spans.CreateMany(ctx, nil))
	require.NoError(t, c.Comments.Delete(ctx, rest.EntitySpan))
	require.NoError(t, c.FeedbackScores.AddMany(ctx, nil))
	assert.Len(t, server.asked(), 6)
}

// TestRowsThatAreRefusedHere never reach the server, which would refuse a whole batch for them, or worse.
func TestRowsThatAreRefusedHere(t *testing.T) {
	server := serve(t, done)
	c, ctx := server.client(t), t.Context()
	good := spansOf(1, 1)[0]
	span := func(change func(s *rest.Span)) error {
		bad := good
		change(&bad)
		_, err := c.Spans.Create(ctx, bad)
		assert.ErrorContains(t, c.Spans.CreateMany(ctx, []rest.Span{good, bad}), err.Error())
		return err
	}
	_, traceErr := c.Traces.Create(ctx, rest.Trace{Name: "t", StartTime: time.Unix(0, 0)})
	_, noJSON := c.Spans.Create(ctx, rest.Span{TraceID: traceID, StartTime: start, Input: json.RawMessage("{")})
	_, noText := c.Comments.Add(ctx, rest.SpanRef(spanID), " \n")
	_, noModel := c.Comments.Add(ctx, rest.ThreadRef("chat 1"), "a")
	_, noName := c.Projects.Create(ctx, rest.Project{})
	_, noProject := c.Projects.Find(ctx, "")
	_, noThread := c.Threads.Get(ctx, rest.SpanRef(spanID))
	_, names := c.FeedbackScores.Names(ctx, rest.NamesQuery{Entity: rest.EntityTrace, Type: rest.TypeLLM})
	quality := rest.FeedbackScore{Name: "quality", Value: 1}
	tests := []struct {
		err  error
		want string
	}{
		{span(func(s *rest.Span) { s.TraceID = "" }), `span "": found "" for the id of a trace, expected a UUID`},
		{span(func(s *rest.Span) { s.StartTime = time.Time{} }), "the start time is not set"},
		{span(func(s *rest.Span) { s.StartTime = time.Unix(0, 0) }), "the start time is not set"},
		{span(func(s *rest.Span) { s.Usage = map[string]int64{"a": 1 << 31} }), "usage a is 2147483648: opik takes 32 bits"},
		{c.Spans.CreateMany(ctx, append(spansOf(1, 1), rest.Span{TraceID: traceID, StartTime: start, Input: json.RawMessage("{")})), "item 2 of 2 cannot be encoded"},
		{noJSON, "the body of POST /v1/private/spans cannot be encoded"},
		{span(func(s *rest.Span) { s.ProjectID = projectID }), "it was read from project " + projectID + ", which opik does not take by its id: set ProjectName"},
		{c.Traces.CreateMany(ctx, []rest.Trace{{ProjectID: projectID, StartTime: start}}), "set ProjectName"},
		{traceErr, `trace "t": the start time is not set`},
		{c.Traces.CreateMany(ctx, []rest.Trace{{}}), "the start time is not set"},
		{c.Spans.Update(ctx, spanID, rest.SpanUpdate{}), `found "" for the id of a trace`},
		{c.Spans.Update(ctx, "../x", rest.SpanUpdate{TraceID: traceID}), `found "../x" for the id of a span, expected a UUID`},
		{c.Traces.Delete(ctx, ""), `found "" for the id of a trace, expected a UUID`},
		{c.Traces.DeleteMany(ctx, traceID, ""), `found "" for the id of a trace, expected a UUID`},
		{c.Threads.UpdateMany(ctx, []string{"chat 1"}, rest.ThreadUpdate{}), `found "chat 1" for the id of a thread, expected a UUID`},
		{noThread, "found a ref to something else, expected one to a thread"},
		{c.Threads.Close(ctx, rest.ThreadRef("")), "expected one to a thread, as of ThreadRef, with its id"},
		{noText, "the text of a comment is blank"},
		{noModel, "comments find a thread by its ModelID"},
		{c.Comments.Update(ctx, "dataset", commentID, "a"), `found the entity "dataset"`},
		{c.Comments.Delete(ctx, rest.EntitySpan, "x"), `comments on spans: found "x" for the id of a comment`},
		{noName, "the project has no name"},
		{noProject, "the name of the project is empty"},
		{names, "a query for the scores of traces has no Type"},
		{c.FeedbackScores.Add(ctx, rest.SpanRef(spanID), rest.FeedbackScore{}), "the score has no name"},
		{c.FeedbackScores.Add(ctx, rest.SpanRef(spanID), rest.FeedbackScore{Name: "a", Value: 1e9}), `the score "a" is 1e+09: want a number below a billion`},
		{c.FeedbackScores.Add(ctx, rest.SpanRef("x"), quality), `found "x" for the id of a span`},
		{c.FeedbackScores.Add(ctx, rest.ThreadRef(""), quality), "expected one to a thread"},
		{c.FeedbackScores.Delete(ctx, rest.SpanRef(spanID), rest.DeleteScore{}), "the score to delete has no name"},
		{c.FeedbackScores.AddMany(ctx, []rest.ScoreOf{{Ref: rest.SpanRef(spanID), Score: quality}, {Ref: rest.TraceRef(traceID), Score: quality}}),
			`the score "quality" is about a trace, the first one about a span`},
		{c.Attachments.Delete(ctx, rest.ThreadRef("a"), "a"), "nothing else has attachments"},
		{c.Attachments.Delete(ctx, rest.Ref{Entity: rest.EntitySpan, ID: spanID, ProjectID: "x"}, "a"), `found "x" for the id of a project`},
		{c.Attachments.Delete(ctx, rest.SpanRef(spanID)), ""},
		{c.Projects.Delete(ctx, "x"), `found "x" for the id of a project`},
		{c.Projects.Update(ctx, "x", rest.Project{}), `found "x" for the id of a project`},
		{c.Threads.Update(ctx, "x", rest.ThreadUpdate{}), `found "x" for the id of a thread`},
		{c.Comments.Update(ctx, rest.EntitySpan, "x", "a"), `found "x" for the id of a comment`},
		{c.Comments.Update(ctx, rest.EntitySpan, commentID, ""), "the text of a comment is blank"},
		{c.Traces.Update(ctx, "x", rest.TraceUpdate{}), `found "x" for the id of a trace`},
		{c.Spans.UpdateMany(ctx, ids(1), rest.SpanUpdate{}), `found "" for the id of a trace`},
		{c.Spans.Delete(ctx, "x"), `found "x" for the id of a span`},
	}
	for _, test := range tests {
		if test.want == "" {
			require.NoError(t, test.err)
			continue
		}
		require.ErrorContains(t, test.err, test.want)
	}
	assert.Empty(t, server.asked())
}

// TestAnAnswerWithoutAnID is of a server that keeps to itself what it has created.
// TestNullIsNotSent writes rows as they were read: Opik gives null for what is not there, and does not take it back.
func TestNullIsNotSent(t *testing.T) {
	server := serve(t, creates(traceID))
	c, null := server.client(t), json.RawMessage(" null\n")
	_, err := c.Traces.Create(t.Context(), rest.Trace{StartTime: start, Input: null, Output: null, Metadata: null})
	require.NoError(t, err)
	_, err = c.Spans.Create(t.Context(), rest.Span{TraceID: traceID, StartTime: start, Input: null, Output: null, Metadata: null})
	require.NoError(t, err)
	require.NoError(t, c.Spans.Update(t.Context(), spanID, rest.SpanUpdate{TraceID: traceID, Input: null, Output: null, Metadata: null}))
	require.NoError(t, c.Traces.Update(t.Context(), traceID, rest.TraceUpdate{Input: null, Output: null, Metadata: null}))
	for _, request := range server.asked() {
		assert.NotContains(t, string(request.Body), "null", request.Path)
	}
}

func TestAnAnswerWithoutAnID(t *testing.T) {
	client := connect(t, done)
	_, err := client.Comments.Add(t.Context(), rest.SpanRef(spanID), "a")
	require.EqualError(t, err, "the answer to POST /v1/private/spans/"+spanID+"/comments says that it is done, and not under which id")
	id, err := client.Traces.Create(t.Context(), rest.Trace{ID: traceID, StartTime: start})
	require.NoError(t, err)
	assert.Equal(t, traceID, id)
}

// TestRefs are of what was read, and know its project.
func TestRefs(t *testing.T) {
	span, trace := rest.Span{ID: spanID, ProjectID: projectID}, rest.Trace{ID: traceID, ProjectName: "support"}
	thread := rest.Thread{ID: "chat 1", ModelID: modelID, ProjectID: projectID}
	assert.Equal(t, rest.Ref{Entity: rest.EntitySpan, ID: spanID, ProjectID: projectID}, span.Ref())
	assert.Equal(t, rest.Ref{Entity: rest.EntityTrace, ID: traceID, ProjectName: "support"}, trace.Ref())
	assert.Equal(t, rest.Ref{Entity: rest.EntityThread, ID: "chat 1", ModelID: modelID, ProjectID: projectID}, thread.Ref())
}

func TestStatsByName(t *testing.T) {
	var stats rest.Stats
	require.NoError(t, json.Unmarshal([]byte(`[{"name":"duration","type":"PERCENTAGE","value":{"p50":1}},{"name":"a","type":"AVG","value":null},{"name":"b","type":"AVG"}]`), &stats))
	found, ok := stats.Get("duration")
	assert.True(t, ok)
	assert.InDelta(t, 1, found.Percentiles.P50, 0)
	_, ok = stats.Get("cost")
	assert.False(t, ok)
	require.ErrorContains(t, json.Unmarshal([]byte(`[{"name":"a","type":"AVG","value":"x"}]`), &stats), "the value of a")
	assert.Error(t, json.Unmarshal([]byte(`[5]`), &stats))
}
