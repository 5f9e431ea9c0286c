package rest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

// A method is one call of one method of a service.
type method struct {
	name   string // Service.Method, and what is special about this call
	call   func(ctx context.Context, c *rest.Client) (any, error)
	answer http.HandlerFunc
	want   []asked
	result string // in JSON; "" if there is none
}

// asked is a request that a method is to make.
type asked struct {
	line  string // method and path; below /store is not Opik
	query string // in any order; BASE stands for the server's address, in base64
	body  string // in JSON, if it looks so; "" is none
}

var (
	start = time.Date(2026, 5, 4, 12, 30, 0, 123456789, time.FixedZone("CEST", 2*60*60))
	end   = start.Add(1500 * time.Millisecond)
)

var fullSpan = rest.Span{
	ID: spanID, ProjectName: "Default Project", TraceID: traceID, ParentSpanID: commentID, Name: "complete", Type: rest.TypeLLM, StartTime: start, EndTime: end,
	Input: json.RawMessage(`{"question":"why"}`), Output: json.RawMessage(` null `), Metadata: json.RawMessage(`{"tier":"gold"}`),
	Model: "gpt-4o", Provider: "openai", Usage: map[string]int64{"total_tokens": 5}, Tags: []string{"prod"},
	ErrorInfo:          &rest.ErrorInfo{ExceptionType: "*errors.errorString", Message: "late", Traceback: "main.go:1"},
	TotalEstimatedCost: new(float64), TTFT: 12.5, Source: "sdk", LastUpdatedAt: end,
	ProjectID: projectID, Duration: 1500, Comments: []rest.Comment{{ID: commentID, Text: "read only"}}, CreatedBy: "somebody",
}

const fullSpanBody = `{"id":"` + spanID + `","project_name":"Default Project","trace_id":"` + traceID + `","parent_span_id":"` + commentID + `",
	"name":"complete","type":"llm","start_time":"2026-05-04T10:30:00.123456789Z","end_time":"2026-05-04T10:30:01.623456789Z",
	"input":{"question":"why"},"metadata":{"tier":"gold"},"model":"gpt-4o","provider":"openai","usage":{"total_tokens":5},"tags":["prod"],
	"error_info":{"exception_type":"*errors.errorString","message":"late","traceback":"main.go:1"},
	"total_estimated_cost":0,"ttft":12.5,"source":"sdk","last_updated_at":"2026-05-04T10:30:01.623456789Z"}`

var fullTrace = rest.Trace{
	ID: traceID, ProjectName: "support", ThreadID: "chat 1", Name: "answer", StartTime: start, EndTime: end,
	Input: json.RawMessage(`"why"`), Output: json.RawMessage(`{"text":"because"}`), Tags: []string{"prod"}, Source: "sdk",
	ProjectID: projectID, TraceSummary: rest.TraceSummary{SpanCount: 3, Usage: map[string]int64{"total_tokens": 5}},
}

const fullTraceBody = `{"id":"` + traceID + `","project_name":"support","thread_id":"chat 1","name":"answer",
	"start_time":"2026-05-04T10:30:00.123456789Z","end_time":"2026-05-04T10:30:01.623456789Z",
	"input":"why","output":{"text":"because"},"tags":["prod"],"source":"sdk"}`

// everything is a query with all that a list takes.
var everything = rest.Query{
	ProjectID: projectID, Filters: []rest.Filter{{Field: "duration", Operator: rest.Greater, Value: 5 * time.Second}},
	Where: `tags contains "prod"`, Text: "porto", From: start, To: end,
	Truncate: true, StripAttachments: true, Sort: []rest.Sort{{Field: "duration", Descending: true}, {Field: "name"}},
	PageSize: 2, Page: 3,
}

const (
	filtersQuery   = `[{"field":"duration","operator":">","value":"5000"},{"field":"tags","operator":"contains","value":"prod"}]`
	selectionQuery = `project_id=` + projectID + `&filters=` + filtersQuery + `&search=porto&from_time=2026-05-04T10:30:00.123456789Z&to_time=2026-05-04T10:30:01.623456789Z`
	listQuery      = selectionQuery + `&page=3&size=2&truncate=true&strip_attachments=true&sorting=[{"direction":"DESC","field":"duration"},{"direction":"ASC","field":"name"}]`
)

// with returns everything with changes.
func with(change func(q *rest.Query)) rest.Query {
	q := everything
	change(&q)
	return q
}

// selected is everything that statistics take.
var selected = with(func(q *rest.Query) {
	q.Truncate, q.StripAttachments, q.Sort, q.PageSize, q.Page = false, false, nil, 0, 0
})

// searched is everything that a search takes.
var searched = with(func(q *rest.Query) { q.Text, q.Sort, q.Page = "", nil, 0 })

const searchBody = `"project_id":"` + projectID + `","filters":` + filtersQuery + `,"limit":2,"truncate":true,
	"from_time":"2026-05-04T10:30:00.123456789Z","to_time":"2026-05-04T10:30:01.623456789Z"`

const statsAnswer = `{"stats":[{"name":"trace_count","type":"COUNT","value":7},{"name":"duration","type":"PERCENTAGE","value":{"p50":1,"p90":2,"p99":3}}]}`

const statsResult = `[{"Name":"trace_count","Type":"COUNT","Value":7,"Percentiles":null},{"Name":"duration","Type":"PERCENTAGE","Value":0,"Percentiles":{"p50":1,"p90":2,"p99":3}}]`

// nothing makes a call of a method that returns an error only.
func nothing(call func(ctx context.Context, c *rest.Client) error) func(context.Context, *rest.Client) (any, error) {
	return func(ctx context.Context, c *rest.Client) (any, error) { return nil, call(ctx, c) }
}

// TestMethods calls every method and looks at what it asks for and what it makes of the answer.
func TestMethods(t *testing.T) {
	for _, m := range methods() {
		t.Run(m.name, func(t *testing.T) {
			server := serve(t, m.answer)
			result, err := m.call(t.Context(), server.client(t))
			require.NoError(t, err)
			m.check(t, server)
			if m.result != "" {
				text, err := json.Marshal(result)
				require.NoError(t, err)
				assert.JSONEq(t, m.result, string(text))
			}
		})
	}
}

// check compares what was asked with what was to be asked.
func (m method) check(t *testing.T, server *loopback) {
	t.Helper()
	requests := server.asked()
	require.Len(t, requests, len(m.want))
	for i, want := range m.want {
		got := requests[i]
		assert.Equal(t, want.line, got.Method+" "+got.Path)
		query, err := url.ParseQuery(got.Query)
		require.NoError(t, err)
		base := base64.StdEncoding.EncodeToString([]byte(server.URL))
		assert.Equal(t, parseQuery(strings.ReplaceAll(want.query, "BASE", base)), query)
		want.checkHeader(t, got.Header)
		if !strings.HasPrefix(want.body, "{") {
			assert.Equal(t, want.body, string(got.Body))
			continue
		}
		assert.JSONEq(t, strings.ReplaceAll(want.body, "BASE", base), string(got.Body))
	}
}

// checkHeader says who may know the key.
func (a asked) checkHeader(t *testing.T, header http.Header) {
	t.Helper()
	if strings.Contains(a.line, " /store/") {
		assert.Empty(t, header.Get("Authorization"))
		assert.Empty(t, header.Get("Comet-Workspace"))
		return
	}
	assert.Equal(t, key, header.Get("Authorization"))
	assert.Equal(t, "default", header.Get("Comet-Workspace"))
}

// parseQuery reads a query that is not encoded, so that it can be read.
func parseQuery(text string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(text, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			values.Add(name, value)
		}
	}
	return values
}

// TestEveryMethodIsCalled holds the table to the services.
func TestEveryMethodIsCalled(t *testing.T) {
	called := map[string]bool{}
	for _, m := range methods() {
		name, _, _ := strings.Cut(m.name, " ")
		called[name] = true
	}
	client := newClient(t, rest.Options{URL: "http://localhost:5173/api"})
	value := reflect.ValueOf(client).Elem()
	for field := range value.Type().Fields() {
		if !field.IsExported() {
			continue
		}
		for method := range value.FieldByIndex(field.Index).Type().Methods() {
			assert.True(t, called[field.Name+"."+method.Name], "%s.%s is in no test", field.Name, method.Name)
		}
	}
}

// methods are calls of all methods.
func methods() []method {
	var all []method
	for _, service := range [][]method{
		clientMethods(), spanMethods(), traceMethods(), threadMethods(), scoreMethods(), commentMethods(), attachmentMethods(), projectMethods(),
	} {
		all = append(all, service...)
	}
	return all
}

func clientMethods() []method {
	return []method{
		{"Client.Ping", nothing(func(ctx context.Context, c *rest.Client) error { return c.Ping(ctx) }),
			says(`{"message":"Healthy Server","healthy":true}`), []asked{{line: "GET /is-alive/ping"}}, ""},
		{"Client.Version", func(ctx context.Context, c *rest.Client) (any, error) { return c.Version(ctx) },
			says(`{"version":"2.0.2"}`), []asked{{line: "GET /is-alive/ver"}}, `"2.0.2"`},
		{"Client.CheckAuth", nothing(func(ctx context.Context, c *rest.Client) error { return c.CheckAuth(ctx) }),
			done, []asked{{"POST /v1/private/auth", "", `{}`}}, ""},
	}
}

func spanMethods() []method {
	spans := "/v1/private/spans"
	page := says(`{"page":3,"size":1,"total":5,"content":[{"id":"` + spanID + `","name":"complete"}],"sortableBy":["name"]}`)
	query := with(func(q *rest.Query) { q.TraceID, q.Type, q.Exclude = traceID, rest.TypeLLM, []string{"input"} })
	narrow := "&trace_id=" + traceID + "&type=llm"
	update := rest.SpanUpdate{TraceID: traceID, Name: "new", EndTime: end, Output: json.RawMessage(`{"a":1}`), TagsToAdd: []string{"seen"}}
	updateBody := `{"project_name":"Default Project","trace_id":"` + traceID + `","name":"new","end_time":"2026-05-04T10:30:01.623456789Z","output":{"a":1},"tags_to_add":["seen"]}`
	return []method{
		{"Spans.Create", func(ctx context.Context, c *rest.Client) (any, error) { return c.Spans.Create(ctx, fullSpan) },
			creates(spanID), []asked{{"POST " + spans, "", fullSpanBody}}, `"` + spanID + `"`},
		{"Spans.Create without an id", func(ctx context.Context, c *rest.Client) (any, error) {
			return c.Spans.Create(ctx, rest.Span{TraceID: traceID, StartTime: start})
		}, creates(spanID), []asked{{"POST " + spans, "",
			`{"project_name":"Default Project","trace_id":"` + traceID + `","start_time":"2026-05-04T10:30:00.123456789Z"}`}}, `"` + spanID + `"`},
		{"Spans.CreateMany", nothing(func(ctx context.Context, c *rest.Client) error {
			return c.Spans.CreateMany(ctx, []rest.Span{fullSpan})
		}), done, []asked{{"POST " + spans + "/batch", "", `{"spans":[` + fullSpanBody + `]}`}}, ""},
		{"Spans.Get", func(ctx context.Context, c *rest.Client) (any, error) { return c.Spans.Get(ctx, spanID) },
			says(`{"id":"` + spanID + `","type":"unknown","start_time":"2026-05-04T10:30:00Z","input":{"b":1.0},"duration":1.5}`),
			[]asked{{line: "GET " + spans + "/" + spanID}},
			`{"id":"` + spanID + `","type":"unknown","start_time":"2026-05-04T10:30:00Z","input":{"b":1.0},"duration":1.5}`},
		{"Spans.ListPage", func(ctx context.Context, c *rest.Client) (any, error) { return c.Spans.ListPage(ctx, query) },
			page, []asked{{line: "GET " + spans, query: listQuery + narrow + `&exclude=["input"]`}},
			`{"page":3,"size":1,"total":5,"content":[{"id":"` + spanID + `","name":"complete"}],"sortableBy":["name"]}`},
		{"Spans.List", func(ctx context.Context, c *rest.Client) (any, error) { return collect(c.Spans.List(ctx, query)) },
			page, []asked{{line: "GET " + spans, query: listQuery + narrow + `&exclude=["input"]`}},
			`[{"id":"` + spanID + `","name":"complete"}]`},
		{"Spans.Search", func(ctx context.Context, c *rest.Client) (any, error) {
			q := searched
			q.TraceID, q.Type, q.Exclude, q.StripAttachments, q.After = traceID, rest.TypeLLM, []string{"input"}, false, commentID
			return collect(c.Spans.Search(ctx, q))
		}, says(`{"id":"` + spanID + "\"}\r\n"), []asked{{"POST " + spans + "/search", "",
			`{` + searchBody + `,"trace_id":"` + traceID + `","type":"llm","exclude":["input"],"last_retrieved_id":"` + commentID + `"}`}},
			`[{"id":"` + spanID + `"}]`},
		{"Spans.Update", nothing(func(ctx context.Context, c *rest.Client) error { return c.Spans.Update(ctx, spanID, update) }),
			done, []asked{{"PATCH " + spans + "/" + spanID, "", updateBody}}, ""},
		{"Spans.UpdateMany", nothing(func(ctx context.Context, c *rest.Client) error {
			return c.Spans.UpdateMany(ctx, []string{spanID}, update)
		}), done, []asked{{"PATCH " + spans + "/batch", "", `{"ids":["` + spanID + `"],"update":` + updateBody + `}`}}, ""},
		{"Spans.Stats", func(ctx context.Context, c *rest.Client) (any, error) {
			q := selected
			q.TraceID, q.Type = traceID, rest.TypeLLM
			return c.Spans.Stats(ctx, q)
		}, says(statsAnswer), []asked{{line: "GET " + spans + "/stats", query: selectionQuery + narrow}}, statsResult},
		{"Spans.Delete", nothing(func(ctx context.Context, c *rest.Client) error { return c.Spans.Delete(ctx, spanID) }),
			done, []asked{{line: "DELETE " + spans + "/" + spanID}}, ""},
	}
}

func traceMethods() []method {
	traces := "/v1/private/traces"
	page := says(`{"page":3,"size":1,"total":5,"content":[{"id":"` + traceID + `","span_count":2}]}`)
	update := rest.TraceUpdate{ProjectID: projectID, Metadata: json.RawMessage(`{"a":1}`), Tags: []string{"seen"}}
	updateBody := `{"project_id":"` + projectID + `","metadata":{"a":1},"tags":["seen"]}`
	return []method{
		{"Traces.Create", func(ctx context.Context, c *rest.Client) (any, error) { return c.Traces.Create(ctx, fullTrace) },
			creates(traceID), []asked{{"POST " + traces, "", fullTraceBody}}, `"` + traceID + `"`},
		{"Traces.CreateMany", nothing(func(ctx context.Context, c *rest.Client) error {
			return c.Traces.CreateMany(ctx, []rest.Trace{fullTrace})
		}), done, []asked{{"POST " + traces + "/batch", "", `{"traces":[` + fullTraceBody + `]}`}}, ""},
		{"Traces.Get", func(ctx context.Context, c *rest.Client) (any, error) { return c.Traces.Get(ctx, traceID) },
			says(`{"id":"` + traceID + `","has_tool_spans":true,"feedback_scores":[{"name":"q","value":1,"source":"ui"}]}`),
			[]asked{{line: "GET " + traces + "/" + traceID}},
			`{"id":"` + traceID + `","has_tool_spans":true,"feedback_scores":[{"name":"q","value":1,"source":"ui"}]}`},
		{"Traces.ListPage", func(ctx context.Context, c *rest.Client) (any, error) { return c.Traces.ListPage(ctx, everything) },
			page, []asked{{line: "GET " + traces, query: listQuery}},
			`{"page":3,"size":1,"total":5,"content":[{"id":"` + traceID + `","span_count":2}],"sortableBy":null}`},
		{"Traces.List", func(ctx context.Context, c *rest.Client) (any, error) { return collect(c.Traces.List(ctx, everything)) },
			page, []asked{{line: "GET " + traces, query: listQuery}}, `[{"id":"` + traceID + `","span_count":2}]`},
		{"Traces.Search", func(ctx context.Context, c *rest.Client) (any, error) { return collect(c.Traces.Search(ctx, searched)) },
			says(`{"id":"` + traceID + "\"}\r\n"), []asked{{"POST " + traces + "/search", "", `{` + searchBody + `,"strip_attachments":true}`}},
			`[{"id":"` + traceID + `"}]`},
		{"Traces.Update", nothing(func(ctx context.Context, c *rest.Client) error { return c.Traces.Update(ctx, traceID, update) }),
			done, []asked{{"PATCH " + traces + "/" + traceID, "", updateBody}}, ""},
		{"Traces.UpdateMany", nothing(func(ctx context.Context, c *rest.Client) error {
			return c.Traces.UpdateMany(ctx, []string{traceID}, update)
		}), done, []asked{{"PATCH " + traces + "/batch", "", `{"ids":["` + traceID + `"],"update":` + updateBody + `}`}}, ""},
		{"Traces.Stats", func(ctx context.Context, c *rest.Client) (any, error) { return c.Traces.Stats(ctx, selected) },
			says(statsAnswer), []asked{{line: "GET " + traces + "/stats", query: selectionQuery}}, statsResult},
		{"Traces.Delete", nothing(func(ctx context.Context, c *rest.Client) error { return c.Traces.Delete(ctx, traceID) }),
			done, []asked{{line: "DELETE " + traces + "/" + traceID}}, ""},
		{"Traces.DeleteMany", nothing(func(ctx context.Context, c *rest.Client) error { return c.Traces.DeleteMany(ctx, traceID, spanID) }),
			done, []asked{{"POST " + traces + "/delete", "", `{"ids":["` + traceID + `","` + spanID + `"]}`}}, ""},
	}
}

func threadMethods() []method {
	threads := "/v1/private/traces/threads"
	ref := rest.ThreadRef("chat 1")
	named := `{"project_name":"Default Project","thread_id":"chat 1"}`
	thread := `{"id":"chat 1","thread_model_id":"` + modelID + `","status":"active"}`
	page := says(`{"page":3,"size":1,"total":5,"content":[` + thread + `]}`)
	update := rest.ThreadUpdate{TagsToRemove: []string{"seen"}}
	return []method{
		{"Threads.Get", func(ctx context.Context, c *rest.Client) (any, error) { return c.Threads.Get(ctx, ref) },
			says(thread), []asked{{"POST " + threads + "/retrieve", "", named}}, thread},
		{"Threads.ListPage", func(ctx context.Context, c *rest.Client) (any, error) { return c.Threads.ListPage(ctx, everything) },
			page, []asked{{line: "GET " + threads, query: listQuery}}, `{"page":3,"size":1,"total":5,"content":[` + thread + `],"sortableBy":null}`},
		{"Threads.List", func(ctx context.Context, c *rest.Client) (any, error) {
			return collect(c.Threads.List(ctx, everything))
		},
			page, []asked{{line: "GET " + threads, query: listQuery}}, `[` + thread + `]`},
		{"Threads.Search", func(ctx context.Context, c *rest.Client) (any, error) {
			q := searched
			q.After = commentID
			return collect(c.Threads.Search(ctx, q))
		}, says(thread), []asked{{"POST " + threads + "/search", "",
			`{` + searchBody + `,"strip_attachments":true,"last_retrieved_thread_model_id":"` + commentID + `"}`}}, `[` + thread + `]`},
		{"Threads.Stats", func(ctx context.Context, c *rest.Client) (any, error) { return c.Threads.Stats(ctx, selected) },
			says(statsAnswer), []asked{{line: "GET " + threads + "/stats", query: selectionQuery}}, statsResult},
		{"Threads.Update", nothing(func(ctx context.Context, c *rest.Client) error { return c.Threads.Update(ctx, modelID, update) }),
			done, []asked{{"PATCH " + threads + "/" + modelID, "", `{"tags_to_remove":["seen"]}`}}, ""},
		{"Threads.UpdateMany", nothing(func(ctx context.Context, c *rest.Client) error {
			return c.Threads.UpdateMany(ctx, []string{modelID}, update)
		}), done, []asked{{"PATCH " + threads + "/batch", "", `{"ids":["` + modelID + `"],"update":{"tags_to_remove":["seen"]}}`}}, ""},
		{"Threads.Open", nothing(func(ctx context.Context, c *rest.Client) error { return c.Threads.Open(ctx, ref) }),
			done, []asked{{"PUT " + threads + "/open", "", named}}, ""},
		{"Threads.Close", nothing(func(ctx context.Context, c *rest.Client) error { return c.Threads.Close(ctx, ref) }),
			done, []asked{{"PUT " + threads + "/close", "", named}}, ""},
		{"Threads.Delete", nothing(func(ctx context.Context, c *rest.Client) error { return c.Threads.Delete(ctx, ref) }),
			done, []asked{{"POST " + threads + "/delete", "", `{"project_name":"Default Project","thread_ids":["chat 1"]}`}}, ""},
	}
}

// TestEveryMethodFails calls every method of a server that has nothing, and once of one that is not asked at all.
func TestEveryMethodFails(t *testing.T) {
	client := connect(t, fails(http.StatusNotFound, `{"code":404,"message":"not found by `+key+`"}`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, m := range methods() {
		t.Run(m.name, func(t *testing.T) {
			_, err := m.call(t.Context(), client)
			require.ErrorIs(t, err, rest.ErrNotFound)
			assert.NotContains(t, err.Error(), key)
			_, err = m.call(ctx, client)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}
