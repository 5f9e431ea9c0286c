package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

// get asks for a span and returns the error.
func get(t *testing.T, answer http.HandlerFunc) error {
	t.Helper()
	_, err := connect(t, answer).Spans.Get(t.Context(), spanID)
	return err
}

func TestKindsOfErrors(t *testing.T) {
	tests := map[int]error{
		401: rest.ErrUnauthorized, 403: rest.ErrUnauthorized, 404: rest.ErrNotFound, 409: rest.ErrConflict,
		413: rest.ErrTooLarge, 429: rest.ErrRateLimited, 501: rest.ErrNotImplemented, 400: nil, 422: nil, 505: nil,
	}
	kinds := []error{rest.ErrUnauthorized, rest.ErrNotFound, rest.ErrConflict, rest.ErrTooLarge, rest.ErrRateLimited, rest.ErrNotImplemented}
	for status, want := range tests {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			err := get(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "3600") // is not waited for
				w.WriteHeader(status)
			})
			fault, ok := errors.AsType[*rest.Error](err)
			require.True(t, ok)
			assert.Equal(t, status, fault.Status)
			for _, kind := range kinds {
				assert.Equal(t, want != nil && errors.Is(want, kind), errors.Is(err, kind), kind)
			}
		})
	}
}

func TestWhatTheServerSays(t *testing.T) {
	tests := []struct {
		name, body string
		want       []string
	}{
		{"validation", `{"errors":["ids must not be empty","and more"]}`, []string{"ids must not be empty", "and more"}},
		{"exception", `{"code":400,"message":"Invalid UUID","details":"abc"}`, []string{"Invalid UUID", "abc"}},
		{"text", "Bad\n  Request", []string{"Bad Request"}},
		{"nothing", "", nil},
		{"long", strings.Repeat("ü", 200), []string{strings.Repeat("ü", 150) + "..."}},
		{"the key", `{"message":"who is ` + key + `?"}`, []string{"who is [key]?"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := get(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "r-17")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, test.body)
			})
			fault, ok := errors.AsType[*rest.Error](err)
			require.True(t, ok)
			assert.Equal(t, &rest.Error{Method: "GET", Path: "/v1/private/spans/" + spanID, Status: 400, Messages: test.want, RequestID: "r-17"}, fault)
		})
	}
}

func TestTheTextOfAnError(t *testing.T) {
	fault := &rest.Error{Method: "GET", Path: "/v1/private/spans", Status: 429, Messages: []string{"slow", "down"}, RequestID: "r-17", RetryAfter: 90 * time.Second}
	assert.EqualError(t, fault, "opik answered 429 Too Many Requests to GET /v1/private/spans: slow; down (asks to wait 1m30s) (request r-17)")
}

// TestDeletingASpan is an operation that Opik documents and has not.
func TestDeletingASpan(t *testing.T) {
	err := connect(t, fails(http.StatusNotImplemented, "")).Spans.Delete(t.Context(), spanID)
	require.ErrorIs(t, err, rest.ErrNotImplemented)
	require.EqualError(t, err, "opik answered 501 Not Implemented to DELETE /v1/private/spans/"+spanID)
}

// TestPages are what proxies, logins and Opik's own user interface answer.
func TestPages(t *testing.T) {
	for status, said := range map[int]string{http.StatusOK: "its title is Opik", http.StatusForbidden: "its title is Opik"} {
		err := get(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html><head><title>\n Opik </title></head></html>")
		})
		require.ErrorContains(t, err, "found an HTML page and expected JSON: the URL must be that of Opik's API, like http://localhost:5173/api; "+said)
		fault, ok := errors.AsType[*rest.Error](err)
		require.True(t, ok)
		assert.Equal(t, status, fault.Status)
	}
}

func TestRedirects(t *testing.T) {
	t.Run("on the same server", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/old") {
				http.Redirect(w, r, "/new/v1/private/spans/search", http.StatusTemporaryRedirect)
			}
		})
		_, err := collect(newClient(t, rest.Options{URL: server.URL + "/old"}).Spans.Search(t.Context(), rest.Query{}))
		require.NoError(t, err)
		requests := server.asked()
		require.Len(t, requests, 2)
		assert.Equal(t, requests[0].Body, requests[1].Body)
		assert.Equal(t, key, requests[1].Header.Get("Authorization"))
	})
	t.Run("to another server", func(t *testing.T) {
		other := serve(t, says(`{}`))
		err := get(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/secret?a=b", http.StatusFound)
		})
		require.ErrorContains(t, err, "opik answered 302 Found to GET /v1/private/spans/"+spanID+": it redirects to "+other.URL+": set the URL to that")
		assert.Empty(t, other.asked())
	})
	t.Run("that would make a GET of a POST", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
		_, err := collect(server.client(t).Spans.Search(t.Context(), rest.Query{}))
		require.ErrorContains(t, err, "302 Found to POST")
		assert.Len(t, server.asked(), 1)
	})
}

const twoGigabytes = 2 << 30

// gigabytes serves two of them, piece by piece, behind an opening.
func gigabytes(status int, opening string) http.HandlerFunc {
	piece := []byte(strings.Repeat("x", 1<<20))
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, opening)
		for range twoGigabytes >> 20 {
			if _, err := w.Write(piece); err != nil {
				return // the client has seen enough
			}
		}
	}
}

// TestTwoGigabytes serves bodies that do not fit, wherever a client could hold them.
func TestTwoGigabytes(t *testing.T) {
	t.Run("a document", func(t *testing.T) {
		client := connect(t, gigabytes(http.StatusOK, `{"name":"`))
		rest.SetLongest(client, 4<<20)
		_, err := client.Spans.Get(t.Context(), spanID)
		require.ErrorIs(t, err, rest.ErrTooLarge)
		require.EqualError(t, err, "the answer to GET /v1/private/spans/"+spanID+" is longer than 4 MiB, ask for smaller pages or exclude fields: too large")
	})
	t.Run("a line", func(t *testing.T) {
		client := connect(t, gigabytes(http.StatusOK, `{"id":"`))
		rest.SetLongest(client, 4<<20)
		_, err := collect(client.Spans.Search(t.Context(), rest.Query{}))
		require.ErrorIs(t, err, rest.ErrTooLarge)
		require.EqualError(t, err, "the search breaks off after 0 items: a line is longer than 4 MiB, exclude fields or truncate them: too large")
	})
	t.Run("an error", func(t *testing.T) {
		err := get(t, gigabytes(http.StatusBadRequest, ""))
		require.EqualError(t, err, "opik answered 400 Bad Request to GET /v1/private/spans/"+spanID+": "+strings.Repeat("x", 300)+"...")
	})
	t.Run("an answer that says nothing", func(t *testing.T) {
		require.NoError(t, connect(t, gigabytes(http.StatusOK, "")).Traces.Delete(t.Context(), traceID))
	})
	t.Run("an attachment", func(t *testing.T) {
		body, err := connect(t, gigabytes(http.StatusOK, "")).Attachments.Download(t.Context(),
			rest.Ref{Entity: rest.EntitySpan, ID: spanID, ProjectID: projectID}, rest.Attachment{FileName: "a.bin", MIMEType: "a/b"})
		require.NoError(t, err)
		defer body.Close()
		before := heapInUse()
		n, err := io.Copy(io.Discard, body)
		require.NoError(t, err)
		assert.Equal(t, int64(twoGigabytes), n)
		assert.Less(t, heapInUse(), before+(8<<20))
	})
}

// TestAnswersThatAreNoDocuments are cut or something else altogether.
func TestAnswersThatAreNoDocuments(t *testing.T) {
	for body, want := range map[string]string{
		"":             "is no JSON document as expected: unexpected EOF",
		`{"name":"a`:   "is no JSON document as expected: unexpected EOF",
		"plain":        "is no JSON document as expected: invalid character 'p'",
		`{"name":[1]}`: "is no JSON document as expected: json: cannot unmarshal array into Go struct field Span.name",
	} {
		require.ErrorContains(t, get(t, says(body)), want)
	}
}

// TestNobodyAnswers dials an address that nobody listens on.
func TestNobodyAnswers(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	client := newClient(t, rest.Options{URL: "http://" + listener.Addr().String() + "/api"})
	err = client.Ping(t.Context())
	require.ErrorContains(t, err, "opik did not answer GET /is-alive/ping: dial tcp")
	_, ok := errors.AsType[*net.OpError](err)
	assert.True(t, ok, "the cause is kept")
}

// A leak is a transport that says the key aloud.
type leak struct{}

func (leak) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	return nil, fmt.Errorf("proxy refused %q", r.Header.Get("Authorization"))
}

// TestTheKeyIsNowhere prints everything that there is to print.
func TestTheKeyIsNowhere(t *testing.T) {
	options := rest.Options{URL: "https://user:passw0rd@opik.example.com/api", APIKey: key, Workspace: "team", HTTPClient: &http.Client{Transport: leak{}}, Isolated: true}
	client, err := rest.New(options)
	require.NoError(t, err)
	failure := client.Ping(t.Context())
	require.EqualError(t, failure, `opik did not answer GET /is-alive/ping: proxy refused "[key]"`)

	var text strings.Builder
	holder := struct{ Client *rest.Client }{client}
	hidden := struct {
		pointer *rest.Client
		value   rest.Client
	}{client, *client}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&text, verb+verb+verb+verb+verb+"\n", options, &options, client, holder, failure)
		fmt.Fprintf(&text, verb+"\n", hidden)
	}
	fmt.Fprintf(&text, "%+v %#v\n", *client, *client)
	fmt.Fprintf(&text, "%+v %#v\n", client.Spans, *client.Spans)
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&text, nil), slog.NewTextHandler(&text, nil)} {
		slog.New(handler).Info("dump", "options", options, "pointer", &options, "client", client, "holder", holder, "error", failure)
	}
	encoded, err := json.Marshal(options)
	require.NoError(t, err)
	text.Write(encoded)

	assert.NotContains(t, text.String(), key)
	assert.NotContains(t, strings.ReplaceAll(text.String(), string(encoded), ""), "passw0rd")
	assert.Contains(t, text.String(), `rest.Options{URL: "https://user:xxxxx@opik.example.com/api", APIKey: "***", Workspace: "team"`)
	assert.Contains(t, text.String(), `rest.Client{URL: "https://user:xxxxx@opik.example.com/api", Workspace: "team"}`)
}

// TestTheKeyIsNotInURLErrors fails in a request whose URL cannot be made.
func TestTheKeyIsNotInURLErrors(t *testing.T) {
	client := newClient(t, rest.Options{URL: "http://opik.example.com/api", HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, &url.Error{Op: "Get", URL: "http://opik.example.com/?key=" + key, Err: context.DeadlineExceeded}
	})}})
	err := client.Ping(t.Context())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.NotContains(t, err.Error(), key)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
