package opik

import (
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// ids makes UUIDs of version 7, a fifth of what uuid.NewV7 costs: the clock was read already, for the start of what
// gets the id, and the random bits need not be secrets.
type ids struct {
	last atomic.Int64 // the time of the last id, in 4096ths of a millisecond
}

// next returns the id of what starts at a time: the time, which Opik's server checks and sorts by, then random bits.
// The ids of a client grow, also where the clock stands still or goes back a little.
func (i *ids) next(at time.Time) [16]byte {
	const version, variant = 7 << 12, 2 << 62
	ticks := i.tick(at)
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], ticks>>12<<16|version|ticks&0xfff)
	binary.BigEndian.PutUint64(id[8:], variant|rand.Uint64()>>2)
	return id
}

// tick returns the time in 4096ths of a millisecond, or what comes after the last one. A clock that goes back further was
// wrong before, as that of a machine may be that has just started: ids that stayed ahead of it would be refused by the
// server, which takes none of the future, for as long as the program runs.
func (i *ids) tick(at time.Time) uint64 {
	const ticks, wrong = 4096, 4096 * 60_000
	now := at.UnixMilli()*ticks + int64(at.Nanosecond())%int64(time.Millisecond)*ticks/int64(time.Millisecond)
	for {
		last := i.last.Load()
		next := max(now, last+1)
		if last-now > wrong {
			next = now
		}
		if i.last.CompareAndSwap(last, next) {
			return uint64(next)
		}
	}
}
