package queue

import (
	"context"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// store puts rows into the spool. It returns false if there is none or it cannot be written.
func (q *Queue) store(rows []record.Row) bool {
	switch {
	case q.config.Spool == nil:
		return false
	case len(rows) == 0:
		return true
	case !q.write(rows):
		return false
	}
	q.count(func(s *Stats) { s.Spooled += uint64(len(rows)) })
	q.backlog.Store(true)
	return true
}

// write writes rows to the spool.
func (q *Queue) write(rows []record.Row) bool {
	evicted, err := q.config.Spool.Store(rows)
	q.health.spooled(err)
	q.count(func(s *Stats) {
		s.drop(SpoolFull, evicted)
		if err != nil {
			s.SpoolErrors++
		}
	})
	return err == nil
}

// sideline puts a batch into the spool in place of sending it, if it can be written. Rows that follow others wait for
// their turn, without keeping the owner from its work.
func (q *Queue) sideline(batch *segment) bool {
	batch.write()
	leading, following := split(batch.rows)
	if !q.store(leading) {
		return false
	}
	if len(following) == 0 {
		q.settle(batch)
		return true
	}
	q.work.Go(func() {
		q.newDelivery().deliverInTurn(batch, q.plan(following))
		q.settle(batch)
	})
	return true
}

// spooledRows returns how many rows of this process wait in the spool.
func (q *Queue) spooledRows() int {
	if q.config.Spool == nil {
		return 0
	}
	return q.config.Spool.Own()
}

// beginDetour sends batches to the spool without trying them, until the replayer has delivered one.
func (q *Queue) beginDetour() {
	if !q.detour.Swap(true) {
		q.health.detoured()
	}
}

// replayNow has the spool replayed and returns when that was done as far as possible, or when the context ends.
func (q *Queue) replayNow(ctx context.Context) {
	if q.spooledRows() == 0 {
		return
	}
	asked := make(chan struct{})
	select {
	case q.asks <- asked:
	case <-q.ctx.Done():
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-asked:
	case <-ctx.Done():
	}
}

// replaySoon wakes the replayer if there should be something for it, unless it is at work.
func (q *Queue) replaySoon() {
	if !q.backlog.Load() {
		return
	}
	select {
	case q.asks <- nil:
	default:
	}
}
