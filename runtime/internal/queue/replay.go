package queue

import (
	"errors"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/batch"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

const (
	// lookAgain is how often a spool is looked at that is empty or that another process replays. Processes that
	// died may have left something at any time.
	lookAgain = 10 * time.Second

	// strikes are the failures in a row after which the oldest file is suspected to be why the server fails.
	strikes = 8
)

// A replayer delivers what is in the spool: when the queue starts, when it is asked, and from time to time. While
// batches make the detour through the spool, it alone finds out that the server is back.
type replayer struct {
	*Queue

	failures int                 // since a file was delivered, or none was left
	awaiting time.Time           // since when the updates of the oldest file wait for their spans; zero while none does
	suspects map[[16]byte]uint64 // rows that the server has failed over alone, and what was sent until then
}

// run is the replayer's goroutine.
func (r *replayer) run() {
	clock := time.NewTimer(0)
	defer clock.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-clock.C:
			clock.Reset(r.replay())
		case asked := <-r.asks:
			r.answer(asked, clock)
		}
	}
}

// answer replays for whoever asked, who is told when that is done. Rows that got through ask without waiting: while what is
// in the spool fails, which it may be the reason for, they do not cut the time short until it is tried again.
func (r *replayer) answer(asked chan struct{}, clock *time.Timer) {
	if asked == nil && r.failures > 0 {
		return
	}
	clock.Reset(r.replay())
	if asked != nil {
		close(asked)
	}
}

// replay delivers the files of the spool in order, until none is left or the server cannot take one. It returns
// when to try again.
func (r *replayer) replay() time.Duration {
	claim, err := r.config.Spool.Claim()
	if claim == nil {
		r.nothingLeft(err)
		return lookAgain
	}
	defer claim.Release()
	for {
		file, err := claim.Next()
		if damaged, ok := errors.AsType[*spool.Damaged](err); ok {
			r.damaged(damaged)
			continue
		}
		if file == nil {
			r.nothingLeft(err)
			return lookAgain
		}
		if fault := r.deliver(file); fault != nil {
			return r.failed(file, fault)
		}
	}
}

// damaged counts the rows of a file that was set aside.
func (r *replayer) damaged(file *spool.Damaged) {
	r.health.spooled(file)
	r.count(func(s *Stats) { s.drop(SpoolDamaged, file.Rows) })
}

// nothingLeft ends the detour where there is no file to find out with whether the server is back: all are delivered,
// or another process replays them, or they cannot be read.
func (r *replayer) nothingLeft(err error) {
	r.failures = 0
	r.detour.Store(false)
	r.backlog.Store(false)
	if err != nil && !errors.Is(err, spool.ErrBusy) {
		r.health.spooled(err)
	}
}

// deliver delivers one file as one of the senders. The file stays if the server cannot take all of it.
func (r *replayer) deliver(file *spool.File) *wire.Error {
	select {
	case r.slots <- struct{}{}:
	case <-r.ctx.Done():
		return &wire.Error{Verdict: wire.Retry, Err: r.ctx.Err()}
	}
	defer func() { <-r.slots }()
	d, replayed := r.newDelivery(), 0
	for _, request := range r.plan(file.Rows) {
		fault := r.send(request)
		if !d.conclude(request, fault) {
			return fault
		}
		if fault == nil {
			replayed += len(request)
		}
	}
	r.failures, r.awaiting = 0, time.Time{}
	r.health.spooled(file.Done())
	r.count(func(s *Stats) { s.Replayed += uint64(replayed) })
	return nil
}

// send makes a request, at last also one of updates whose spans do not come.
func (r *replayer) send(rows []record.Row) *wire.Error {
	fault := r.attempt(rows)
	if r.overdue(fault) {
		r.sendUnchecked(rows)
		fault = r.attempt(rows)
	}
	return fault
}

// overdue reports whether an update has waited long enough for its span.
func (r *replayer) overdue(fault *wire.Error) bool {
	if fault == nil || fault.Verdict != wire.Await {
		return false
	}
	if r.awaiting.IsZero() {
		r.awaiting = time.Now()
	}
	return time.Since(r.awaiting) >= spanPatience
}

// failed decides what to do about a file that was not delivered, and returns when to try again.
func (r *replayer) failed(file *spool.File, fault *wire.Error) time.Duration {
	r.backlog.Store(true)
	r.failures++
	if r.failures%strikes == 0 && suspicious(fault) {
		r.moveBack(file)
	}
	return orDefault(fault.After, backoff(r.failures))
}

// moveBack puts a file behind the others, in halves. If its rows are why the server fails, the others get through,
// and in the end a single row is left, which is dropped when it fails again although others arrived. If they are
// not, nothing is lost.
func (r *replayer) moveBack(file *spool.File) {
	if len(file.Rows) == 1 && r.guilty(file.Rows[0].ID) {
		r.drop(Refused, file.Rows)
		r.health.spooled(file.Done())
		return
	}
	for _, half := range halves(file.Rows) {
		if !r.write(half) {
			return // what was written already is delivered twice, which is harmless
		}
	}
	r.health.spooled(file.Done())
}

// guilty reports whether others arrived since the row was suspected first.
func (r *replayer) guilty(id [16]byte) bool {
	sent, known := r.suspects[id]
	r.suspects[id] = r.sent()
	return known && r.suspects[id] > sent
}

// halves divides rows as far as they can be divided.
func halves(rows []record.Row) [][]record.Row {
	if len(rows) < 2 {
		return [][]record.Row{rows}
	}
	left, right := batch.Halve(rows)
	return [][]record.Row{left, right}
}
