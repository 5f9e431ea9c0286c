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
)

// tail prints traces as they finish, until it is interrupted.
func tail(ctx context.Context, args []string, t terminal) (err error) {
	var file string
	set := flags("tail", t, &file)
	last := set.Int("n", 3, "begin with the last `N` traces")
	if err := parse(set, args, 0); err != nil {
		return err
	}
	db, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	after, err := printLast(ctx, db, *last, t.out)
	if err == nil {
		err = follow(ctx, db, after, t.out)
	}
	if ctx.Err() != nil {
		return nil // it was interrupted, which is how it ends
	}
	return err
}

// printLast prints the traces that changed last, and returns when the newest of them did.
func printLast(ctx context.Context, db *store.Store, count int, w io.Writer) (store.Time, error) {
	until := store.TimeOf(time.Now().Add(-settle))
	ids, err := db.Finished(ctx, 0, until)
	if err != nil {
		return 0, err
	}
	ids = ids[max(0, len(ids)-count):]
	return until, printAll(ctx, db, ids, w)
}

// follow prints what finishes after a moment.
func follow(ctx context.Context, db *store.Store, after store.Time, w io.Writer) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			until := store.TimeOf(now.Add(-settle))
			ids, err := db.Finished(ctx, after, until)
			if err == nil {
				err = printAll(ctx, db, ids, w)
			}
			if err != nil {
				return err
			}
			after = until
		}
	}
}

// printAll prints traces.
func printAll(ctx context.Context, db *store.Store, ids []string, w io.Writer) error {
	for _, id := range ids {
		if err := printTrace(ctx, db, id, w); err != nil {
			return err
		}
	}
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
	db, err := store.Open(ctx, file)
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
	db, err := store.Open(ctx, file)
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
