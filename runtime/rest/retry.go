package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// How often a request is tried again, how long the first pause is where the server says nothing (each further one is
// twice as long), and the longest pause that a server may ask for: it is what Opik's rate limits are counted over.
const (
	retries      = 4
	firstPause   = 500 * time.Millisecond
	longestPause = time.Minute
)

// pause waits before a request is tried again. It reports false, at once, if it is not to be: because of what was
// answered, because it was tried often enough, or because the context would end first.
func (c *Client) pause(ctx context.Context, r request, attempt int, err error) (again bool) {
	fault, ok := errors.AsType[*Error](err)
	if !ok || attempt >= retries || !r.mayRepeat(fault.Status) {
		return false
	}
	wait := pauseBefore(attempt, fault.RetryAfter)
	if deadline, ok := ctx.Deadline(); wait > longestPause || ok && time.Until(deadline) < wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// mayRepeat reports whether a request may be tried again after an answer. A rate limit refuses before anything is
// done; behind the others the work may have been done all the same.
func (r request) mayRepeat(status int) bool {
	switch {
	case r.once:
		return false
	case status == http.StatusTooManyRequests:
		return true
	}
	switch status {
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return r.repeatable || r.method != http.MethodPost
	}
	return false
}

// pauseBefore is what the server asks for, or doubles with each attempt, in either case with up to a tenth more, so that
// many clients do not come back at once.
func pauseBefore(attempt int, asked time.Duration) time.Duration {
	if asked > longestPause {
		return asked
	}
	wait := firstPause << attempt
	if asked > 0 {
		wait = asked
	}
	return min(wait+rand.N(wait/10+1), longestPause)
}
