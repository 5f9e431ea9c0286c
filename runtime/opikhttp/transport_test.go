package opikhttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opikhttp"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// roundTrip makes a RoundTripper of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// echo answers with the header of the request.
func echo(w http.ResponseWriter, r *http.Request) { _ = r.Header.Write(w) }

func TestTransportSendsWhereTheCallIs(t *testing.T) {
	rec := opiktest.New(t)
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/a%20b?key=secret#f", http.NoBody)
	require.NoError(t, err)
	r.URL.User = url.UserPassword("me", "secret")
	got := do(t, opikhttp.Transport(plain(t), opikhttp.Options{}), r)
	root.End()
	span := rec.Traces()[0].Spans[0].Spans[0]
	assert.Contains(t, got.body, "Opik_trace_id: "+root.TraceID())
	assert.Contains(t, got.body, "Opik_parent_span_id: "+span.ID)
	assert.Empty(t, r.Header, "the request is the caller's")
	assert.Empty(t, got.request.Header.Get("opik_trace_id"), "and so is that of the response")
	assert.Equal(t, "GET "+r.URL.Host, span.Name)
	assert.Equal(t, map[string]any{"method": "GET", "url": server.URL + "/a%20b"}, span.Input)
	assert.Equal(t, map[string]any{"status": 200.0}, span.Output)
}

func TestTransportSendsHeadersToAllowedHostsOnly(t *testing.T) {
	tests := []struct {
		hosts []string
		url   string
		sent  bool
	}{
		{nil, "http://any.example.com/", true},
		{[]string{}, "http://any.example.com/", false},
		{[]string{"API.example.com"}, "https://api.EXAMPLE.com:8443/", true},
		{[]string{"api.example.com:80"}, "http://api.example.com:8080/", false},
		{[]string{"api.example.com:8080"}, "http://api.example.com:8080/", true},
		{[]string{"*.example.com"}, "http://a.b.example.com/", true},
		{[]string{"*.example.com"}, "http://example.com/", false},
		{[]string{"*.example.com"}, "http://evilexample.com/", false},
		{[]string{"*"}, "http://example.com/", false},
		{[]string{"example.com"}, "http://example.com.test/", false},
		{[]string{"other.test", "::1"}, "http://[::1]:80/", true},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.hosts, test.url), func(t *testing.T) {
			rec := opiktest.New(t)
			var got http.Header
			transport := opikhttp.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
				got = r.Header
				return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
			}), opikhttp.Options{Hosts: test.hosts})
			r := get(t, rec, test.url)
			r.Header.Set("opik_trace_id", remoteTrace)
			r.Header["x-mine"] = []string{"1"}
			r.Header.Set("Baggage", "user=ann,opik.trace_id="+remoteTrace)
			response, err := transport.RoundTrip(r)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, test.sent, got.Get("opik_parent_span_id") != "")
			assert.Equal(t, test.sent, got.Get("opik_trace_id") != "", "nor are those that the caller put on")
			assert.Equal(t, []string{"1"}, got["x-mine"]) //nolint:staticcheck // stays as it was written
			assert.Equal(t, "user=ann", got.Get("Baggage"), "which would say the same")
			assert.Equal(t, remoteTrace, r.Header.Get("opik_trace_id"))
		})
	}
}

func TestARedirectToAnotherHostGetsNoHeaders(t *testing.T) {
	var asked []string
	note := func(r *http.Request) {
		asked = append(asked, fmt.Sprint(r.URL.Path, " ", r.Header.Get("opik_trace_id") != ""))
	}
	var home *httptest.Server
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(r)
		http.Redirect(w, r, home.URL+"/back", http.StatusFound)
	}))
	defer other.Close()
	home = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(r)
		switch r.URL.Path {
		case "/start":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/here":
			http.Redirect(w, r, other.URL+"/there", http.StatusFound)
		}
	}))
	defer home.Close()
	rec := opiktest.New(t)
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	do(t, opikhttp.Transport(plain(t), opikhttp.Options{}), get(t, rec, home.URL+"/start").WithContext(ctx))
	root.End()
	assert.Equal(t, []string{"/start true", "/here true", "/there false", "/back true"}, asked)
	assert.Len(t, rec.Traces()[0].Spans[0].Spans, 4)
}

func TestARedirectFromNowhereGetsNoHeaders(t *testing.T) {
	rec := opiktest.New(t)
	var sent http.Header
	transport := opikhttp.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = r.Header
		return nil, http.ErrSchemeMismatch
	}), opikhttp.Options{})
	r := get(t, rec, "http://example.com")
	r.Response = &http.Response{StatusCode: http.StatusFound}
	_, err := transport.RoundTrip(r) //nolint:bodyclose // there is no response
	require.Error(t, err)
	assert.Empty(t, sent)
}

func TestTransportByDefault(t *testing.T) {
	rec := opiktest.New(t)
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	got := do(t, opikhttp.Transport(nil, opikhttp.Options{}), get(t, rec, server.URL))
	assert.Contains(t, got.body, "Opik_trace_id: "+only(t, rec).TraceID)
}

// TestOddRequestsAreMadeAllTheSame has what net/http takes from nobody but those who make requests by hand.
func TestOddRequestsAreMadeAllTheSame(t *testing.T) {
	rec := opiktest.New(t)
	var got *http.Request
	other := &http.Request{}
	transport := opikhttp.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r
		return &http.Response{StatusCode: http.StatusBadRequest, Request: other}, nil
	}), opikhttp.Options{})
	withoutURL := (&http.Request{}).WithContext(rec.Context())
	response, err := transport.RoundTrip(withoutURL) //nolint:bodyclose // there is none
	require.NoError(t, err)
	assert.Same(t, withoutURL, got)
	assert.Same(t, other, response.Request)
	assert.Empty(t, rec.Traces())

	withoutHeader := (&http.Request{URL: &url.URL{Scheme: "http", Host: "example.com"}}).WithContext(rec.Context())
	response, err = transport.RoundTrip(withoutHeader) //nolint:bodyclose // there is none
	require.NoError(t, err)
	span := only(t, rec)
	assert.Equal(t, span.TraceID, got.Header.Get("opik_trace_id"))
	assert.Nil(t, response.Body, "as it was")
	assert.Same(t, other, response.Request, "as it was, too")
	assertFailed(t, "the answer was 400 Bad Request", span)
}

// closes is a body that fails when it is closed.
type closes struct{ io.Reader }

func (closes) Close() error { return io.ErrClosedPipe }

func TestBodiesStayWhatTheyAre(t *testing.T) {
	rec := opiktest.New(t)
	for _, body := range []io.ReadCloser{http.NoBody, closes{strings.NewReader("x")}} {
		transport := opikhttp.Transport(roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: body}, nil
		}), opikhttp.Options{})
		response, err := transport.RoundTrip(get(t, rec, "http://example.com"))
		require.NoError(t, err)
		if body == http.NoBody {
			assert.Equal(t, body, response.Body)
			assert.Len(t, rec.Traces(), 1, "there is no end to wait for")
		}
		_, writes := response.Body.(io.Writer)
		assert.False(t, writes)
		assert.Equal(t, body.Close(), response.Body.Close())
	}
	assert.Len(t, rec.Traces(), 2)
}

func TestTheBodyEndsTheSpan(t *testing.T) {
	broken := errors.New("broken")
	tests := map[string]struct {
		body   io.Reader
		use    func(body io.ReadCloser)
		failed bool
	}{
		"read":   {strings.NewReader("x"), func(body io.ReadCloser) { _, _ = io.ReadAll(body) }, false},
		"closed": {strings.NewReader("x"), func(body io.ReadCloser) { _ = body.Close() }, false},
		"broken": {io.MultiReader(strings.NewReader("x"), errorReader{broken}), func(body io.ReadCloser) { _, _ = io.ReadAll(body) }, true},
		"both": {strings.NewReader("x"), func(body io.ReadCloser) {
			_, _ = io.ReadAll(body)
			_ = body.Close()
		}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			transport := opikhttp.Transport(roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(test.body)}, nil
			}), opikhttp.Options{})
			response, err := transport.RoundTrip(get(t, rec, "http://example.com"))
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			_, _ = response.Body.Read(make([]byte, 1))
			assert.Empty(t, rec.Traces(), "the body is not at its end")
			test.use(response.Body)
			assert.Equal(t, test.failed, only(t, rec).Error != nil)
		})
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// TestABodyThatIsClosedWhileItIsRead is what a proxy does with a connection that switched to another protocol: one goroutine
// reads, and the other one closes.
func TestABodyThatIsClosedWhileItIsRead(t *testing.T) {
	rec := opiktest.New(t)
	reader, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	transport := opikhttp.Transport(roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Body: reader}, nil
	}), opikhttp.Options{})
	response, err := transport.RoundTrip(get(t, rec, "http://example.com"))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	read := make(chan error)
	go func(body io.Reader) {
		_, err := body.Read(make([]byte, 1))
		read <- err
	}(response.Body)
	require.NoError(t, response.Body.Close())
	require.ErrorIs(t, <-read, io.ErrClosedPipe)
	assert.Nil(t, only(t, rec).Error)
}

func TestTransportRecordsFailures(t *testing.T) {
	refused := errors.New("refused")
	status := func(code int) roundTrip {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: code, Body: http.NoBody}, nil
		}
	}
	tests := map[string]struct {
		inner roundTrip
		want  string
	}{
		"an error": {func(*http.Request) (*http.Response, error) { return nil, refused }, "refused"},
		"a status": {status(http.StatusNotFound), "the answer was 404 Not Found"},
		"none":     {status(http.StatusSeeOther), ""},
		"a panic":  {func(*http.Request) (*http.Response, error) { panic(refused) }, "panic: refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			func() {
				defer func() {
					if v := recover(); v != nil {
						assert.Equal(t, refused, v)
					}
				}()
				response, err := opikhttp.Transport(test.inner, opikhttp.Options{}).RoundTrip(get(t, rec, "http://example.com"))
				if err != nil {
					assert.Equal(t, refused, err, "not wrapped")
					return
				}
				_ = response.Body.Close()
			}()
			assertFailed(t, test.want, only(t, rec))
		})
	}
}

// A response that switches protocols has a body that can be written to.
func TestASwitchOfProtocols(t *testing.T) {
	rec := opiktest.New(t)
	server := serve(t, rec, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, rw, err := w.(http.Hijacker).Hijack()
		if assert.NoError(t, err) {
			line, _ := rw.ReadString('\n')
			_, _ = rw.WriteString(line)
			_ = rw.Flush()
			_ = conn.Close()
		}
	}))
	r := get(t, rec, server.URL)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	response, err := opikhttp.Transport(plain(t), opikhttp.Options{}).RoundTrip(r)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	_, err = io.WriteString(response.Body.(io.Writer), "hello\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(response.Body).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "hello\n", line)
}

func TestTheDecisionToSampleIsSent(t *testing.T) {
	rec := opiktest.Open(opik.Options{SampleRule: func(opik.TraceStart) float64 { return 0 }})
	defer func() { require.NoError(t, rec.Close()) }()
	server := httptest.NewServer(opikhttp.Handler(http.HandlerFunc(echo), opikhttp.Options{}))
	defer server.Close()
	got := do(t, opikhttp.Transport(plain(t), opikhttp.Options{}), get(t, rec, server.URL))
	assert.Contains(t, got.body, "Opik_sampled: 0")
	assert.Empty(t, rec.Traces())
}

// Whoever traces the client that delivers the traces would otherwise never be done.
func TestDeliveriesHaveNoSpans(t *testing.T) {
	asked := 0
	var client *opik.Client
	client, err := opik.New(opik.Options{
		URL: "http://localhost/api", Isolated: true, Delivery: opik.Delivery{NoSpool: true},
		HTTPClient: &http.Client{Transport: opikhttp.Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
			asked++
			_, _ = io.Copy(io.Discard, r.Body)
			assert.Empty(t, r.Header.Get("opik_trace_id"))
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
		}), opikhttp.Options{})},
	})
	require.NoError(t, err)
	defer opik.SetDefault(opik.SetDefault(client))
	_, span := opik.StartSpan(t.Context(), "s", opik.SpanOptions{})
	span.End()
	require.NoError(t, client.Flush(t.Context()))
	require.NoError(t, client.Flush(t.Context()))
	assert.Equal(t, 2, asked, "a trace and a span")
	require.NoError(t, client.Close(t.Context()))
}

func TestCloseIdleConnections(t *testing.T) {
	closed := false
	client := &http.Client{Transport: opikhttp.Transport(idle{&closed}, opikhttp.Options{})}
	client.CloseIdleConnections()
	assert.True(t, closed)
	assert.NotPanics(t, (&http.Client{Transport: opikhttp.Transport(roundTrip(nil), opikhttp.Options{})}).CloseIdleConnections)
}

type idle struct{ closed *bool }

func (idle) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrNotSupported }
func (i idle) CloseIdleConnections()                         { *i.closed = true }

func TestTransportAllocatesNothingWhereNothingIsRecorded(t *testing.T) {
	previous := opik.SetDefault(&opik.Client{})
	defer opik.SetDefault(previous)
	answer := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	transport := opikhttp.Transport(roundTrip(func(*http.Request) (*http.Response, error) { return answer, nil }), opikhttp.Options{Hosts: []string{"example.com"}})
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://example.com", http.NoBody)
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		response, _ := transport.RoundTrip(r)
		_ = response.Body.Close()
	}))
}
