package wire_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestVerdicts(t *testing.T) {
	tests := map[wire.Verdict][]int{
		wire.Delivered: {200, 201, 204, 409},
		wire.Retry:     {408, 421, 425, 429, 500, 502, 503, 504, 599},
		wire.Divide:    {400, 413, 422},
		wire.Pause:     {401, 402, 403, 404, 405, 407, 304},
		wire.Refuse:    {406, 410, 418},
	}
	for want, statuses := range tests {
		for _, status := range statuses {
			t.Run(strconv.Itoa(status), func(t *testing.T) {
				client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
				fault := deliver(t.Context(), t, client)
				assert.Equal(t, want, fault.Verdict, fault.Verdict)
				if want == wire.Pause {
					assert.Equal(t, 10*time.Second, fault.After)
				}
			})
		}
	}
}

func TestVerdictsHaveNames(t *testing.T) {
	assert.Equal(t, "divide", wire.Divide.String())
	assert.Equal(t, "await", wire.Await.String())
	assert.Equal(t, "verdict 6", wire.Verdict(6).String())
}

func TestTheErrorOfAnotherSinkIsItsOwn(t *testing.T) {
	assert.EqualError(t, &wire.Error{Status: 413, Err: io.ErrShortWrite}, "short write")
}

func TestMessages(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"validation", `{"errors":["spans[0].name must not be blank","and more"]}`, "spans[0].name must not be blank and more"},
		{"exception", `{"code":400,"message":"Invalid UUID","details":"abc"}`, "Invalid UUID abc"},
		{"proxy", "<html>\n<body>Bad   Request</body>", "<html> <body>Bad Request</body>"},
		{"long, cut between characters", strings.Repeat("ü", 200), strings.Repeat("ü", 150) + "..."},
		{"odd, cut between characters", "x" + strings.Repeat("ü", 200), "x" + strings.Repeat("ü", 149) + "..."},
		{"not a text", "\xff\xfe", "?"},
		{"the key", `{"message":"API key s3cret-key is unknown"}`, "API key [key] is unknown"},
		{"nothing", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, test.body)
			})
			want := "opik answered 400 Bad Request"
			if test.want != "" {
				want += ": " + test.want
			}
			assert.EqualError(t, deliver(t.Context(), t, client), want)
		})
	}
}

// TestAPageIsNoAnswer is about who answers a request with a page and a status that says that all is well: a proxy that
// wants a login, or the user interface of Opik where the URL lacks its /api. The rows were taken for delivered.
func TestAPageIsNoAnswer(t *testing.T) {
	for _, status := range []int{200, 403, 404, 405, 409} {
		client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<!doctype html><title>Log in</title>")
		})
		attachment := record.NewAttachment(record.Row{Kind: record.KindSpan}, record.Attachment{FileName: "a"}, []byte("a"), nil)
		for _, rows := range [][]record.Row{spans("{}"), {attachment}} {
			fault, ok := errors.AsType[*wire.Error](client.Deliver(t.Context(), rows))
			require.True(t, ok, status)
			want := wire.Pause
			if status == http.StatusNotFound && rows[0].Kind == record.KindAttachment {
				want = wire.Refuse // as of an Opik that has no attachments
			}
			assert.Equal(t, want, fault.Verdict, status)
			assert.ErrorContains(t, fault, "it is a page and no answer of Opik's API", status)
		}
	}
}

// TestAPageOfAFailure is what a proxy says while the server behind it is down: the status counts.
func TestAPageOfAFailure(t *testing.T) {
	for status, want := range map[int]wire.Verdict{502: wire.Retry, 413: wire.Divide} {
		client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<h1>Sorry</h1>")
		})
		fault := deliver(t.Context(), t, client)
		assert.Equal(t, want, fault.Verdict)
		assert.Equal(t, "<h1>Sorry</h1>", fault.Message)
	}
}

func TestWhatPausesSaysWhy(t *testing.T) {
	client := newClient(t, wire.Config{URL: "http://localhost"}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusPaymentRequired)
		_, _ = io.WriteString(w, `{"message":"the quota is used up"}`)
	})
	fault := deliver(t.Context(), t, client)
	assert.Equal(t, wire.Pause, fault.Verdict)
	assert.Equal(t, "the quota is used up", fault.Message)
}

// closing is the body of an answer that knows whether it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// TestAnswersAreClosed holds that connections are used again.
func TestAnswersAreClosed(t *testing.T) {
	attachment := record.NewAttachment(record.Row{Kind: record.KindSpan}, record.Attachment{FileName: "a"}, []byte("a"), nil)
	for _, text := range []string{`{"upload_id":"BEMinIO","pre_sign_urls":["http://localhost/a"]}`, `{"upload_id":"u","pre_sign_urls":["http://localhost/a"]}`} {
		for _, rows := range [][]record.Row{spans("{}"), {attachment}} {
			var bodies []*closing
			client, err := wire.New(wire.Config{URL: "http://localhost", HTTP: &http.Client{Transport: answering(func() *http.Response {
				bodies = append(bodies, &closing{Reader: strings.NewReader(text)})
				return &http.Response{StatusCode: http.StatusOK, Body: bodies[len(bodies)-1]}
			})}})
			require.NoError(t, err)
			require.NoError(t, client.Deliver(t.Context(), rows))
			for i, body := range bodies {
				assert.True(t, body.closed, "answer %d", i)
			}
		}
	}
}

func TestAnEndlessAnswerIsCut(t *testing.T) {
	read := 0
	client, err := wire.New(wire.Config{URL: "http://localhost", HTTP: &http.Client{Transport: answering(func() *http.Response {
		body := readerFunc(func(p []byte) (int, error) { read += len(p); return len(p), nil })
		return &http.Response{StatusCode: http.StatusBadRequest, Body: io.NopCloser(body)}
	})}})
	require.NoError(t, err)
	assert.Equal(t, wire.Divide, deliver(t.Context(), t, client).Verdict)
	assert.Less(t, read, 1<<20)
}

func TestAnAnswerCutShortCounts(t *testing.T) {
	client, err := wire.New(wire.Config{URL: "http://localhost", HTTP: &http.Client{Transport: answering(func() *http.Response {
		body := readerFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF })
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}
	})}})
	require.NoError(t, err)
	assert.Equal(t, wire.Delivered, deliver(t.Context(), t, client).Verdict, "the status has said it")
}

func TestTheKeyIsInNoError(t *testing.T) {
	client, err := wire.New(wire.Config{URL: "http://localhost", APIKey: "s3cret-key", HTTP: &http.Client{Transport: failing{
		errors.New("proxy says: what is s3cret-key?"),
	}}})
	require.NoError(t, err)
	require.EqualError(t, deliver(t.Context(), t, client), "request to opik failed: proxy says: what is [key]?")

	client, err = wire.New(wire.Config{URL: "http://localhost", HTTP: &http.Client{Transport: failing{io.ErrUnexpectedEOF}}})
	require.NoError(t, err)
	require.ErrorIs(t, deliver(t.Context(), t, client), io.ErrUnexpectedEOF, "without a key there is nothing to take out")

	client, err = wire.New(wire.Config{URL: "http://localhost", APIKey: "s3cret\nkey"})
	require.NoError(t, err)
	fault := deliver(t.Context(), t, client)
	assert.NotContains(t, fault.Error(), "s3cret")
	assert.ErrorContains(t, fault, "Authorization")
}

func TestHints(t *testing.T) {
	tests := []struct {
		name   string
		header map[string]string
		want   time.Duration
	}{
		{"none", nil, 0},
		{"Opik's", map[string]string{"RateLimit-Reset": "7"}, 7 * time.Second},
		{"Opik's before a proxy's", map[string]string{"RateLimit-Reset": "7", "Retry-After": "3"}, 7 * time.Second},
		{"a proxy's", map[string]string{"Retry-After": "3"}, 3 * time.Second},
		{"a date", map[string]string{"Retry-After": "Sat, 01 Jan 2000 00:00:20 GMT"}, 20 * time.Second},
		{"a date in the past", map[string]string{"Retry-After": "Fri, 31 Dec 1999 23:59:00 GMT"}, 0},
		{"bounded", map[string]string{"Retry-After": "86400"}, time.Minute},
		{"a far date", map[string]string{"Retry-After": "Sat, 01 Jan 2050 00:00:20 GMT"}, time.Minute},
		{"nonsense", map[string]string{"RateLimit-Reset": "soon", "Retry-After": "NaN"}, 0},
		{"negative", map[string]string{"RateLimit-Reset": "-5"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where it is midnight of the year 2000
				client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
					for name, value := range test.header {
						w.Header().Set(name, value)
					}
					w.WriteHeader(http.StatusTooManyRequests)
				})
				assert.Equal(t, test.want, deliver(t.Context(), t, client).After)
				start := time.Now()
				_ = deliver(t.Context(), t, client)
				assert.Equal(t, test.want, time.Since(start), "nobody asks earlier")
			})
		})
	}
}

// FuzzHint checks that no header makes the client wait for longer than a minute, or crashes it.
func FuzzHint(f *testing.F) {
	f.Add("7", "Sat, 01 Jan 2050 00:00:20 GMT")
	f.Add("1e300", "-Inf")
	f.Fuzz(func(t *testing.T, reset, after string) {
		client, err := wire.New(wire.Config{URL: "http://localhost", HTTP: &http.Client{Transport: answering(func() *http.Response {
			header := http.Header{"Ratelimit-Reset": {reset}, "Retry-After": {after}}
			return &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, Body: http.NoBody}
		})}})
		require.NoError(t, err)
		fault := deliver(t.Context(), t, client)
		assert.GreaterOrEqual(t, fault.After, time.Duration(0))
		assert.LessOrEqual(t, fault.After, time.Minute)
	})
}

// answering is a network that makes up answers.
type answering func() *http.Response

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	return a(), nil
}

// failing is a network that does not work.
type failing struct{ err error }

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	return nil, f.err
}

// readerFunc is an answer's body.
type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
