package rest_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

// numberedID returns the id of the nth span.
func numberedID(n int) string { return fmt.Sprintf("0199a5d2-ac96-774b-bcce-%012d", n) }

// A shelf serves searches over so many spans.
type shelf struct {
	spans int
	pages int
}

// ServeHTTP serves one page.
func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Limit int    `json:"limit"`
		Last  string `json:"last_retrieved_id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	s.pages++
	first := 0
	if body.Last != "" {
		_, _ = fmt.Sscanf(strings.TrimLeft(body.Last[24:], "0"), "%d", &first)
	}
	input := strings.Repeat("x", 200)
	for n := first + 1; n <= min(first+body.Limit, s.spans); n++ {
		_, _ = fmt.Fprintf(w, `{"id":%q,"name":"span %d","start_time":"2026-05-04T10:30:00Z","input":{"text":%q}}`+"\r\n", numberedID(n), n, input)
	}
}

// TestSearchHoldsOneSpanAtATime measures the heap while 100,000 spans go by.
func TestSearchHoldsOneSpanAtATime(t *testing.T) {
	const spans = 100_000
	books := &shelf{spans: spans}
	client := connectHandler(t, books)
	var least, most uint64
	found := 0
	for span, err := range client.Spans.Search(t.Context(), rest.Query{}) {
		require.NoError(t, err)
		found++
		require.Equal(t, numberedID(found), span.ID)
		if found%10_000 == 0 {
			heap := heapInUse()
			least, most = min(cmp.Or(least, heap), heap), max(most, heap)
		}
	}
	assert.Equal(t, spans, found)
	assert.Equal(t, spans/2000+1, books.pages)
	t.Logf("the heap is between %d and %d bytes", least, most)
	assert.Less(t, most-least, uint64(2<<20), "the heap grows with the result: from %d to %d", least, most)
}

func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// connectHandler is connect for a handler that reads bodies itself.
func connectHandler(t testing.TB, handler http.Handler) *rest.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newClient(t, rest.Options{URL: server.URL})
}

func TestSearchGoesOnWhereThePageEnds(t *testing.T) {
	tests := []struct{ spans, size, pages int }{{0, 2, 1}, {1, 2, 1}, {2, 2, 2}, {5, 2, 3}, {6, 2, 4}}
	for _, test := range tests {
		books := &shelf{spans: test.spans}
		found, err := collect(connectHandler(t, books).Spans.Search(t.Context(), rest.Query{PageSize: test.size}))
		require.NoError(t, err)
		assert.Len(t, found, test.spans)
		assert.Equal(t, test.pages, books.pages, "of %d spans", test.spans)
	}
}

func TestThreadsGoOnByTheirModelID(t *testing.T) {
	answers := []string{
		`{"id":"chat 1","thread_model_id":"` + modelID + `"}` + "\r\n",
		`{"id":"chat 2","thread_model_id":"` + commentID + `"}` + "\r\n",
		"",
	}
	var server *loopback
	server = serve(t, func(w http.ResponseWriter, r *http.Request) { says(answers[len(server.asked())-1])(w, r) })
	found, err := collect(server.client(t).Threads.Search(t.Context(), rest.Query{PageSize: 1}))
	require.NoError(t, err)
	assert.Len(t, found, 2)
	requests := server.asked()
	require.Len(t, requests, 3)
	assert.NotContains(t, string(requests[0].Body), "last_retrieved")
	assert.Contains(t, string(requests[1].Body), `"last_retrieved_thread_model_id":"`+modelID+`"`)
	assert.Contains(t, string(requests[2].Body), `"last_retrieved_thread_model_id":"`+commentID+`"`)
}

// TestASearchIsRepeatable ranges over one sequence twice.
func TestASearchIsRepeatable(t *testing.T) {
	spans := connectHandler(t, &shelf{spans: 3}).Spans.Search(t.Context(), rest.Query{PageSize: 2})
	for range 2 {
		found, err := collect(spans)
		require.NoError(t, err)
		assert.Len(t, found, 3)
	}
}

func TestStreams(t *testing.T) {
	one := `{"id":"` + spanID + `"}` + "\r\n"
	tests := []struct {
		name, stream string
		spans        int
		want         string // in the error; "" is none
	}{
		{"nothing", "", 0, ""},
		{"blank lines", "\r\n\r\n" + one + "\r\n  \r\n", 1, ""},
		{"no line end at the end", one + strings.TrimSpace(one), 2, ""},
		{"cut in a line", one + one[:20], 1, "breaks off after 1 items: the last line is cut off: unexpected EOF"},
		{"an error object", one + `{"code":500,"message":"Streaming operation timed out"}` + "\r\n", 1,
			"breaks off after 1 items: opik answered 500 Internal Server Error to POST /v1/private/spans/search: Streaming operation timed out"},
		{"an error object of the other shape", `{"errors":["limit must be less"]}` + "\r\n", 0, "opik answered 500 Internal Server Error to POST /v1/private/spans/search: limit must be less"},
		{"an object that is nothing", `{"name":"a"}` + "\r\n", 1, ""},
		{"no object", one + "[1]\r\n", 1, "a line is no span: json: cannot unmarshal array"},
		{"no JSON", one + "<b>\r\n", 1, "a line is no span: invalid character '<'"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found, err := collect(connect(t, says(test.stream)).Spans.Search(t.Context(), rest.Query{}))
			assert.Len(t, found, test.spans)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

// TestAnErrorInAStreamIsAnError looks at the kind of the error, which comes behind a 200.
func TestAnErrorInAStreamIsAnError(t *testing.T) {
	_, err := collect(connect(t, says(`{"code":429,"message":"Too Many Requests"}`)).Traces.Search(t.Context(), rest.Query{}))
	require.ErrorIs(t, err, rest.ErrRateLimited)
	fault, ok := errors.AsType[*rest.Error](err)
	require.True(t, ok)
	assert.Equal(t, &rest.Error{Method: "POST", Path: "/v1/private/traces/search", Status: 429, Messages: []string{"Too Many Requests"}}, fault)
}

// TestACutConnection ends an answer in the middle, as a proxy that restarts does.
func TestACutConnection(t *testing.T) {
	found, err := collect(connect(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":"`+spanID+`"}`+"\r\n"+`{"id":"`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}).Spans.Search(t.Context(), rest.Query{}))
	assert.Len(t, found, 1)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "the search breaks off after 1 items")
}

// TestASearchDoesNotGoRoundInCircles serves the same page for ever.
func TestASearchDoesNotGoRoundInCircles(t *testing.T) {
	found, err := collect(connect(t, says(`{"id":"`+spanID+`"}`)).Spans.Search(t.Context(), rest.Query{PageSize: 1}))
	assert.Len(t, found, 2)
	require.ErrorContains(t, err, "the search ends after 2 items: the id of the last")
}

// TestLeavingTheLoopClosesTheConnection waits for the server to notice.
func TestLeavingTheLoopClosesTheConnection(t *testing.T) {
	gone := make(chan struct{})
	client := connect(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		for line := []byte(`{"id":"` + spanID + `"}` + "\r\n"); r.Context().Err() == nil; {
			_, _ = w.Write(line)
		}
	})
	for _, err := range client.Spans.Search(t.Context(), rest.Query{}) {
		require.NoError(t, err)
		break
	}
	<-gone
}

// TestTheContextEndsASearch cancels it between two spans.
func TestTheContextEndsASearch(t *testing.T) {
	client := connect(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"id":"`+spanID+`"}`+"\r\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range client.Spans.Search(ctx, rest.Query{}) {
		cancel()
		last = err
	}
	require.ErrorIs(t, last, context.Canceled)
}

// TestPackedAnswers serves gzip to clients that did not ask for it, and once to one that did.
func TestPackedAnswers(t *testing.T) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = io.WriteString(writer, `{"id":"`+spanID+`"}`+"\r\n")
	require.NoError(t, writer.Close())
	answer := func(text []byte) *loopback {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(text)
		})
	}
	plain := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}

	found, err := collect(answer(packed.Bytes()).client(t).Spans.Search(t.Context(), rest.Query{}))
	require.NoError(t, err)
	assert.Len(t, found, 1)

	server := answer(packed.Bytes())
	found, err = collect(newClient(t, rest.Options{URL: server.URL, HTTPClient: plain}).Spans.Search(t.Context(), rest.Query{}))
	require.NoError(t, err)
	assert.Len(t, found, 1)

	server = answer(packed.Bytes()[:packed.Len()-8])
	_, err = collect(newClient(t, rest.Options{URL: server.URL, HTTPClient: plain}).Spans.Search(t.Context(), rest.Query{}))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)

	server = answer([]byte("no gzip, whatever the header says"))
	_, err = newClient(t, rest.Options{URL: server.URL, HTTPClient: plain}).Spans.Get(t.Context(), spanID)
	require.ErrorContains(t, err, "the answer to GET /v1/private/spans/"+spanID+" cannot be read: it says that it is gzip, and is not")
}

func TestLists(t *testing.T) {
	pages := map[string]string{
		"1": `{"page":1,"size":2,"total":5,"content":[{"name":"a"},{"name":"b"}]}`,
		"2": `{"page":2,"size":2,"total":5,"content":[{"name":"c"},{"name":"d"}]}`,
		"3": `{"page":3,"size":1,"total":5,"content":[{"name":"e"}]}`,
	}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { says(pages[r.URL.Query().Get("page")])(w, r) })
	client := server.client(t)
	found, err := collect(client.Spans.List(t.Context(), rest.Query{PageSize: 2}))
	require.NoError(t, err)
	assert.Len(t, found, 5)
	for span, err := range client.Spans.List(t.Context(), rest.Query{PageSize: 2, Page: 2}) {
		require.NoError(t, err)
		assert.Equal(t, "c", span.Name)
		break
	}
	assert.Len(t, server.asked(), 4)
}

// TestSmallPages are of a server that gives fewer items than it was asked for, and once of one whose total is wrong.
func TestSmallPages(t *testing.T) {
	for total, want := range map[int]int{0: 1, 3: 3, 9: 4} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			content := `{"name":"a"}`
			if r.URL.Query().Get("page") == "4" {
				content = ""
			}
			says(fmt.Sprintf(`{"total":%d,"content":[%s]}`, total, content))(w, r)
		})
		found, err := collect(server.client(t).Traces.List(t.Context(), rest.Query{}))
		require.NoError(t, err)
		assert.Len(t, server.asked(), want)
		assert.Len(t, found, min(want, 3))
	}
}

func TestAListThatFails(t *testing.T) {
	client := connect(t, fails(http.StatusForbidden, `{"code":403,"message":"User is not allowed"}`))
	_, err := collect(client.Spans.List(t.Context(), rest.Query{}))
	require.ErrorIs(t, err, rest.ErrUnauthorized)
	_, err = collect(client.Attachments.List(t.Context(), rest.Ref{Entity: rest.EntitySpan, ID: spanID}))
	require.ErrorIs(t, err, rest.ErrUnauthorized)
	require.ErrorContains(t, err, `the project "Default Project" of the span`)
}

// FuzzLines holds the reader of lines to what splitting the whole text gives.
func FuzzLines(f *testing.F) {
	f.Add("{\"id\":1}\r\n{\"id\":2}\r\n")
	f.Add("\n\n a \r\n b")
	f.Add("a\n ")
	f.Add(strings.Repeat("x", 70_000) + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		const longest = 100_000
		found, cut, err := rest.Lines(iotest.HalfReader(strings.NewReader(text)), longest)
		if errors.Is(err, rest.ErrTooLarge) {
			assert.Greater(t, len(text), longest)
			return
		}
		var want []string
		for line := range strings.Lines(text) {
			if trimmed := string(bytes.TrimSpace([]byte(line))); trimmed != "" {
				want = append(want, trimmed)
			}
		}
		if cut == "" {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.False(t, strings.HasSuffix(text, "\n"))
			found = append(found, cut)
		}
		assert.Equal(t, want, found)
	})
}
