package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Limits say when the oldest traces go. Zero is no limit.
type Limits struct {
	Age  time.Duration
	Size int64 // of the database, in bytes
}

// trimStep is how many traces go in one transaction, so that writes get their turn between two.
const trimStep = 200

// Trim removes the oldest traces until the limits hold, and uploads that broke off. It gives the room back to the file
// system, and returns how many traces went.
func (s *Store) Trim(ctx context.Context, limits Limits) (removed int, err error) {
	if err := s.dropBroken(ctx); err != nil {
		return 0, fmt.Errorf("removing uploads that broke off: %w", err)
	}
	for _, next := range []func(context.Context, Limits) ([]string, error){s.strays, s.surplus} {
		count, err := s.removeAll(ctx, limits, next)
		if removed += count; err != nil {
			return removed, fmt.Errorf("removing old traces: %w", err)
		}
	}
	if removed == 0 {
		return 0, nil
	}
	return removed, s.vacuum(ctx)
}

// removeAll removes traces as long as there are any.
func (s *Store) removeAll(ctx context.Context, limits Limits, next func(context.Context, Limits) ([]string, error)) (removed int, err error) {
	for {
		ids, err := next(ctx, limits)
		if err == nil && len(ids) > 0 {
			err = s.DeleteTraces(ctx, ids, "")
		}
		if err != nil || len(ids) == 0 {
			return removed, err
		}
		removed += len(ids)
	}
}

// strayTime is how long spans wait for their trace when there is no room.
const strayTime = time.Hour

// strays returns some of the traces of which there are only spans, as a program leaves them that dies before it sends the
// trace. Nobody can see them, so they go before others do.
func (s *Store) strays(ctx context.Context, limits Limits) ([]string, error) {
	var before Time
	if limits.Age > 0 {
		before = TimeOf(s.now().Add(-limits.Age))
	}
	over, err := s.over(ctx, limits)
	if err != nil {
		return nil, err
	}
	if over {
		before = TimeOf(s.now().Add(-strayTime))
	}
	if before == 0 {
		return nil, nil
	}
	return collect(ctx, s, scanText, `SELECT trace_id FROM spans s WHERE NOT EXISTS (SELECT 1 FROM traces t WHERE t.id = s.trace_id)
		GROUP BY trace_id HAVING max(created) < ? LIMIT ?`, before, trimStep)
}

// over reports whether the database is larger than it may be.
func (s *Store) over(ctx context.Context, limits Limits) (bool, error) {
	if limits.Size <= 0 {
		return false, nil
	}
	size, err := s.Size(ctx)
	return size > limits.Size, err
}

// uploadTime is how long an upload may take before it counts as broken off.
const uploadTime = 24 * time.Hour

// dropBroken removes the beginnings of files whose upload nobody will end.
func (s *Store) dropBroken(ctx context.Context) error {
	const broken = "complete = 0 AND created < ?"
	before := TimeOf(s.now().Add(-uploadTime))
	return s.writer.do(ctx, func(t *tx) error {
		return errors.Join(t.exec("DELETE FROM chunks WHERE attachment IN (SELECT key FROM attachments WHERE "+broken+")", before),
			t.exec("DELETE FROM attachments WHERE "+broken, before))
	})
}

// surplus returns some of the traces that are over a limit.
func (s *Store) surplus(ctx context.Context, limits Limits) ([]string, error) {
	if limits.Age > 0 {
		ids, err := s.oldest(ctx, TimeOf(s.now().Add(-limits.Age)))
		if err != nil || len(ids) > 0 {
			return ids, err
		}
	}
	if over, err := s.over(ctx, limits); err != nil || !over {
		return nil, err
	}
	return s.oldest(ctx, TimeOf(s.now())+1)
}

// oldest returns the traces that were written first, of those last written before a moment.
func (s *Store) oldest(ctx context.Context, before Time) ([]string, error) {
	return collect(ctx, s, scanText, "SELECT id FROM traces WHERE updated < ? ORDER BY updated LIMIT ?", before, trimStep)
}

// Size is how many bytes of the database are in use.
func (s *Store) Size(ctx context.Context) (bytes int64, err error) {
	return bytes, s.one(ctx, `SELECT (p.page_count - f.freelist_count) * z.page_size
		FROM pragma_page_count() p, pragma_freelist_count() f, pragma_page_size() z`, nil, &bytes)
}

// vacuumStep is how many pages are given back at once. Writes wait for that long.
const vacuumStep = 4000

// vacuum gives free pages back and empties the log.
func (s *Store) vacuum(ctx context.Context) error {
	conn, err := s.writes.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for before := math.MaxInt; before > 0; {
		if err := drain(ctx, conn, "PRAGMA incremental_vacuum("+strconv.Itoa(vacuumStep)+")"); err != nil {
			return fmt.Errorf("shrinking the database: %w", err)
		}
		var free int
		if err := conn.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free); err != nil {
			return fmt.Errorf("shrinking the database: %w", err)
		}
		if free >= before {
			break // it does not shrink, or others free as much
		}
		before = free
	}
	if err := drain(ctx, conn, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("shrinking the database: %w", err)
	}
	return nil
}

// drain runs a statement to its end: an incremental vacuum frees a page for every row that is read.
func drain(ctx context.Context, conn *sql.Conn, query string) error {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for more := true; more; {
		more = rows.Next()
	}
	return rows.Err()
}
