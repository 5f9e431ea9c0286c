package queue

import (
	"slices"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// Rows of traces and spans have versions, so several senders and the spool may deliver them in any order. The rows
// that follow others have none. A score that overtakes a later one would replace it, and an update that overtakes
// the row of its span makes the server keep the update and throw the row away. So they take turns: they are not
// sent before everything that was pushed before them has come to an end, nor while rows wait in the spool.

// deliverInTurn delivers the requests of a batch whose rows follow others. What goes to the spool goes as one file.
func (d *delivery) deliverInTurn(batch *segment, requests [][]record.Row) {
	d.stepAside(func() { d.awaitEarlier(batch) })
	d.began = time.Now()
	for i, rows := range requests {
		if d.spooledRows() > 0 {
			d.storeBehind(slices.Concat(requests[i:]...))
			return
		}
		d.deliver(rows)
	}
}

// spanPatience is how long the updates of a batch wait for spans that other processes have not delivered yet.
const spanPatience = 10 * time.Second

// awaitSpan passes the time until the server may have the span of an update, which is not for ever: then the update is
// sent as it is, and counted. It reports whether the update came to its end because the queue closes.
func (d *delivery) awaitSpan(rows []record.Row, attempt int, hurry <-chan struct{}) bool {
	if time.Since(d.began) >= spanPatience {
		d.sendUnchecked(rows)
		return false
	}
	d.stepAside(func() { d.pass(backoff(attempt), hurry) })
	if d.ctx.Err() == nil {
		return false
	}
	if !d.store(rows) {
		d.drop(Unsaved, rows)
	}
	return true
}

// sendUnchecked has an update sent without another look whether its span is there.
func (q *Queue) sendUnchecked(rows []record.Row) {
	rows[0].Unchecked = true
	q.count(func(s *Stats) { s.Unchecked++ })
}

// pass returns after some time, or earlier if a flush or the end of the queue does not let it wait.
func (d *delivery) pass(wait time.Duration, hurry <-chan struct{}) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hurry:
	case <-d.ctx.Done():
	}
}

// stepAside waits without being one of the senders: rows that need not wait overtake those that must.
func (d *delivery) stepAside(wait func()) {
	if !d.slotted {
		wait()
		return
	}
	<-d.slots
	wait()
	d.slots <- struct{}{}
}

// storeBehind puts rows into the spool behind those that wait there. If it cannot be written they are dropped: sent
// now, an update could cost the row that waits.
func (d *delivery) storeBehind(rows []record.Row) {
	if !d.store(rows) {
		d.drop(Unsaved, rows)
	}
}

// awaitEarlier returns when the batches before this one have come to an end, or the queue gives up. Batches leave the
// line in order, so the first of those under way waits for none, and all get their turn.
func (q *Queue) awaitEarlier(batch *segment) {
	m := q.markEarlier(batch)
	select {
	case <-m.arrived:
	case <-q.ctx.Done():
	}
}

// markEarlier returns a mark that arrives when the batches before this one are settled.
func (q *Queue) markEarlier(batch *segment) *mark {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := &mark{before: batch.number, arrived: make(chan struct{})}
	for _, s := range q.under {
		if s.number < batch.number {
			m.left += len(s.rows)
		}
	}
	if m.left == 0 {
		close(m.arrived)
		return m
	}
	q.marks = append(q.marks, m)
	return m
}

// split parts the rows that follow others from those that do not.
func split(rows []record.Row) (leading, following []record.Row) {
	for i, row := range rows {
		if row.Kind.Follows() {
			return splitFrom(rows, i)
		}
	}
	return rows, nil
}

// splitFrom is split for rows of which the one at first is the first that follows.
func splitFrom(rows []record.Row, first int) (leading, following []record.Row) {
	leading = append(leading, rows[:first]...)
	for _, row := range rows[first:] {
		if row.Kind.Follows() {
			following = append(following, row)
		} else {
			leading = append(leading, row)
		}
	}
	return leading, following
}
