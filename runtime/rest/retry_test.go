package rest_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

// A flaky server answers with these statuses and headers, then with success.
type flaky struct {
	answers []int
	header  http.Header
	bodies  []string
	times   []time.Time
}

// ServeHTTP gives the next answer.
func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.bodies, f.times = append(f.bodies, string(body)), append(f.times, time.Now())
	if n := len(f.times); n <= len(f.answers) {
		for name, values := range f.header {
			w.Header()[name] = values
		}
		w.WriteHeader(f.answers[n-1])
		return
	}
	_, _ = io.WriteString(w, `{"id":"`+spanID+`"}`)
}

// pauses returns how long the client waited between requests.
func (f *flaky) pauses() (pauses []time.Duration) {
	for i := 1; i < len(f.times); i++ {
		pauses = append(pauses, f.times[i].Sub(f.times[i-1]))
	}
	return pauses
}

// assertPauses wants pauses that are as long as said, with at most a tenth more.
func (f *flaky) assertPauses(t *testing.T, want ...time.Duration) {
	t.Helper()
	found := f.pauses()
	require.Len(t, found, len(want))
	for i, pause := range found {
		assert.GreaterOrEqual(t, pause, want[i])
		assert.LessOrEqual(t, pause, want[i]+want[i]/10)
	}
}

const half = 500 * time.Millisecond

func TestPauses(t *testing.T) {
	tests := []struct {
		name    string
		answers []int
		header  http.Header
		want    []time.Duration
	}{
		{"at once", nil, nil, nil},
		{"growing", []int{500, 502, 503, 504}, nil, []time.Duration{half, 2 * half, 4 * half, 8 * half}},
		{"a request that took too long", []int{408}, nil, []time.Duration{half}},
		{"as the rate limit says", []int{429, 429}, http.Header{"Ratelimit-Reset": {"7"}}, []time.Duration{7 * time.Second, 7 * time.Second}},
		{"as a proxy says", []int{503}, http.Header{"Retry-After": {"3"}}, []time.Duration{3 * time.Second}},
		{"the rate limit goes first", []int{429}, http.Header{"Ratelimit-Reset": {"2"}, "Retry-After": {"30"}}, []time.Duration{2 * time.Second}},
		{"nonsense is none", []int{429}, http.Header{"Ratelimit-Reset": {"NaN"}, "Retry-After": {"-4"}}, []time.Duration{half}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &flaky{answers: test.answers, header: test.header}
				span, err := pipe(t, server.ServeHTTP).Spans.Get(t.Context(), spanID)
				require.NoError(t, err)
				assert.Equal(t, spanID, span.ID)
				server.assertPauses(t, test.want...)
			})
		})
	}
}

func TestADateToWaitFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &flaky{answers: []int{503}, header: http.Header{"Retry-After": {time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)}}}
		require.NoError(t, pipe(t, server.ServeHTTP).CheckAuth(t.Context()))
		server.assertPauses(t, 20*time.Second)
	})
}

// TestGivingUp is immediate where another attempt would come too late, or could not help.
func TestGivingUp(t *testing.T) {
	tests := []struct {
		name    string
		answers []int
		header  http.Header
		within  time.Duration // the deadline; 0 is none
		tries   int
		takes   time.Duration // at most
		want    string
	}{
		{"after five attempts", []int{500, 500, 500, 500, 500, 500}, nil, 0, 5, 9 * time.Second, "opik answered 500"},
		{"before the deadline passes in vain", []int{429}, http.Header{"Ratelimit-Reset": {"30"}}, 10 * time.Second, 1, 0,
			"opik answered 429 Too Many Requests to GET /v1/private/spans/" + spanID + " (asks to wait 30s)"},
		{"when the server asks for an hour", []int{503}, http.Header{"Retry-After": {"3600"}}, 0, 1, 0, "(asks to wait 1h0m0s)"},
		{"when nothing would change", []int{400}, nil, 0, 1, 0, "opik answered 400"},
		{"when it is not implemented", []int{501}, nil, 0, 1, 0, "opik answered 501"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, begin := t.Context(), time.Now()
				if test.within > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.within)
					defer cancel()
				}
				server := &flaky{answers: test.answers, header: test.header}
				_, err := pipe(t, server.ServeHTTP).Spans.Get(ctx, spanID)
				require.ErrorContains(t, err, test.want)
				assert.Len(t, server.times, test.tries)
				assert.LessOrEqual(t, time.Since(begin), test.takes)
			})
		})
	}
}

// TestTheContextEndsAPause cancels while the client waits: the error tells of both.
func TestTheContextEndsAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		begin := time.Now()
		server := &flaky{answers: []int{429}, header: http.Header{"Ratelimit-Reset": {"30"}}}
		_, err := pipe(t, server.ServeHTTP).Spans.Get(ctx, spanID)
		require.ErrorIs(t, err, rest.ErrRateLimited)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 10*time.Second, time.Since(begin))
	})
}

// TestAPauseThatTheContextWouldNotSurvive is not begun: the caller has the time to do something else.
func TestAPauseThatTheContextWouldNotSurvive(t *testing.T) {
	for limit, requests := range map[time.Duration]int{29 * time.Second: 1, 40 * time.Second: 2} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			server := &flaky{answers: []int{429}, header: http.Header{"Ratelimit-Reset": {"30"}}}
			begin := time.Now()
			_, err := pipe(t, server.ServeHTTP).Spans.Get(ctx, spanID)
			assert.Len(t, server.times, requests)
			if requests == 1 {
				require.ErrorIs(t, err, rest.ErrRateLimited)
				assert.Zero(t, time.Since(begin))
			}
		})
	}
}

// TestAPingAsksOnce, for it is about now.
func TestAPingAsksOnce(t *testing.T) {
	for _, status := range []int{http.StatusInternalServerError, http.StatusTooManyRequests} {
		server := &flaky{answers: []int{status}}
		require.Error(t, pipe(t, server.ServeHTTP).Ping(t.Context()))
		assert.Len(t, server.times, 1)
	}
}

// TestWhatMayBeRepeated sends every kind of request to a server that fails once.
func TestWhatMayBeRepeated(t *testing.T) {
	trace := rest.Trace{ID: traceID, StartTime: start}
	span := rest.Span{ID: spanID, TraceID: traceID, StartTime: start}
	tests := []struct {
		name string
		call func(ctx context.Context, c *rest.Client) error
		want bool
	}{
		{"a batch, which replaces", func(ctx context.Context, c *rest.Client) error { return c.Traces.CreateMany(ctx, []rest.Trace{trace}) }, true},
		{"a span with an id, which stays as it is", func(ctx context.Context, c *rest.Client) error { _, err := c.Spans.Create(ctx, span); return err }, true},
		{"a span without an id", func(ctx context.Context, c *rest.Client) error {
			_, err := c.Spans.Create(ctx, rest.Span{TraceID: traceID, StartTime: start})
			return err
		}, false},
		{"a trace, which would be in conflict with itself", func(ctx context.Context, c *rest.Client) error { _, err := c.Traces.Create(ctx, trace); return err }, false},
		{"a comment", func(ctx context.Context, c *rest.Client) error {
			_, err := c.Comments.Add(ctx, rest.SpanRef(spanID), "a")
			return err
		}, false},
		{"an update", func(ctx context.Context, c *rest.Client) error {
			return c.Traces.Update(ctx, traceID, rest.TraceUpdate{Name: "a"})
		}, true},
		{"a score", func(ctx context.Context, c *rest.Client) error {
			return c.FeedbackScores.Add(ctx, rest.SpanRef(spanID), rest.FeedbackScore{Name: "a"})
		}, true},
		{"a search", func(ctx context.Context, c *rest.Client) error {
			_, err := collect(c.Spans.Search(ctx, rest.Query{}))
			return err
		}, true},
		{"whether the key is good", func(ctx context.Context, c *rest.Client) error { return c.CheckAuth(ctx) }, true},
		{"a deletion", func(ctx context.Context, c *rest.Client) error { return c.Traces.DeleteMany(ctx, traceID) }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &flaky{answers: []int{502}}
				assert.Equal(t, test.want, test.call(t.Context(), pipe(t, server.ServeHTTP)) == nil)
			})
			synctest.Test(t, func(t *testing.T) {
				server := &flaky{answers: []int{429}}
				require.NoError(t, test.call(t.Context(), pipe(t, server.ServeHTTP)), "a rate limit refuses before anything is done")
				require.Len(t, server.bodies, 2)
				assert.Equal(t, server.bodies[0], server.bodies[1])
			})
		})
	}
}
