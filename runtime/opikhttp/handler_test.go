package opikhttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opikhttp"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// A client and a server that are traced make one trace of a request.
func ExampleHandler() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()
	previous := opik.SetDefault(rec.Client)
	defer opik.SetDefault(previous)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /answer/{question}", func(w http.ResponseWriter, r *http.Request) {
		_, span := opik.StartSpan(r.Context(), "think", opik.SpanOptions{})
		defer span.End()
		fmt.Fprint(w, "42")
	})
	server := httptest.NewServer(opikhttp.Handler(mux, opikhttp.Options{}))
	defer server.Close()

	ctx, span := opik.StartSpan(context.Background(), "ask", opik.SpanOptions{})
	client := &http.Client{Transport: opikhttp.Transport(http.DefaultTransport, opikhttp.Options{})}
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/answer/why", http.NoBody)
	response, err := client.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	span.End()
	server.Close() // waits for the handler

	handled := rec.Traces()[0].Spans[0].Spans[0].Spans[0]
	fmt.Println(handled.Name, handled.Output["status"], handled.Spans[0].Name)
	// Output: GET /answer/{question} 200 think
}

func TestHandlerNamesTheSpanAfterTheRoute(t *testing.T) {
	answer := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	mux := func(pattern string, h http.Handler) http.Handler {
		m := http.NewServeMux()
		m.Handle(pattern, h)
		return m
	}
	traced := func(h http.Handler) http.Handler { return opikhttp.Handler(h, opikhttp.Options{}) }
	plain := http.HandlerFunc(answer)
	tests := map[string]struct {
		handler http.Handler
		want    string
	}{
		"around a mux":     {traced(mux("POST /items/{id}", plain)), "POST /items/{id}"},
		"below a mux":      {mux("POST /items/{id}", traced(plain)), "POST /items/{id}"},
		"any method":       {traced(mux("/items/", plain)), "POST /items/"},
		"no mux":           {traced(plain), "POST"},
		"no route":         {traced(mux("/other", plain)), "POST"},
		"a nested handler": {traced(mux("/items/", traced(plain))), "POST /items/"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/items/7?key=secret", http.NoBody)
			within(rec, test.handler).ServeHTTP(httptest.NewRecorder(), r)
			trace := rec.Traces()[0]
			assert.Equal(t, test.want, trace.Name)
			assert.Equal(t, map[string]any{"method": "POST", "path": "/items/7"}, trace.Input)
		})
	}
}

func TestHandlerContinuesTheTraceOfTheCaller(t *testing.T) {
	rec := opiktest.New(t)
	inner := opikhttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), opikhttp.Options{})
	h := within(rec, opikhttp.Handler(inner, opikhttp.Options{}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("opik_trace_id", remoteTrace)
	r.Header.Set("opik_parent_span_id", remoteParent)
	h.ServeHTTP(httptest.NewRecorder(), r)
	trace := rec.Traces()[0]
	assert.Empty(t, trace.Name, "the caller sends it")
	require.Len(t, trace.Spans, 1)
	assert.Equal(t, remoteTrace, trace.Spans[0].TraceID)
	assert.Equal(t, remoteParent, trace.Spans[0].ParentID)
	assert.Len(t, trace.Spans[0].Spans, 1, "the inner handler is below the outer one")
}

func TestHandlerRecordsTheStatus(t *testing.T) {
	tests := map[string]struct {
		handler http.HandlerFunc
		status  float64
		failed  string
	}{
		"nothing written": {func(http.ResponseWriter, *http.Request) {}, 200, ""},
		"written":         {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }, 200, ""},
		"early hints": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
		}, 202, ""},
		"the first counts": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			w.WriteHeader(http.StatusOK)
		}, 404, ""},
		"200 counts, too": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			w.WriteHeader(http.StatusNotFound)
		}, 200, ""},
		"too late after a write": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("x"))
			w.WriteHeader(http.StatusNotFound)
		}, 200, ""},
		"too late after a string": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "x")
			w.WriteHeader(http.StatusNotFound)
		}, 200, ""},
		"too late after a copy": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.(io.ReaderFrom).ReadFrom(strings.NewReader("x"))
			w.WriteHeader(http.StatusNotFound)
		}, 200, ""},
		"too late after a flush": {func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.WriteHeader(http.StatusNotFound)
		}, 200, ""},
		"too late after a controller's flush": {func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			w.WriteHeader(http.StatusNotFound)
		}, 200, ""},
		"a failure":             {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, 502, "the answer was 502 Bad Gateway"},
		"the first failure":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, 500, "the answer was 500 Internal Server Error"},
		"the last that is none": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(499) }, 499, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			server := httptest.NewUnstartedServer(within(rec, opikhttp.Handler(test.handler, opikhttp.Options{})))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Start()
			defer server.Close()
			got := do(t, nil, get(t, rec, server.URL))
			assert.Equal(t, test.status, float64(got.status))
			span := only(t, rec)
			assert.Equal(t, test.status, span.Output["status"])
			assertFailed(t, test.failed, span)
		})
	}
}

func TestHandlerPanics(t *testing.T) {
	rec := opiktest.New(t)
	boom := &struct{ x int }{}
	h := within(rec, opikhttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(boom) }), opikhttp.Options{}))
	func() {
		defer func() { assert.Same(t, boom, recover()) }()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	}()
	span := only(t, rec)
	require.NotNil(t, span.Error)
	assert.Equal(t, "panic", span.Error.Type)
	assert.Contains(t, span.Error.Traceback, "TestHandlerPanics.func1")
	assert.Nil(t, span.Output, "nothing was answered")
}

// TestAHandlerThatEndsItsGoroutine is runtime.Goexit, which no panic and no return is.
func TestAHandlerThatEndsItsGoroutine(t *testing.T) {
	rec := opiktest.New(t)
	h := within(rec, opikhttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() }), opikhttp.Options{}))
	done := make(chan any)
	go func() {
		defer func() { done <- recover() }()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	}()
	assert.Nil(t, <-done)
	assert.Nil(t, only(t, rec).Output, "nothing was answered")
}

// TestARequestThatIsNotRecorded has a caller who does not record the trace.
func TestARequestThatIsNotRecorded(t *testing.T) {
	rec := opiktest.New(t)
	w, answered := httptest.NewRecorder(), false
	h := within(rec, opikhttp.Handler(http.HandlerFunc(func(got http.ResponseWriter, r *http.Request) {
		answered = true
		assert.Same(t, w, got, "nobody looks at what is answered")
		assert.Equal(t, map[string]string{"opik_sampled": "0"}, opik.Headers(r.Context()))
	}), opikhttp.Options{}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("opik_sampled", "0")
	h.ServeHTTP(w, r)
	assert.True(t, answered)
	assert.Empty(t, rec.Traces())
}

func TestHangingUpIsNoFailure(t *testing.T) {
	rec := opiktest.New(t)
	server := serve(t, rec, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	response, err := server.Client().Do(get(t, rec, server.URL))
	require.NoError(t, err)
	_, err = io.ReadAll(response.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "the connection was cut")
	require.NoError(t, response.Body.Close())
	server.Close()
	span := only(t, rec)
	assert.Nil(t, span.Error)
	assert.Equal(t, map[string]any{"aborted": true}, span.Metadata)
	assert.Equal(t, map[string]any{"status": 200.0}, span.Output)
}

func TestAnEventStreamArrivesEventByEvent(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			next := make(chan struct{})
			server := httptest.NewUnstartedServer(within(rec, opikhttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				for i := range 3 {
					fmt.Fprintf(w, "data: %d\n\n", i)
					w.(http.Flusher).Flush()
					<-next
				}
			}), opikhttp.Options{})))
			server.EnableHTTP2 = http2
			server.StartTLS()
			defer server.Close()
			client := server.Client()
			client.Transport = opikhttp.Transport(client.Transport, opikhttp.Options{})
			ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
			r := get(t, rec, server.URL).WithContext(ctx)
			response, err := client.Do(r)
			require.NoError(t, err)
			assert.Equal(t, name, strings.TrimSuffix(response.Proto, ".0"))
			lines := bufio.NewScanner(response.Body)
			for i := range 3 {
				require.True(t, lines.Scan() && lines.Text() == fmt.Sprintf("data: %d", i), lines.Text())
				require.True(t, lines.Scan())
				assert.Nil(t, rec.Traces(), "neither side has ended")
				next <- struct{}{}
			}
			require.False(t, lines.Scan())
			require.NoError(t, response.Body.Close())
			server.Close()
			root.End()
			asked := rec.Traces()[0].Spans[0].Spans[0]
			require.Len(t, asked.Spans, 1)
			assert.False(t, asked.End.Before(asked.Spans[0].Start))
			assert.Equal(t, "GET", asked.Spans[0].Name)
		})
	}
}

func TestAClientThatLeavesIsNoFailure(t *testing.T) {
	rec := opiktest.New(t)
	entered := make(chan struct{})
	server := serve(t, rec, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
	require.NoError(t, err)
	go func() {
		<-entered
		cancel()
	}()
	response, err := server.Client().Do(r)
	if err == nil {
		_ = response.Body.Close()
	}
	require.ErrorIs(t, err, context.Canceled)
	server.Close()
	span := only(t, rec)
	assert.Nil(t, span.Error)
	assert.Equal(t, map[string]any{"disconnected": true}, span.Metadata)
}

func TestAHandlerHijacks(t *testing.T) {
	rec := opiktest.New(t)
	hijack := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if assert.NoError(t, err) {
			_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nmine")
			_ = rw.Flush()
			_ = conn.Close()
		}
	})
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		within(rec, opikhttp.Handler(hijack, opikhttp.Options{})).ServeHTTP(w, r)
	}))
	defer server.Close()
	got := do(t, nil, get(t, rec, server.URL))
	assert.Equal(t, "mine", got.body)
	<-done
	span := only(t, rec)
	assert.Equal(t, map[string]any{"hijacked": true}, span.Metadata)
	assert.Nil(t, span.Output, "what a connection says that was given away is not known")
}

// Those around a handler see what http.ServeMux and the form parser leave on the request.
func TestTheRequestComesBack(t *testing.T) {
	rec := opiktest.New(t)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /form", func(_ http.ResponseWriter, r *http.Request) { assert.NoError(t, r.ParseMultipartForm(1)) })
	form := &strings.Builder{}
	w := multipart.NewWriter(form)
	require.NoError(t, w.WriteField("a", "b"))
	require.NoError(t, w.Close())
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/form", strings.NewReader(form.String()))
	r.Header.Set("Content-Type", w.FormDataContentType())
	r = r.WithContext(rec.Context())
	opikhttp.Handler(mux, opikhttp.Options{}).ServeHTTP(httptest.NewRecorder(), r)
	assert.Equal(t, "POST /form", r.Pattern)
	require.NotNil(t, r.MultipartForm)
	assert.Equal(t, []string{"b"}, r.MultipartForm.Value["a"])
}

func TestFlushDeliversBeforeTheHandlerReturns(t *testing.T) {
	rec := opiktest.New(t)
	h := opikhttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), opikhttp.Options{Flush: true})
	within(rec, h).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	assert.EqualValues(t, 2, rec.Client.Stats().Sent)
}

func TestHandlerAllocatesNothingWhereNothingIsRecorded(t *testing.T) {
	previous := opik.SetDefault(&opik.Client{})
	defer opik.SetDefault(previous)
	h := opikhttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), opikhttp.Options{})
	w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("opik_trace_id", remoteTrace)
	off := func() float64 { return testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }) }
	assert.Zero(t, off(), "no client records")
	opiktest.New(t)
	assert.Zero(t, off(), "another client records")
}
