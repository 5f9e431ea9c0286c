package queue

import (
	"context"
	"slices"
	"time"
)

// A mark is a flush on its way through the queue. It arrives when all rows that were pushed before it have come to
// an end.
type mark struct {
	before  uint64 // the number of the first segment that the flush does not wait for
	left    int    // rows before the mark that have not come to an end
	arrived chan struct{}
	told    map[Reason]uint64 // the drops that were reported before the flush began
}

// Flush sends what is queued and returns when every row pushed before it was acknowledged, dropped or spooled, or
// when the context ends. The error is a *Loss: what did not arrive, and what was dropped since the last report.
func (q *Queue) Flush(ctx context.Context) error {
	m := q.setMark()
	q.await(ctx, m)
	return q.report(ctx, m)
}

// Close flushes until its context ends, spools or drops what is left then, and stops the queue's goroutines. The
// error is a *Loss. Further calls wait for the first.
func (q *Queue) Close(ctx context.Context) error {
	q.shut()
	m := q.setMark()
	q.await(ctx, m)
	q.cancel()
	q.part()
	return q.report(ctx, m)
}

// lastWait is how long a sink has to return after its context ended.
const lastWait = time.Second

// part waits for the queue's goroutines, but not for ever for a sink that does not look at its context, as a function of
// the program's may: what it holds is reported as still queued.
func (q *Queue) part() {
	left := make(chan struct{})
	go func() {
		q.work.Wait()
		close(left)
	}()
	clock := time.NewTimer(lastWait)
	defer clock.Stop()
	select {
	case <-left:
	case <-clock.C:
	}
}

// shut turns away the rows that come from now on.
func (q *Queue) shut() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.makeRoom()
	q.signal()
}

// setMark makes everything due that is queued now, and wakes senders that wait before they try again.
func (q *Queue) setMark() *mark {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seal()
	m := &mark{before: q.number + 1, left: q.rows, arrived: make(chan struct{}), told: q.told}
	if m.left == 0 {
		close(m.arrived)
		return m
	}
	q.marks = append(q.marks, m)
	q.hasten()
	return m
}

// hurried returns a channel that is closed by the next flush, and when the queue becomes crowded.
func (q *Queue) hurried() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.hurry
}

// hasten wakes the senders that wait before they try again. q.mu is held.
func (q *Queue) hasten() {
	close(q.hurry)
	q.hurry = make(chan struct{})
}

// await returns when the mark has arrived, and what could be replayed from the spool was, or when the context ends.
func (q *Queue) await(ctx context.Context, m *mark) {
	select {
	case <-m.arrived:
		q.replayNow(ctx)
	case <-ctx.Done():
	}
}

// arrive counts the rows of a settled batch off the marks that wait for them. q.mu is held.
func (q *Queue) arrive(batch *segment) {
	q.marks = slices.DeleteFunc(q.marks, func(m *mark) bool {
		if batch.number < m.before {
			m.left -= len(batch.rows)
		}
		if m.left == 0 {
			close(m.arrived)
		}
		return m.left == 0
	})
}
