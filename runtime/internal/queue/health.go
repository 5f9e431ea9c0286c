package queue

import (
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/wire"
)

const (
	// blip is how long a server may fail before anybody is told.
	blip = time.Second
	// quiet is how long a state that comes and goes is reported once for.
	quiet = time.Minute
)

// health knows whether the sink works, and says so once when that changes. It never calls the logger with a lock
// held: a handler may be slow, and it may be traced itself.
type health struct {
	log *slog.Logger

	mu       sync.Mutex
	since    time.Time // of the first failure after the last success; zero while all is well
	reported bool      // that the sink fails
	last     string
	told     map[Reason]uint64 // the drops that were logged
	toldAt   time.Time

	spoolFails bool
	detouredAt time.Time // when the last detour was begun
}

// failed takes note of a failure. held says how many rows the queue holds.
func (h *health) failed(fault *wire.Error, held func() int) {
	if h.noteFailure(fault, time.Now()) {
		h.log.Warn("opik: rows cannot be delivered; they are kept and tried again", "rows", held(), "error", fault)
	}
}

// noteFailure returns whether it is time to report that the sink fails.
func (h *health) noteFailure(fault *wire.Error, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = fault.Error()
	if fault.Verdict != wire.Retry && fault.Verdict != wire.Pause {
		return false
	}
	if h.since.IsZero() {
		h.since = now
	}
	report := !h.reported && (fault.Verdict == wire.Pause || now.Sub(h.since) >= blip)
	h.reported = h.reported || report
	return report
}

// succeeded takes note of a delivery.
func (h *health) succeeded() {
	h.mu.Lock()
	recovered := h.reported
	h.since, h.reported = time.Time{}, false
	h.mu.Unlock()
	if recovered {
		h.log.Info("opik: rows are delivered again")
	}
}

// failing returns for how long nothing was delivered.
func (h *health) failing() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.since.IsZero() {
		return 0
	}
	return time.Since(h.since)
}

// detoured says that rows go to the spool from now on, unless it did so a moment ago.
func (h *health) detoured() {
	now := time.Now()
	h.mu.Lock()
	report := now.Sub(h.detouredAt) >= quiet
	h.detouredAt = now
	h.mu.Unlock()
	if report {
		h.log.Info("opik: rows go to the spool until the server is back")
	}
}

// spooled takes note of the outcome of using the spool.
func (h *health) spooled(err error) {
	h.mu.Lock()
	changed := h.spoolFails != (err != nil)
	h.spoolFails = err != nil
	if err != nil {
		h.last = err.Error()
	}
	h.mu.Unlock()
	switch {
	case changed && err != nil:
		h.log.Warn("opik: the spool cannot be used; rows stay in memory", "error", err)
	case changed:
		h.log.Info("opik: the spool can be used again")
	}
}

// lastError returns the last failure.
func (h *health) lastError() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// dropped logs the drops that are new, unless it did so a moment ago.
func (h *health) dropped(total map[Reason]uint64, now time.Time) {
	grown, last := h.noteDrops(total, now)
	if len(grown) > 0 {
		h.log.Warn("opik: rows were dropped", "rows", grown, "error", last)
	}
}

// noteDrops returns the drops that are to be logged.
func (h *health) noteDrops(total map[Reason]uint64, now time.Time) (grown map[Reason]uint64, last string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	grown = since(h.told, total)
	if len(grown) == 0 || now.Sub(h.toldAt) < quiet {
		return nil, ""
	}
	h.told, h.toldAt = maps.Clone(total), now
	return grown, h.last
}
