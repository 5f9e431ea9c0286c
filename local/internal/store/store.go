// Package store keeps traces, spans and what belongs to them in one SQLite file, by Opik's rules of which row wins.
//
// One goroutine writes. It takes what waits in one transaction, so that many clients share the cost of a commit, and
// a write returns only after its commit: what was acknowledged survives the death of the process. Reads run beside
// it, each on its own snapshot.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	_ "modernc.org/sqlite" // the driver, which needs no C compiler
)

// Store is an open database. Close ends it.
type Store struct {
	Changes Changes // tells which traces changed

	now    func() time.Time
	few    int // fewRows, which tests make fewer
	reads  *sql.DB
	writes *sql.DB
	writer *writer
}

// ErrNotFound says that there is no row of an id.
var ErrNotFound = errors.New("not found")

// Conflict is a refusal of a row that contradicts the one that is there.
type Conflict string

// Error returns what contradicts.
func (c Conflict) Error() string { return string(c) }

// Open opens the database in a file, and makes or migrates it where it must.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the database's folder: %w", err)
	}
	s := &Store{now: time.Now, few: fewRows}
	if err := s.open(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database %s: %w", path, err), s.Close())
	}
	return s, nil
}

// open makes the connections: one that writes, and a pool that cannot.
func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.writes, err = sql.Open("sqlite", dsn(path, "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)", "synchronous(NORMAL)",
		"temp_store(MEMORY)", "cache_size(-32768)")); err != nil {
		return err
	}
	conn, err := s.writes.Conn(ctx)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	if s.reads, err = sql.Open("sqlite", dsn(path, "query_only(1)", "cache_size(-16384)")); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.reads.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	s.writer = startWriter(conn, &s.Changes)
	return nil
}

// dsn names the file as the driver wants it. A path may hold characters that mean something in a URL.
func dsn(path string, pragmas ...string) string {
	query := url.Values{"_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// Close waits for the writes that were taken and closes the file.
func (s *Store) Close() error {
	if s.writer != nil {
		s.writer.stop()
	}
	var errs []error
	for _, db := range []*sql.DB{s.reads, s.writes} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// each calls scan for every row of a query.
func (s *Store) each(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("querying: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one reads a single row, or ErrNotFound.
func (s *Store) one(ctx context.Context, query string, args []any, dest ...any) error {
	err := s.reads.QueryRowContext(ctx, query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// collect reads every row of a query.
func collect[T any](ctx context.Context, s *Store, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	list := []T{}
	err := s.each(ctx, func(rows *sql.Rows) error {
		one, err := scan(rows)
		list = append(list, one)
		return err
	}, query, args...)
	return list, err
}

// first is the first of a list, or ErrNotFound.
func first[T any](list []T, err error) (T, error) {
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return *new(T), err
	}
	return list[0], nil
}

// scanText reads a row of one text.
func scanText(rows *sql.Rows) (text string, err error) {
	err = rows.Scan(&text)
	return text, err
}
