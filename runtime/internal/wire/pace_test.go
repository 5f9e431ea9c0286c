package wire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/wire"
)

// bucket is the rate limit of a server: so many rows a minute.
type bucket struct {
	mu      sync.Mutex
	left    int
	reset   time.Time
	refused int
	other   bool // whether another, wider limit is reported, too
}

// ServeHTTP takes one row, or refuses it.
func (b *bucket) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !time.Now().Before(b.reset) {
		b.left, b.reset = 3, time.Now().Add(time.Minute)
	}
	status := http.StatusNoContent
	if b.left == 0 {
		b.refused++
		status = http.StatusTooManyRequests
	} else {
		b.left--
	}
	header := w.Header()
	header.Set("Opik-User-Limit", "User")
	header.Set("Opik-User-Remaining-Limit", strconv.Itoa(b.left))
	header.Set("Opik-User-Remaining-Limit-TTL-Millis", strconv.FormatInt(time.Until(b.reset).Milliseconds(), 10))
	if b.other {
		header.Set("Opik-Workspace-Remaining-Limit", "5000")
		header.Set("Opik-Workspace-Remaining-Limit-TTL-Millis", "1000")
	}
	w.WriteHeader(status)
}

func TestTheClientSlowsDownBeforeItIsRefused(t *testing.T) {
	for _, other := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			limit := &bucket{other: other}
			client := newClient(t, config, limit.ServeHTTP)
			start := time.Now()
			for range 10 {
				require.NoError(t, client.Deliver(t.Context(), spans(`{}`)))
			}
			assert.Zero(t, limit.refused)
			assert.Equal(t, 3*time.Minute, time.Since(start), "10 rows at 3 a minute")
		})
	}
}

func TestTwoSendersShareWhatRemains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &bucket{}
		client := newClient(t, config, limit.ServeHTTP)
		require.NoError(t, client.Deliver(t.Context(), spans(`{}`)))
		done := make(chan time.Duration, 3)
		start := time.Now()
		for range 3 {
			go func() {
				assert.NoError(t, client.Deliver(t.Context(), spans(`{}`)))
				done <- time.Since(start)
			}()
		}
		assert.Zero(t, <-done)
		assert.Zero(t, <-done)
		assert.Equal(t, time.Minute, <-done)
		assert.Zero(t, limit.refused)
	})
}

func TestTheContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &bucket{}
		client := newClient(t, config, limit.ServeHTTP)
		for range 3 {
			require.NoError(t, client.Deliver(t.Context(), spans(`{}`)))
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		fault := deliver(ctx, t, client)
		assert.Equal(t, wire.Retry, fault.Verdict)
		require.ErrorIs(t, fault, context.DeadlineExceeded)
		require.NoError(t, client.Deliver(t.Context(), spans(`{}`)))
		assert.Equal(t, time.Minute, time.Since(start), "what was not sent does not count as under way")
		assert.Zero(t, limit.refused)
	})
}

// TestAShorterHintDoesNotShortenALongerOne has two requests under way that are both refused.
func TestAShorterHintDoesNotShortenALongerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			wait := time.Duration(asked) * time.Second
			hint := map[int]string{1: "30", 2: "1"}[asked]
			<-time.After(wait)
			w.Header().Set("Retry-After", hint)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		start := time.Now()
		done := make(chan error, 2)
		for range 2 {
			go func() { done <- client.Deliver(t.Context(), spans(`{}`)) }()
			synctest.Wait()
		}
		for _, want := range []time.Duration{30 * time.Second, time.Second} {
			fault, ok := errors.AsType[*wire.Error](<-done)
			require.True(t, ok)
			assert.Equal(t, want, fault.After)
		}
		require.Error(t, client.Deliver(t.Context(), spans(`{}`)))
		assert.Equal(t, 34*time.Second, time.Since(start), "silence until the 31st second, and the third answer")
	})
}

// TestTheTightestLimitCounts has two limits of which the one that lasts longest leaves nothing.
func TestTheTightestLimitCounts(t *testing.T) {
	tests := []struct {
		name             string
		left, ttl        string // of one limit, in rows and milliseconds
		otherLeft, other string // of the other
		want             time.Duration
	}{
		{"the one with fewer rows", "0", "2000", "1", "9000", 2 * time.Second},
		{"of two that are used up the longer", "0", "2000", "0", "9000", 9 * time.Second},
		{"one that has ended does not", "0", "0", "1", "9000", 9 * time.Second},
		{"one that is no number does not", "0", "soon", "1", "9000", 9 * time.Second},
		{"no longer than a minute", "0", "3600000", "7", "1", time.Minute},
		{"for ever is a minute, too", "0", "9223372036854775807", "7", "1", time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Opik-User-Remaining-Limit", test.left)
					w.Header().Set("Opik-Workspace-Remaining-Limit", test.otherLeft)
					w.Header().Set("Opik-User-Remaining-Limit-TTL-Millis", test.ttl)
					w.Header().Set("Opik-Workspace-Remaining-Limit-TTL-Millis", test.other)
				})
				for range 20 { // for the headers have no order
					require.NoError(t, client.Deliver(t.Context(), spans(`{}`)))
					start := time.Now()
					require.NoError(t, client.Deliver(t.Context(), spans(`{}`, `{}`)))
					require.Equal(t, test.want, time.Since(start))
					<-time.After(time.Hour)
				}
			})
		})
	}
}

// TestAnAnswerThatSaysNothingChangesNoLimit has two requests under way, of which a proxy answers the second.
func TestAnAnswerThatSaysNothingChangesNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked == 1 {
				<-time.After(500 * time.Millisecond)
				w.Header().Set("Opik-User-Remaining-Limit", "0")
				w.Header().Set("Opik-User-Remaining-Limit-TTL-Millis", "9000")
				return
			}
			<-time.After(time.Second)
			w.WriteHeader(http.StatusBadGateway)
		})
		start := time.Now()
		done := make(chan error, 2)
		for range 2 {
			go func() { done <- client.Deliver(t.Context(), spans(`{}`)) }()
			synctest.Wait()
		}
		require.NoError(t, <-done)
		require.Error(t, <-done)
		require.Error(t, client.Deliver(t.Context(), spans(`{}`)))
		assert.Equal(t, 10500*time.Millisecond, time.Since(start), "the third is asked when the limit of the first ends")
	})
}

func TestOddLimitsAreIgnored(t *testing.T) {
	tests := []struct{ remaining, ttl string }{
		{"0", ""}, {"0", "0"}, {"0", "-5"}, {"0", "soon"}, {"none", "60000"}, {"", "60000"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Opik-User-Remaining-Limit", test.remaining)
					w.Header().Set("Opik-User-Remaining-Limit-TTL-Millis", test.ttl)
					for _, name := range []string{"Opik-User-Limit", "Example-Remaining-Limit"} { // which say something else
						w.Header().Set(name, "0")
						w.Header().Set(name+"-TTL-Millis", "60000")
					}
				})
				start := time.Now()
				for range 3 {
					require.NoError(t, client.Deliver(t.Context(), spans(`{}`)))
				}
				assert.Zero(t, time.Since(start))
			})
		})
	}
}
