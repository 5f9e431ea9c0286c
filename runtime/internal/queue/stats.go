package queue

import "maps"

// Stats counts rows since New, except for what is held now.
type Stats struct {
	Queued      int // held: waiting, under way or tried again
	QueuedBytes int

	Sent      uint64 // acknowledged by the sink
	SentBytes uint64 // of their bodies, before compression
	Retried   uint64 // sent again after a failure, once for each time
	Dropped   map[Reason]uint64
	Spooled   uint64 // written to the spool
	Replayed  uint64 // delivered from the spool, also for processes that came before; they count as sent, too

	Unchecked   uint64 // updates sent although the server did not have their span
	SpoolErrors uint64 // batches that should have been written to the spool and could not
	LastError   string // the last failure of the sink or the spool; never holds a secret
}

// Stats returns how the queue stands.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	stats := q.stats
	stats.Queued, stats.QueuedBytes = q.rows, q.bytes
	stats.Dropped = maps.Clone(q.stats.Dropped)
	stats.LastError = q.health.lastError()
	return stats
}

// drop counts rows that are lost.
func (s *Stats) drop(reason Reason, rows int) {
	if rows > 0 {
		s.Dropped[reason] += uint64(rows)
	}
}

// held returns how many rows the queue holds.
func (q *Queue) held() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.rows
}

// sent returns how many rows were acknowledged.
func (q *Queue) sent() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stats.Sent
}

// count changes the figures.
func (q *Queue) count(change func(*Stats)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	change(&q.stats)
}

// crowded reports whether the queue is more than half full.
func (q *Queue) crowded() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.overHalf()
}
