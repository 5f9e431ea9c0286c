package queue

import (
	"context"
	"log/slog"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/batch"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
)

// A Sink takes rows out of the program: Opik, the console, a file.
//
// Deliver returns nil when it has all rows. A *wire.Error says what is to become of them; any other error drops
// them. Deliver returns soon after its context ends, and keeps neither the slice nor the bodies in it, whose memory is used again.
type Sink interface {
	Deliver(ctx context.Context, rows []record.Row) error
}

// Config is what a queue is made from. Only Sink must be set; a zero field has the default that it names.
type Config struct {
	Sink Sink

	// Limits divide what leaves the queue into requests of one kind each, traces before spans. Without limits
	// the sink is handed batches as they were pushed, which is what the console and a file want.
	Limits batch.Limits

	// Senders is how many batches are under way at a time; 1. With more, batches may arrive in another order.
	Senders int

	MaxRows  int // rows held, waiting or under way; 100,000
	MaxBytes int // of the rows held; 24 MiB

	BatchRows  int           // that make a batch; 1000. 1 switches batching off
	BatchBytes int           // that make a batch; 4 MiB
	Interval   time.Duration // after which rows are a batch, however few; 1 s

	// Block makes Push wait for room where it would drop the row: for batch jobs that lose nothing and may wait.
	Block bool

	Spool  *spool.Spool // for what cannot be delivered; nil keeps it in memory
	Logger *slog.Logger // gets a line when the state changes, never one a row; nil says nothing
}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	c.Senders = orDefault(c.Senders, 1)
	c.MaxRows = orDefault(c.MaxRows, 100_000)
	c.MaxBytes = orDefault(c.MaxBytes, 24<<20)
	c.BatchRows = orDefault(c.BatchRows, 1000)
	c.BatchBytes = orDefault(c.BatchBytes, 4<<20)
	c.Interval = orDefault(c.Interval, time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// orDefault returns n, or the default where n says nothing.
func orDefault[N int | time.Duration](n, standard N) N {
	if n <= 0 {
		return standard
	}
	return n
}
