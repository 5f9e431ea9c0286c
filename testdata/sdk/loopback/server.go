// Package loopback plays the providers for the tests of their SDKs: servers that speak their wire formats, readers for
// all kinds of streams, and what a test expects of the span.
package loopback

import (
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Key is what every client authenticates with. It must never be recorded, as little as what answers set as a cookie.
const Key = "canary-key"

// Answer is what a server answers to a request.
type Answer struct {
	Status int      // 200 where it is 0
	Type   string   // application/json where it is empty, text/event-stream for events
	Body   string   // or
	Events []string // written one by one, each as it is; see [SSE] and [Lines]
	Hang   bool     // after the events the connection stays open until the client leaves
	Cut    bool     // after the events the connection breaks
}

// Request is what a server got.
type Request struct {
	Path, Body string
	Header     http.Header
}

// Server is a provider.
type Server struct {
	URL  string
	Left chan struct{} // gets a value when a client leaves an answer that hangs

	mu       sync.Mutex
	answers  []Answer
	requests []Request
}

// New returns a server that gives its answers in turn, and the last one again and again. It is closed when the test ends.
func New(t testing.TB, answers ...Answer) *Server {
	t.Helper()
	s := &Server{Left: make(chan struct{}, 16), answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Requests returns what the server got so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// next notes a request and returns its answer.
func (s *Server) next(r *http.Request) Answer {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, Request{Path: r.URL.Path, Body: strings.ReplaceAll(string(body), boundary(r), "boundary"), Header: r.Header})
	return s.answers[min(len(s.requests), len(s.answers))-1]
}

// boundary returns what stands between the parts of a form, which is another mark in each.
func boundary(r *http.Request) string {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return "no form"
	}
	return params["boundary"]
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.next(r)
	w.Header().Set("Content-Type", a.contentType())
	w.Header().Set("Set-Cookie", "session=canary-cookie")
	w.Header().Set("X-Request-Id", "req_1")
	w.Header().Set("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
	if a.Status != 0 {
		w.WriteHeader(a.Status)
	}
	_, _ = io.WriteString(w, a.Body)
	for _, event := range a.Events {
		_, _ = io.WriteString(w, event)
		w.(http.Flusher).Flush()
	}
	switch {
	case a.Hang:
		<-r.Context().Done()
		s.Left <- struct{}{}
	case a.Cut:
		panic(http.ErrAbortHandler)
	}
}

func (a Answer) contentType() string {
	switch {
	case a.Type != "":
		return a.Type
	case a.Events != nil:
		return "text/event-stream"
	default:
		return "application/json"
	}
}

// SSE writes server-sent events. Data may be preceded by the name of the event and a bar: "ping|{}".
func SSE(events ...string) []string {
	all := make([]string, len(events))
	for i, event := range events {
		name, data, named := strings.Cut(event, "|")
		if !named || strings.ContainsAny(name, `{"`) {
			all[i] = "data: " + event + "\n\n"
			continue
		}
		all[i] = "event: " + name + "\ndata: " + data + "\n\n"
	}
	return all
}

// Typed is [SSE] with the names of the events taken from the member type of their data.
func Typed(events ...string) []string {
	all := make([]string, len(events))
	for i, event := range events {
		_, rest, _ := strings.Cut(event, `"type":"`)
		name, _, _ := strings.Cut(rest, `"`)
		all[i] = name + "|" + event
	}
	return SSE(all...)
}

// Lines writes one JSON object a line.
func Lines(objects ...string) []string {
	all := make([]string, len(objects))
	for i, object := range objects {
		all[i] = object + "\n"
	}
	return all
}
