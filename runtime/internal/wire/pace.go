package wire

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A pace keeps a client from asking more of the server than the server said it would take. Opik counts the rows of
// a batch, not the requests, and says with every answer how many are left until its window ends.
type pace struct {
	mu        sync.Mutex
	until     time.Time // the server asked for silence until then
	remaining int       // rows that the server still took before reset when it answered last
	reset     time.Time
	underway  int // rows that it may not have counted yet
}

// wait returns when rows may be sent, or the context's error. When it returns nil, finish must follow.
func (p *pace) wait(ctx context.Context, rows int) error {
	for {
		delay := p.admit(rows, time.Now())
		if delay <= 0 {
			return nil
		}
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// admit lets rows go under way, or says how long to wait before asking again.
func (p *pace) admit(rows int, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	delay := p.until.Sub(now)
	if rows > p.remaining-p.underway {
		delay = max(delay, p.reset.Sub(now))
	}
	if delay <= 0 {
		p.underway += rows
	}
	return delay
}

// finish says that a request of so many rows has ended, however it did.
func (p *pace) finish(rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.underway -= rows
}

// hold keeps the client silent for a while.
func (p *pace) hold(wait time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := now.Add(wait); until.After(p.until) {
		p.until = until
	}
}

// learn takes over what an answer says about the tightest of the server's limits.
func (p *pace) learn(header http.Header, now time.Time) {
	remaining, ttl, ok := tightest(header)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remaining, p.reset = remaining, now.Add(ttl)
}

// tightest finds the limit with the fewest rows left, and for the longest, among Opik-{Name}-Remaining-Limit and its
// -TTL-Millis.
func tightest(header http.Header) (remaining int, ttl time.Duration, ok bool) {
	for name := range header {
		if !strings.HasPrefix(name, "Opik-") || !strings.HasSuffix(name, "-Remaining-Limit") {
			continue
		}
		left, err := strconv.Atoi(header.Get(name))
		millis, _ := strconv.Atoi(header.Get(name + "-Ttl-Millis")) // 0 where it is no number
		wait := min(time.Duration(millis), longestHint/time.Millisecond) * time.Millisecond
		if err != nil || millis <= 0 || ok && (left > remaining || left == remaining && wait <= ttl) {
			continue
		}
		remaining, ttl, ok = left, wait, true
	}
	return remaining, ttl, ok
}
