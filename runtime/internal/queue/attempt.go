package queue

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/batch"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

const (
	firstRetry = 250 * time.Millisecond // the bound of the first wait; each further one may be twice as long
	lastRetry  = 15 * time.Second       // the bound of all waits
)

// attempt makes one request. It returns nil if the rows were delivered.
func (q *Queue) attempt(rows []record.Row) *wire.Error {
	err := q.config.Sink.Deliver(q.ctx, rows)
	if err == nil {
		q.succeeded(rows)
		return nil
	}
	fault, ok := errors.AsType[*wire.Error](err)
	if !ok {
		fault = &wire.Error{Verdict: wire.Refuse, Err: err}
	}
	if q.ctx.Err() == nil { // what fails because the queue closes says nothing about the sink
		q.health.failed(fault, q.held)
	}
	return fault
}

// succeeded counts rows that were delivered. What is in the spool can be delivered then, too.
func (q *Queue) succeeded(rows []record.Row) {
	q.count(func(s *Stats) {
		s.Sent += uint64(len(rows))
		s.SentBytes += uint64(batch.Size(rows))
	})
	q.health.succeeded()
	q.detour.Store(false)
	q.replaySoon()
}

// drop counts rows that are lost.
func (q *Queue) drop(reason Reason, rows []record.Row) {
	q.count(func(s *Stats) { s.drop(reason, len(rows)) })
}

// reasonOf says why rows are dropped that a sink has refused for good.
func reasonOf(fault *wire.Error) Reason {
	switch {
	case fault.Status == http.StatusRequestEntityTooLarge:
		return TooLarge
	case fault.Verdict == wire.Divide:
		return Invalid
	case fault.Status == 0:
		return SinkFailed
	}
	return Refused
}

// backoff is the time to wait after so many attempts: random up to a bound that doubles, so that many clients that
// lost the same server at the same time come back spread out.
func backoff(attempts int) time.Duration {
	bound := lastRetry
	if attempts <= 6 { // 250 ms doubled six times is over the bound
		bound = firstRetry << (attempts - 1)
	}
	return rand.N(bound)
}
