package queue

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/batch"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

const (
	// patience is how long rows wait in memory for a server that fails, before they go to the spool.
	patience = 5 * time.Second

	// divideAfter and dropAfter are the attempts after which rows are suspected to be why the server fails.
	divideAfter = 6
	dropAfter   = 12

	// smallestRequest bounds what is learned from requests that were too large.
	smallestRequest = 64 << 10
)

// A delivery brings the rows of one batch to an end.
type delivery struct {
	*Queue

	before  uint64    // what the queue had sent when the delivery began
	began   time.Time // when it was the rows' turn
	slotted bool      // it is one of the senders
	failing time.Time // when the first attempt failed after the last success; zero if none did
}

// send delivers a batch.
func (q *Queue) send(batch *segment) {
	batch.write()
	d := q.newDelivery()
	d.slotted = true
	requests := q.plan(batch.rows)
	for i, rows := range requests {
		if rows[0].Kind.Follows() {
			d.deliverInTurn(batch, requests[i:])
			break
		}
		d.deliver(rows)
	}
	q.settle(batch)
}

func (q *Queue) newDelivery() *delivery {
	return &delivery{Queue: q, before: q.sent(), began: time.Now()}
}

// deliver brings rows to an end, however long that takes.
func (d *delivery) deliver(rows []record.Row) {
	for attempt := 1; ; attempt++ {
		hurry := d.hurried()
		fault := d.attempt(rows)
		if d.conclude(rows, fault) || d.giveUp(rows, attempt, fault, hurry) {
			return
		}
	}
}

// giveUp ends rows that failed, or passes the time until their next attempt. It reports whether they came to an end.
func (d *delivery) giveUp(rows []record.Row, attempt int, fault *wire.Error, hurry <-chan struct{}) bool {
	if fault.Verdict == wire.Await {
		return d.awaitSpan(rows, attempt, hurry)
	}
	if d.failing.IsZero() {
		d.failing = time.Now()
	}
	if d.putAside(rows) || d.blame(rows, attempt, fault) || d.wait(rows, pauseOf(attempt, fault), hurry) {
		return true
	}
	d.count(func(s *Stats) { s.Retried += uint64(len(rows)) })
	return false
}

// conclude ends rows that need no further attempt as they are, and reports whether that was so.
func (d *delivery) conclude(rows []record.Row, fault *wire.Error) bool {
	switch {
	case fault == nil:
		d.failing = time.Time{}
	case fault.Verdict == wire.Divide && len(rows) > 1:
		d.learnSize(rows, fault)
		d.divide(rows)
	case fault.Verdict == wire.Divide, fault.Verdict == wire.Refuse:
		d.drop(reasonOf(fault), rows)
	default:
		return false
	}
	return true
}

// divide delivers the halves of a request that did not get through, in the end down to the row that is to blame.
func (d *delivery) divide(rows []record.Row) {
	left, right := batch.Halve(rows)
	d.deliver(left)
	d.deliver(right)
}

// learnSize remembers the size of a request that was too large, so that it is not tried again.
func (d *delivery) learnSize(rows []record.Row, fault *wire.Error) {
	if fault.Status == http.StatusRequestEntityTooLarge {
		d.requestBytes.Store(int64(max(batch.Size(rows)/2, smallestRequest)))
	}
}

// putAside ends rows that were not delivered where it is no use to wait, and reports whether it did: into the spool
// when the server has failed for long, when the queue fills up behind them, or when Close gives up. Without a
// spool rows stay in memory, where they are bounded, until Close gives up.
func (d *delivery) putAside(rows []record.Row) bool {
	closing := d.ctx.Err() != nil
	down := closing || d.health.failing() >= patience || d.crowded()
	if (down || time.Since(d.failing) >= patience) && d.store(rows) {
		if down {
			d.beginDetour()
		}
		return true
	}
	if closing {
		d.drop(Unsaved, rows)
	}
	return closing
}

// blame ends rows that may be why the server fails, as one that chokes on a row does every time it sees it. To
// divide them loses nothing, so that is done on suspicion; a single row is dropped only if others arrived meanwhile.
func (d *delivery) blame(rows []record.Row, attempt int, fault *wire.Error) bool {
	switch {
	case !suspicious(fault):
		return false
	case len(rows) > 1 && attempt >= divideAfter:
		d.divide(rows)
		return true
	case attempt >= dropAfter && d.sent() > d.before:
		d.drop(Refused, rows)
		return true
	}
	return false
}

// suspicious reports whether the rows of a request could be why it failed: a server that was reached and chokes, or
// takes too long over them, and does not say that it wants to be left alone.
func suspicious(fault *wire.Error) bool {
	return fault.After == 0 && (fault.Status >= 500 || errors.Is(fault, context.DeadlineExceeded))
}

// A pause is the time before the next attempt.
type pause struct {
	time time.Duration
	wish bool // it is the server's, so nothing but time ends it
}

// pauseOf returns what the server asked for, or a random time that grows.
func pauseOf(attempt int, fault *wire.Error) pause {
	if fault.After > 0 {
		return pause{fault.After, true}
	}
	return pause{backoff(attempt), false}
}

// wait passes the time before the next attempt. A flush cuts it short. A queue that fills up meanwhile, or that
// closes, may have the rows put aside; wait reports whether it did.
func (d *delivery) wait(rows []record.Row, p pause, hurry <-chan struct{}) bool {
	timer := time.NewTimer(p.time)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return false
		case <-d.ctx.Done():
			return d.putAside(rows)
		case <-hurry:
			hurry = d.hurried()
		}
		if d.putAside(rows) {
			return true
		}
		if !p.wish {
			return false
		}
	}
}
