package rest_test

import (
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

func TestFiltersOnTheWire(t *testing.T) {
	type label string
	tests := []struct {
		name   string
		filter rest.Filter
		want   string
	}{
		{"equal is the default", rest.Filter{Field: "name", Value: "a"}, `{"field":"name","operator":"=","value":"a"}`},
		{"an int", rest.Filter{Field: "duration", Value: -5}, `{"field":"duration","operator":"=","value":"-5"}`},
		{"a uint", rest.Filter{Field: "duration", Value: uint8(5)}, `{"field":"duration","operator":"=","value":"5"}`},
		{"a float has no exponent", rest.Filter{Field: "total_estimated_cost", Operator: rest.Less, Value: 1e-7},
			`{"field":"total_estimated_cost","operator":"<","value":"0.0000001"}`},
		{"a duration is in milliseconds", rest.Filter{Field: "duration", Value: 1500 * time.Microsecond}, `{"field":"duration","operator":"=","value":"1.5"}`},
		{"a time is in UTC", rest.Filter{Field: "start_time", Operator: rest.Greater, Value: start},
			`{"field":"start_time","operator":">","value":"2026-05-04T10:30:00.123456789Z"}`},
		{"a time as a text, too", rest.Filter{Field: "end_time", Value: "2026-05-04T12:30:00+02:00"},
			`{"field":"end_time","operator":"=","value":"2026-05-04T10:30:00Z"}`},
		{"a number as a text", rest.Filter{Field: "duration", Value: "1e3"}, `{"field":"duration","operator":"=","value":"1000"}`},
		{"a type of one's own", rest.Filter{Field: "name", Value: label("a")}, `{"field":"name","operator":"=","value":"a"}`},
		{"the backend decodes tags", rest.Filter{Field: "tags", Operator: rest.Contains, Value: "100% a+b"},
			`{"field":"tags","operator":"contains","value":"100%25 a%2Bb"}`},
		{"and not texts", rest.Filter{Field: "name", Operator: rest.Contains, Value: "100% a+b"},
			`{"field":"name","operator":"contains","value":"100% a+b"}`},
		{"a value of an object may be empty", rest.Filter{Field: "metadata", Key: "tier", Value: ""},
			`{"field":"metadata","operator":"=","key":"tier","value":""}`},
		{"no value", rest.Filter{Field: "error_info", Operator: rest.IsNotEmpty}, `{"field":"error_info","operator":"is_not_empty","value":""}`},
		{"several values", rest.Filter{Field: "type", Operator: rest.NotIn, Value: []string{"llm", "tool"}},
			`{"field":"type","operator":"not_in","value":"llm,tool"}`},
		{"a score", rest.Filter{Field: "feedback_scores", Key: "quality", Operator: rest.GreaterOrEqual, Value: 0.5},
			`{"field":"feedback_scores","operator":">=","key":"quality","value":"0.5"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found, err := rest.WireFilters(rest.EntitySpan, rest.Query{Filters: []rest.Filter{test.filter}})
			require.NoError(t, err)
			assert.Equal(t, []string{test.want}, found)
		})
	}
}

func TestFiltersThatAreNone(t *testing.T) {
	tests := map[string]rest.Filter{
		`filter 1: a span has no field "" to filter by`:                {Value: 5},
		`the operator "~" is not for name`:                             {Field: "name", Operator: "~", Value: "a"},
		"found <nil>, expected a string, a number":                     {Field: "name"},
		"found [], expected a string, a number":                        {Field: "name", Value: []string{}},
		"found NaN, expected a finite number":                          {Field: "duration", Value: math.NaN()},
		"found +Inf, expected a finite number":                         {Field: "duration", Value: math.Inf(1)},
		`duration is a number, found "5s"`:                             {Field: "duration", Value: "5s"},
		"error_info is_empty takes no value, found a":                  {Field: "error_info", Operator: rest.IsEmpty, Value: "a"},
		"type in wants several strings, found llm":                     {Field: "type", Operator: rest.In, Value: "llm"},
		"type in wants several strings, found []":                      {Field: "type", Operator: rest.In, Value: []string{}},
		`takes no value that is empty or holds a comma, found " "`:     {Field: "type", Operator: rest.In, Value: []string{"llm", " "}},
		"feedback_scores is a score by name: want feedback_scores.KEY": {Field: "feedback_scores", Value: 1},
	}
	for want, filter := range tests {
		err := rest.CheckQuery(rest.EntitySpan, rest.Query{Filters: []rest.Filter{filter}})
		assert.ErrorContains(t, err, want)
	}
}

// TestQueriesThatDoNotFit finds them before anything is sent.
func TestQueriesThatDoNotFit(t *testing.T) {
	server := serve(t, says(`{}`))
	c, ctx := server.client(t), t.Context()
	list := func(q rest.Query) error { _, err := c.Spans.ListPage(ctx, q); return err }
	search := func(q rest.Query) error { _, err := collect(c.Spans.Search(ctx, q)); return err }
	traces := func(q rest.Query) error { _, err := collect(c.Traces.List(ctx, q)); return err }
	threads := func(q rest.Query) error { _, err := collect(c.Threads.Search(ctx, q)); return err }
	stats := func(q rest.Query) error { _, err := c.Spans.Stats(ctx, q); return err }
	tests := []struct {
		call  func(rest.Query) error
		query rest.Query
		want  string
	}{
		{traces, rest.Query{TraceID: traceID}, "a query for traces has no TraceID and no Type"},
		{threads, rest.Query{Type: rest.TypeLLM}, "a query for threads has no TraceID and no Type"},
		{threads, rest.Query{Exclude: []string{"input"}}, "a query for threads has no Exclude"},
		{list, rest.Query{TraceID: "42"}, `found "42" for the id of a trace, expected a UUID`},
		{list, rest.Query{From: end, To: start}, "To must be after From"},
		{list, rest.Query{PageSize: 2001}, "PageSize is 2001: want 1 to 2000"},
		{list, rest.Query{PageSize: -1}, "PageSize is -1: want 1 to 2000"},
		{list, rest.Query{Page: -1}, "Page is -1: want 1 or more"},
		{list, rest.Query{After: spanID}, "a list and statistics have no After: use Search"},
		{list, rest.Query{Where: "name"}, `query "name", column 5`},
		{search, rest.Query{Sort: []rest.Sort{{Field: "name"}}}, "a search has no Sort, Page or Text: use List"},
		{search, rest.Query{Text: "a"}, "a search has no Sort, Page or Text: use List"},
		{search, rest.Query{StripAttachments: true}, "a search for spans has no StripAttachments: use List"},
		{search, rest.Query{After: "42"}, `found "42" for the id of a span, expected a UUID`},
		{search, rest.Query{Where: "name"}, `query "name", column 5`},
		{stats, rest.Query{Page: 1}, "statistics are of what is selected"},
		{stats, rest.Query{PageSize: 1}, "statistics are of what is selected"},
		{stats, rest.Query{Sort: []rest.Sort{{Field: "name"}}}, "statistics are of what is selected"},
		{stats, rest.Query{Exclude: []string{"input"}}, "statistics are of what is selected"},
		{stats, rest.Query{Truncate: true}, "statistics are of what is selected"},
		{stats, rest.Query{StripAttachments: true}, "statistics are of what is selected"},
		{stats, rest.Query{After: spanID}, "a list and statistics have no After"},
	}
	for _, test := range tests {
		require.ErrorContains(t, test.call(test.query), test.want)
	}
	assert.Empty(t, server.asked())
}

// TestTimesThatAreNotSaid asks from a time on, and up to one.
func TestTimesThatAreNotSaid(t *testing.T) {
	server := serve(t, says(`{}`))
	c := server.client(t)
	for _, q := range []rest.Query{{}, {From: end}, {To: start}} {
		_, err := c.Spans.ListPage(t.Context(), q)
		require.NoError(t, err)
	}
	var got []string
	for _, request := range server.asked() {
		values, err := url.ParseQuery(request.Query)
		require.NoError(t, err)
		got = append(got, strings.TrimSpace(values.Get("from_time")+" to "+values.Get("to_time")))
	}
	assert.Equal(t, []string{"to", end.UTC().Format(time.RFC3339Nano) + " to", "to " + start.UTC().Format(time.RFC3339Nano)}, got)
}

// TestTheFiltersOfTheCallerStayAsTheyAre makes a query whose filters have room behind them.
func TestTheFiltersOfTheCallerStayAsTheyAre(t *testing.T) {
	filters := make([]rest.Filter, 1, 2)
	filters[0] = rest.Filter{Field: "name", Value: "a"}
	require.NoError(t, rest.CheckQuery(rest.EntitySpan, rest.Query{Filters: filters, Where: `name = "b"`}))
	assert.Equal(t, rest.Filter{}, filters[:2][1])
}
