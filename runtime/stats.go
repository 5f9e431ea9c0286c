package opik

import "github.com/opikgen/opikgen/runtime/internal/queue"

// Stats say how a client stands. A row is a trace, a span, a score, an update, a comment or an attachment; a span
// that changed after its end is two rows.
type Stats struct {
	Queued      int // rows held: waiting, under way or tried again
	QueuedBytes int

	Sent      uint64 // rows acknowledged by Opik, or written to the console or the file
	SentBytes uint64 // of them, before compression
	Retried   uint64 // rows sent again after a failure, once for each time
	Spooled   uint64 // rows written to disk because they could not be delivered
	Replayed  uint64 // rows delivered from there, also of processes that came before; they count as sent, too

	Dropped       map[DropReason]uint64 // rows that are lost
	DroppedUsage  uint64                // counts of usage left out: no 32-bit integers, costs that are none, the 257th of a span
	DroppedScores uint64                // scores left out because they have no name, or a value that Opik does not take

	// BlindUpdates are those of UpdateSpan that were sent although Opik did not have their span after ten seconds.
	BlindUpdates uint64

	SpoolErrors uint64 // batches that should have been written to disk and could not
	LastError   string // the last failure of a delivery; it never holds a secret
}

// DropReason says why a row was dropped.
type DropReason = queue.Reason

// The reasons why rows are dropped.
const (
	QueueFull    = queue.QueueFull    // the server is slower than the program: raise the bounds, sample, or block
	WaitEnded    = queue.WaitEnded    // the context ended while Delivery.Block waited for room
	Closed       = queue.Closed       // the span ended after Close
	TooLarge     = queue.TooLarge     // the row alone is more than the queue or the server takes
	Invalid      = queue.Invalid      // the server refused this row alone
	Refused      = queue.Refused      // the server refused the request in any form
	SinkFailed   = queue.SinkFailed   // the console or the file could not be written
	Unsaved      = queue.Unsaved      // Close ran out of time, and there was no spool
	SpoolFull    = queue.SpoolFull    // the oldest rows on disk made room for newer ones
	SpoolDamaged = queue.SpoolDamaged // a file on disk could not be read
)

// Stats returns how the client stands.
func (c *Client) Stats() Stats {
	if c == nil || c.queue == nil {
		return Stats{}
	}
	q := c.queue.Stats()
	return Stats{
		Queued:        q.Queued,
		QueuedBytes:   q.QueuedBytes,
		Sent:          q.Sent,
		SentBytes:     q.SentBytes,
		Retried:       q.Retried,
		Spooled:       q.Spooled,
		Replayed:      q.Replayed,
		Dropped:       q.Dropped,
		DroppedUsage:  c.droppedUsage.Load(),
		DroppedScores: c.droppedScores.Load(),
		BlindUpdates:  q.Unchecked,
		SpoolErrors:   q.SpoolErrors,
		LastError:     q.LastError,
	}
}
