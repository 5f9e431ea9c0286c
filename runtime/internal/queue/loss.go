package queue

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Loss is the error of a flush after which rows are not where they should be.
type Loss struct {
	Held    int               // rows that are still tried: the context ended first
	Spooled int               // rows that wait in the spool, for the server or for the next process
	Dropped map[Reason]uint64 // rows that are lost, since the last report
	Last    string            // the last failure of the sink or the spool
	Err     error             // the context's, where rows are held
}

// Error says how many rows did not arrive, and why.
func (l *Loss) Error() string {
	var parts []string
	total := uint64(l.Held + l.Spooled)
	if l.Held > 0 {
		parts = append(parts, fmt.Sprintf("%d still queued", l.Held))
	}
	if l.Spooled > 0 {
		parts = append(parts, fmt.Sprintf("%d in the spool", l.Spooled))
	}
	for _, reason := range slices.Sorted(maps.Keys(l.Dropped)) {
		parts = append(parts, fmt.Sprintf("%d dropped (%s)", l.Dropped[reason], reason))
		total += l.Dropped[reason]
	}
	text := counted(total) + " did not arrive: " + strings.Join(parts, ", ")
	if l.Err != nil {
		text += ": " + l.Err.Error()
	}
	if l.Last != "" {
		text += "; last error: " + l.Last
	}
	return text
}

// counted says how many rows there are.
func counted(rows uint64) string {
	if rows == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", rows)
}

// Unwrap returns the error of the context that ended the flush, if one did.
func (l *Loss) Unwrap() error { return l.Err }

// report returns what a flush has to say when it ends, nil if every row arrived.
func (q *Queue) report(ctx context.Context, m *mark) error {
	spooled := q.spooledRows()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.marks = slices.DeleteFunc(q.marks, func(other *mark) bool { return other == m })
	loss := &Loss{Held: m.left, Spooled: spooled, Dropped: since(m.told, q.stats.Dropped)}
	q.told = maps.Clone(q.stats.Dropped)
	if loss.Held == 0 && loss.Spooled == 0 && len(loss.Dropped) == 0 {
		return nil
	}
	if loss.Held > 0 {
		loss.Err = ctx.Err()
	}
	loss.Last = q.health.lastError()
	return loss
}

// since returns by how much the drops have grown.
func since(before, now map[Reason]uint64) map[Reason]uint64 {
	grown := map[Reason]uint64{}
	for reason, n := range now {
		if n > before[reason] {
			grown[reason] = n - before[reason]
		}
	}
	return grown
}
