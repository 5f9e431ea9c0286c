package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/opikgen/opikgen/local/internal/store"
	"github.com/opikgen/opikgen/local/internal/tree"
)

const (
	lookEvery = 300 * time.Millisecond
	settle    = 700 * time.Millisecond // spans arrive in other requests than their trace
	// lookBack is how old a row may be when it arrives: clients stamp it when they make it, and send it in a batch, or again
	// after a while.
	lookBack = 5 * time.Minute
)

// tail prints traces as they finish, until it is interrupted.
func tail(ctx context.Context, args []string, t terminal) (err error) {
	var file string
	set := flags("tail", t, &file)
	last := set.Int("n", 3, "begin with the last `N` traces")
	if err := parse(set, args, 0); err != nil {
		return err
	}
	if *last < 0 {
		return fmt.Errorf("-n %d: there are no fewer traces than none: %w", *last, errUsage)
	}
	db, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	f := follower{db: db, w: t.out}
	if err = f.printLast(ctx, *last); err == nil {
		err = f.follow(ctx)
	}
	if ctx.Err() != nil {
		return nil // it was interrupted, which is how it ends
	}
	return err
}

// A follower prints traces once they have finished and their spans had time to arrive.
type follower struct {
	db   *store.Store
	w    io.Writer
	seen map[store.Ending]time.Time // since when, of those that were not printed yet
}

// printLast prints the traces that changed last, but for those of this moment, which are about to be followed.
func (f *follower) printLast(ctx context.Context, count int) error {
	ends, err := f.db.Finished(ctx, 0, store.TimeOf(time.Now().Add(-settle)))
	if err != nil {
		return err
	}
	f.seen = make(map[store.Ending]time.Time, len(ends))
	for _, end := range ends {
		f.seen[end] = time.Time{}
	}
	for _, end := range ends[max(0, len(ends)-count):] {
		if err := printTrace(ctx, f.db, end.ID, f.w); err != nil {
			return err
		}
	}
	return nil
}

// follow prints what finishes.
func (f *follower) follow(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			if err := f.look(ctx, now); err != nil {
				return err
			}
		}
	}
}

// look prints what was first seen a moment ago, and forgets what is too old to be seen again.
func (f *follower) look(ctx context.Context, now time.Time) error {
	ends, err := f.db.Finished(ctx, store.TimeOf(now.Add(-lookBack)), store.TimeOf(now))
	if err != nil {
		return err
	}
	seen := make(map[store.Ending]time.Time, len(ends))
	for _, end := range ends {
		since, known := f.seen[end]
		if !known {
			since = now
		}
		if !since.IsZero() && now.Sub(since) >= settle {
			if err := printTrace(ctx, f.db, end.ID, f.w); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err // one that is not found was deleted
			}
			since = time.Time{}
		}
		seen[end] = since
	}
	f.seen = seen
	return nil
}

// printTrace prints a trace as a tree.
func printTrace(ctx context.Context, db *store.Store, id string, w io.Writer) error {
	trace, err := db.Get(ctx, store.Trace, id)
	if err != nil {
		return err
	}
	spans, err := db.List(ctx, store.Span, store.Query{ProjectID: trace.ProjectID, TraceID: id, Sort: []store.Sort{{Field: "start_time"}}})
	if err != nil {
		return err
	}
	return tree.Print(w, trace, spans)
}

// openExisting opens a database that somebody wrote: of an empty one there is nothing to show.
func openExisting(ctx context.Context, file string) (*store.Store, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("there is no database: %w; -db names another", err)
	}
	return store.Open(ctx, file)
}

// show prints one trace or span.
func show(ctx context.Context, args []string, t terminal) (err error) {
	var file string
	set := flags("show", t, &file)
	if err := parse(set, args, 1); err != nil {
		return err
	}
	if set.NArg() == 0 {
		return fmt.Errorf("show which trace? give its id: %w", errUsage)
	}
	db, err := openExisting(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	kind, id, err := db.Resolve(ctx, set.Arg(0))
	if err != nil {
		return err
	}
	if kind == store.Trace {
		return printTrace(ctx, db, id, t.out)
	}
	span, err := db.Get(ctx, store.Span, id)
	if err != nil {
		return err
	}
	return tree.PrintSpan(t.out, span)
}

// export writes what there is.
func export(ctx context.Context, args []string, t terminal) (err error) {
	var file string
	set := flags("export", t, &file)
	name := set.String("project", "", "only the project `NAME`")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	db, err := openExisting(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var project string
	if *name != "" {
		found, err := db.ProjectNamed(ctx, *name)
		if err != nil {
			return fmt.Errorf("project %q: %w", *name, err)
		}
		project = found.ID
	}
	return writeTo(set.Arg(0), t.out, func(w io.Writer) error { return db.Export(ctx, project, w) })
}

// writeTo writes into a file, or, without a name, to the terminal.
func writeTo(name string, terminal io.Writer, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		return write(terminal)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// importFile reads what export wrote.
func importFile(ctx context.Context, args []string, t terminal) (err error) {
	var file string
	set := flags("import", t, &file)
	if err := parse(set, args, 1); err != nil {
		return err
	}
	source := t.in
	if name := set.Arg(0); name != "" && name != "-" {
		opened, err := os.Open(name)
		if err != nil {
			return err
		}
		defer opened.Close()
		source = opened
	}
	db, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	lines, err := db.Import(ctx, source)
	fmt.Fprintf(t.err, "%d lines imported\n", lines)
	return err
}
