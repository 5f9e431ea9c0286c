package queue

import (
	"maps"
	"slices"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// maxSpare is how many segments are kept to be used again: a megabyte of rows.
const maxSpare = 16

// maxPage is the largest memory for bodies that is kept to be used again, twice what a common batch takes.
const maxPage = 8 << 20

// own is the one goroutine that takes rows out of the queue. It waits for a batch to be due, then for a sender to
// be free: behind a slow server rows wait in the queue, where they are bounded and can still be replaced.
func (q *Queue) own() {
	clock := time.NewTimer(q.config.Interval)
	for q.waitUntilDue(clock) {
		free := q.acquire()
		batch := q.take()
		if !free && q.sideline(batch) {
			continue
		}
		if !free {
			q.slots <- struct{}{}
		}
		q.work.Go(func() {
			q.send(batch)
			<-q.slots
		})
	}
}

// acquire waits for a sender to be free. It returns false when the next batch is better off in the spool: because the
// server is known to be down, or because no sender became free for long and the queue fills up.
func (q *Queue) acquire() bool {
	clock := time.NewTimer(patience)
	defer clock.Stop()
	for !q.detour.Load() {
		select {
		case q.slots <- struct{}{}:
			return true
		case <-clock.C:
			clock.Reset(patience)
			q.detourIfCrowded()
		}
	}
	return false
}

func (q *Queue) detourIfCrowded() {
	if q.config.Spool != nil && q.crowded() {
		q.beginDetour()
	}
}

// waitUntilDue returns true when a batch is due and false when the queue is closed and empty.
func (q *Queue) waitUntilDue(clock *time.Timer) bool {
	defer clock.Stop()
	ticking := false
	for {
		due, waiting, done := q.look()
		if due || done {
			return due
		}
		if waiting && !ticking {
			clock.Reset(q.config.Interval)
			ticking = true
		}
		select {
		case <-q.wake:
		case <-clock.C:
			q.mu.Lock()
			q.seal()
			q.mu.Unlock()
		}
	}
}

// look reports whether a batch is due, whether rows wait to become one, and whether neither can be any more.
func (q *Queue) look() (due, waiting, done bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	due, waiting = len(q.line) > 0, q.open != nil
	return due, waiting, q.closed && !due && !waiting
}

// take removes the oldest batch from the line. From here on its rows cannot be replaced.
func (q *Queue) take() *segment {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.line[0]
	q.line[0] = nil
	q.line = q.line[1:]
	if last := len(q.pages) - 1; last >= 0 {
		batch.memory = q.pages[last]
		q.pages = q.pages[:last]
	}
	q.under = append(q.under, batch)
	q.index.forget(batch, len(q.line) == 0 && q.open == nil)
	return batch
}

// plan divides a batch into requests. What a server was once seen to refuse as too large is not tried again.
func (q *Queue) plan(rows []record.Row) [][]record.Row {
	limits := q.config.Limits
	if limits.Rows == 0 && limits.Bytes == 0 {
		return [][]record.Row{rows}
	}
	if refused := int(q.requestBytes.Load()); refused > 0 {
		limits.Bytes = min(limits.Bytes, refused)
	}
	return limits.Plan(rows)
}

// settle lets go of a batch whose rows have all come to an end.
func (q *Queue) settle(batch *segment) {
	drops := q.release(batch)
	q.health.dropped(drops, time.Now())
}

// release makes room for others, tells those who waited for the rows, and returns what was dropped so far.
func (q *Queue) release(batch *segment) map[Reason]uint64 {
	n := len(batch.rows)
	clear(batch.rows) // what is used again must not keep the bodies
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rows -= n
	q.bytes -= batch.bytes
	q.under = slices.DeleteFunc(q.under, func(s *segment) bool { return s == batch })
	q.arrive(batch)
	q.makeRoom()
	if len(q.spare) < maxSpare {
		q.spare = append(q.spare, batch.rows[:0])
	}
	if size := cap(batch.memory); size > 0 && size <= maxPage && len(q.pages) < q.config.Senders {
		q.pages = append(q.pages, batch.memory[:0])
	}
	return maps.Clone(q.stats.Dropped)
}
