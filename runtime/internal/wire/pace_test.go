package wire_test

import (
	"context"
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
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		fault := deliver(ctx, t, client)
		assert.Equal(t, wire.Retry, fault.Verdict)
		assert.ErrorIs(t, fault, context.DeadlineExceeded)
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
