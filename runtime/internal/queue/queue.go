// Package queue stands between the program and the network: it takes rows in nanoseconds, holds a bounded amount of
// them, and brings each to an end, which is to be acknowledged, written to the spool, or dropped and counted.
package queue

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// A Queue holds rows until they are delivered. One goroutine, its owner, takes them out in order; a few senders
// deliver what it took.
type Queue struct {
	config Config
	health health

	// requestBytes is the size of request that a server was seen to refuse as too large, halved; 0 if none was.
	requestBytes atomic.Int64
	// detour says that the server is down and batches go to the spool without being tried. The replayer ends it.
	detour atomic.Bool
	// backlog says that the spool should hold files. A replayer that overlooks one finds it when it looks again.
	backlog atomic.Bool

	mu     sync.Mutex
	open   *segment          // takes the next row; nil while no row is on it
	line   []*segment        // sealed and due, oldest first
	under  []*segment        // under way, oldest first
	number uint64            // of the last segment
	index  index             // of the rows in open and line
	rows   int               // held: waiting or under way
	bytes  int               // their cost
	marks  []*mark           // of the flushes that wait
	hurry  chan struct{}     // closed and replaced when senders should not wait any longer
	room   chan struct{}     // closed when there is room again; nil while nobody waits for it
	spare  [][]record.Row    // memory of segments that are done, at most maxSpare
	pages  [][]byte          // memory of their bodies, at most one for each sender
	told   map[Reason]uint64 // the drops that a flush has reported
	closed bool
	stats  Stats

	wake  chan struct{}      // tells the owner to look; holds one
	slots chan struct{}      // holds one for each sender at work
	asks  chan chan struct{} // asks the replayer for a pass

	ctx    context.Context // ends when Close gives up delivering
	cancel context.CancelFunc
	work   sync.WaitGroup // owner, senders and replayer
}

// New returns a queue at work. It must be closed.
func New(config Config) *Queue {
	config = config.withDefaults()
	q := &Queue{
		config: config,
		health: health{log: config.Logger},
		hurry:  make(chan struct{}),
		stats:  Stats{Dropped: map[Reason]uint64{}},
		wake:   make(chan struct{}, 1),
		slots:  make(chan struct{}, config.Senders),
		asks:   make(chan chan struct{}),
	}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	q.work.Go(q.own)
	if config.Spool != nil {
		r := &replayer{Queue: q, suspects: map[[16]byte]uint64{}}
		q.work.Go(r.run)
	}
	return q
}

// Push takes a row over. It never waits unless Config.Block is set: a row that does not fit is dropped and counted.
// Rows of one id must be pushed in the order of their last_updated_at.
func (q *Queue) Push(row record.Row) { q.PushContext(context.Background(), row) }

// PushContext is Push that, with Config.Block, waits no longer than the context lasts.
func (q *Queue) PushContext(ctx context.Context, row record.Row) {
	q.mu.Lock()
	defer q.mu.Unlock()
	reason := q.add(row)
	for reason == QueueFull && q.config.Block {
		if !q.waitForRoom(ctx) {
			reason = WaitEnded
			break
		}
		reason = q.add(row)
	}
	if reason != "" {
		q.stats.drop(reason, 1)
	}
}

// add puts a row into the queue or says why it cannot. q.mu is held here and in all functions of this file below.
func (q *Queue) add(row record.Row) Reason {
	size := cost(row)
	at, waits := q.predecessor(row)
	if waits {
		size -= cost(at.segment.rows[at.i])
	}
	switch {
	case q.closed:
		return Closed
	case cost(row) > q.config.MaxBytes:
		return TooLarge
	case q.bytes+size > q.config.MaxBytes, !waits && q.rows >= q.config.MaxRows:
		q.seal() // what fills the queue is due, however large a batch should be
		return QueueFull
	}
	before := q.overHalf()
	q.bytes += size
	if waits {
		at.segment.replace(at.i, row)
	} else {
		q.append(row)
	}
	if !before && q.overHalf() {
		q.hasten()
	}
	return ""
}

// overHalf reports whether the queue is more than half full.
func (q *Queue) overHalf() bool {
	return q.rows > q.config.MaxRows/2 || q.bytes > q.config.MaxBytes/2
}

// append puts a row at the end and wakes the owner where there is something to do: to start the clock at the first
// row of a segment, to take the segment when it is full.
func (q *Queue) append(row record.Row) {
	if q.open == nil {
		q.openSegment()
		q.signal()
	}
	q.index.note(row, place{q.open, len(q.open.rows)})
	q.open.add(row)
	q.rows++
	if len(q.open.rows) >= q.config.BatchRows || q.open.bytes >= q.config.BatchBytes {
		q.seal()
	}
}

// openSegment starts a segment, with the memory of one that is done where there is any.
func (q *Queue) openSegment() {
	q.number++
	q.open = &segment{number: q.number}
	if last := len(q.spare) - 1; last >= 0 {
		q.open.rows = q.spare[last]
		q.spare = q.spare[:last]
	}
}

// seal makes the rows of the open segment due.
func (q *Queue) seal() {
	if q.open == nil {
		return
	}
	q.line = append(q.line, q.open)
	q.open = nil
	q.signal()
}

// signal tells the owner to look, unless it has been told.
func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// waitForRoom gives up q.mu until rows have left the queue, or returns false when the context ended first.
func (q *Queue) waitForRoom(ctx context.Context) bool {
	if q.room == nil {
		q.room = make(chan struct{})
	}
	room := q.room
	q.mu.Unlock()
	defer q.mu.Lock()
	select {
	case <-room:
		return true
	case <-ctx.Done():
		return false
	}
}

// makeRoom wakes those who wait for room.
func (q *Queue) makeRoom() {
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}
