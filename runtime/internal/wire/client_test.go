package wire_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestTheRequest(t *testing.T) {
	var got *http.Request
	var body []byte
	client := newClient(t, config, func(w http.ResponseWriter, r *http.Request) {
		got = r
		unzipped, err := gzip.NewReader(r.Body)
		assert.NoError(t, err)
		body, err = io.ReadAll(unzipped)
		assert.NoError(t, err)
		w.WriteHeader(http.StatusNoContent)
	})
	require.NoError(t, client.Deliver(t.Context(), spans(`{"id":1}`, `{"id":2}`)))

	assert.Equal(t, "POST", got.Method)
	assert.Equal(t, "https://opik.example.com/api/v1/private/spans/batch", got.URL.String())
	assert.JSONEq(t, `{"spans":[{"id":1},{"id":2}]}`, string(body))
	assert.Equal(t, http.Header{
		"Authorization":            {"s3cret-key"},
		"Comet-Workspace":          {"team"},
		"Content-Encoding":         {"gzip"},
		"Content-Type":             {"application/json"},
		"X-Opik-Debug-Sdk-Lang":    {"go"},
		"X-Opik-Debug-Sdk-Version": {"1.2.3"},
	}, got.Header)
}

func TestTheRequestOfALocalServer(t *testing.T) {
	var got *http.Request
	var body []byte
	client := newClient(t, wire.Config{URL: "http://localhost:5173/api", NoCompression: true}, func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	})
	row := record.Row{Kind: record.KindTrace, Body: []byte(`{"id":1}`)}
	require.NoError(t, client.Deliver(t.Context(), []record.Row{row}))

	assert.Equal(t, "http://localhost:5173/api/v1/private/traces/batch", got.URL.String())
	assert.JSONEq(t, `{"traces":[{"id":1}]}`, string(body))
	assert.EqualValues(t, len(body), got.ContentLength)
	assert.Equal(t, http.Header{"Content-Type": {"application/json"}, "X-Opik-Debug-Sdk-Lang": {"go"}}, got.Header)
}

func TestRequestsFollowEachOtherUnmixed(t *testing.T) {
	var bodies []string
	client := newClient(t, config, func(_ http.ResponseWriter, r *http.Request) {
		unzipped, err := gzip.NewReader(r.Body)
		assert.NoError(t, err)
		body, err := io.ReadAll(unzipped)
		assert.NoError(t, err)
		bodies = append(bodies, string(body))
	})
	for i := range 3 {
		require.NoError(t, client.Deliver(t.Context(), spans(fmt.Sprintf(`{"id":%d}`, i))))
	}
	assert.Equal(t, []string{`{"spans":[{"id":0}]}`, `{"spans":[{"id":1}]}`, `{"spans":[{"id":2}]}`}, bodies)
}

// TestAServerThatTakesNoGzip sends as it is what was refused because it was compressed, and what comes after it.
func TestAServerThatTakesNoGzip(t *testing.T) {
	var encodings []string
	client := newClient(t, config, func(w http.ResponseWriter, r *http.Request) {
		encodings = append(encodings, r.Header.Get("Content-Encoding"))
		if len(encodings) > 2 || r.Header.Get("Content-Encoding") != "" {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.JSONEq(t, `{"spans":[{"id":1}]}`, string(body))
	})
	assert.Equal(t, wire.Retry, deliver(t.Context(), t, client).Verdict)
	assert.Equal(t, wire.Delivered, deliver(t.Context(), t, client).Verdict)
	assert.Equal(t, wire.Refuse, deliver(t.Context(), t, client).Verdict, "it is something else that it does not take")
	assert.Equal(t, []string{"gzip", "", ""}, encodings)
}

// panicking is a network that does what it should not.
type panicking struct{ v any }

func (p panicking) RoundTrip(*http.Request) (*http.Response, error) { panic(p.v) }

func TestAPanicOfTheHTTPClientIsTriedAgain(t *testing.T) {
	with := config
	with.HTTP = &http.Client{Transport: panicking{"no metric for Authorization: s3cret-key"}}
	client, err := wire.New(with)
	require.NoError(t, err)
	attachment := record.NewAttachment(record.Row{Kind: record.KindSpan}, record.Attachment{FileName: "a"}, []byte("a"), nil)
	for _, rows := range [][]record.Row{spans("{}"), {attachment}} {
		fault, ok := errors.AsType[*wire.Error](client.Deliver(t.Context(), rows))
		require.True(t, ok)
		assert.Equal(t, wire.Retry, fault.Verdict)
		assert.EqualError(t, fault, "request to opik failed: the HTTP client panicked: no metric for Authorization: [key]")
	}
}

func TestNothingAndNonsense(t *testing.T) {
	client := newClient(t, config, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") })
	require.NoError(t, client.Deliver(t.Context(), nil))

	err := client.Deliver(t.Context(), []record.Row{{Kind: 200}})
	fault, ok := errors.AsType[*wire.Error](err)
	require.True(t, ok)
	assert.Equal(t, wire.Refuse, fault.Verdict)
	assert.ErrorContains(t, err, "no endpoint takes rows of kind unknown")
}

func TestNewChecksTheAddress(t *testing.T) {
	for _, url := range []string{"", "localhost:5173", "ftp://opik.example.com", "https://", "http://[::1", "http://u:s3cret@%zz"} {
		_, err := wire.New(wire.Config{URL: url})
		require.ErrorContains(t, err, "the URL of opik", url)
		assert.NotContains(t, err.Error(), "s3cret")
	}
}

func TestATimeoutIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, config, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		start := time.Now()
		fault := deliver(t.Context(), t, client)
		assert.Equal(t, wire.Retry, fault.Verdict)
		require.ErrorIs(t, fault, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestTheTimeoutIsTheOneThatWasSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		with := config
		with.Timeout = 3 * time.Second
		client := newClient(t, with, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		start := time.Now()
		require.ErrorIs(t, deliver(t.Context(), t, client), context.DeadlineExceeded)
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

// keeping is a network that reads the body of a request when the request has returned.
type keeping struct{ request *http.Request }

func (k *keeping) RoundTrip(r *http.Request) (*http.Response, error) {
	k.request = r
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
}

// CloseIdleConnections is what Close of a client calls.
func (k *keeping) CloseIdleConnections() { k.request = nil }

func TestNobodyReadsABodyThatWasSent(t *testing.T) {
	network := &keeping{}
	client, err := wire.New(wire.Config{URL: "http://localhost", HTTP: &http.Client{Transport: network}})
	require.NoError(t, err)
	require.NoError(t, client.Deliver(t.Context(), spans(`{}`)))
	n, err := network.request.Body.Read(make([]byte, 10))
	assert.Zero(t, n)
	require.ErrorIs(t, err, fs.ErrClosed)
	client.Close()
	assert.NotNil(t, network.request, "a client that was passed in keeps its connections")
}

func TestTheContextEndsARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		client := newClient(t, config, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		require.ErrorIs(t, deliver(ctx, t, client), context.DeadlineExceeded)
	})
}

func TestNobodyListens(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	client, err := wire.New(wire.Config{URL: server.URL})
	require.NoError(t, err)
	defer client.Close()
	fault := deliver(t.Context(), t, client)
	assert.Equal(t, wire.Retry, fault.Verdict)
	assert.ErrorContains(t, fault, "request to opik failed: dial tcp")
}

// TestAnEarlyAnswer is a server that refuses without reading, while the transport is still writing. The memory of
// the body is used again for the next request at once, which the race detector watches.
func TestAnEarlyAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}))
	defer server.Close()
	for _, plain := range []bool{false, true} {
		client, err := wire.New(wire.Config{URL: server.URL, NoCompression: plain})
		require.NoError(t, err)
		body := []byte(`"` + strings.Repeat("abcdefghijklmnopqrstuvwxyz", 1<<16) + `"`)
		for range 20 {
			err := client.Deliver(t.Context(), []record.Row{{Kind: record.KindSpan, Body: body}})
			require.Error(t, err)
			clear(body) // ours again
		}
		client.Close()
	}
}

func TestTheRowsAreNotCopied(t *testing.T) {
	client := newClient(t, wire.Config{URL: "http://localhost", NoCompression: true}, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	})
	rows := make([]record.Row, 1000)
	for i := range rows {
		rows[i] = record.Row{Kind: record.KindSpan, Body: make([]byte, 2048)}
	}
	require.NoError(t, client.Deliver(t.Context(), rows)) // makes what is used again
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, client.Deliver(t.Context(), rows))
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(200<<10), "2 MB are sent")
}
