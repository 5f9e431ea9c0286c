package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	for {
		ids, err := s.surplus(ctx, limits)
		if err != nil {
			return removed, err
		}
		if len(ids) == 0 {
			break
		}
		if err := s.DeleteTraces(ctx, ids, ""); err != nil {
			return removed, fmt.Errorf("removing old traces: %w", err)
		}
		removed += len(ids)
	}
	if removed == 0 {
		return 0, nil
	}
	return removed, s.vacuum(ctx)
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
	if limits.Size <= 0 {
		return nil, nil
	}
	if size, err := s.Size(ctx); err != nil || size <= limits.Size {
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

// vacuum gives free pages back and empties the log.
func (s *Store) vacuum(ctx context.Context) error {
	conn, err := s.writes.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, query := range []string{"PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if err := drain(ctx, conn, query); err != nil {
			return fmt.Errorf("shrinking the database: %w", err)
		}
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
