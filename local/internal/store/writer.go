package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// maxGroup bounds how many writes share a commit, and with it how long the first of them waits.
const maxGroup = 256

// errClosed is what a write gets after Close.
var errClosed = errors.New("the database is closed")

// A write is one unit of work: all of it is stored, or nothing.
type write struct {
	run  func(*tx) error
	done chan error
	err  error
}

// writer owns the one connection that writes.
type writer struct {
	conn     *sql.Conn
	changes  *Changes
	queue    chan *write
	quit     chan struct{}
	ended    chan struct{}
	prepared map[string]*sql.Stmt
}

// startWriter starts the goroutine that stop ends.
func startWriter(conn *sql.Conn, changes *Changes) *writer {
	w := &writer{
		conn: conn, changes: changes,
		queue: make(chan *write, maxGroup), quit: make(chan struct{}), ended: make(chan struct{}), prepared: map[string]*sql.Stmt{},
	}
	go w.loop()
	return w
}

// stop ends the goroutine after the writes that it already took.
func (w *writer) stop() {
	close(w.quit)
	<-w.ended
	_ = w.conn.Close() // everything is committed
}

// do stores one unit of work and returns when it is committed. A caller that stops waiting does not undo it.
func (w *writer) do(ctx context.Context, run func(*tx) error) error {
	job := &write{run: run, done: make(chan error, 1)}
	select {
	case w.queue <- job:
	case <-w.quit:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-job.done:
		return err
	case <-w.ended:
		return job.last()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// forEach does something with every item of a list, until the first error.
func forEach[T any](list []T, do func(T) error) error {
	for _, item := range list {
		if err := do(item); err != nil {
			return err
		}
	}
	return nil
}

// last is the answer of a writer that ended: the last one that it gave, or none, where the write came after it.
func (j *write) last() error {
	select {
	case err := <-j.done:
		return err
	default:
		return errClosed
	}
}

// loop commits group after group.
func (w *writer) loop() {
	defer close(w.ended)
	for {
		select {
		case job := <-w.queue:
			w.commit(w.group(job))
		case <-w.quit:
			w.refuse()
			return
		}
	}
}

// refuse answers what nobody will take any more.
func (w *writer) refuse() {
	for len(w.queue) > 0 {
		(<-w.queue).done <- errClosed
	}
}

// group takes what else waits.
func (w *writer) group(first *write) []*write {
	jobs := []*write{first}
	for len(jobs) < maxGroup {
		select {
		case job := <-w.queue:
			jobs = append(jobs, job)
		default:
			return jobs
		}
	}
	return jobs
}

// commit runs the writes in one transaction and answers each after its commit.
func (w *writer) commit(jobs []*write) {
	t := &tx{writer: w, touched: map[string]struct{}{}, sums: map[place]sums{}}
	err := w.transact(t, jobs)
	if err == nil {
		w.changes.tell(t.touched)
	}
	for _, job := range jobs {
		if err != nil {
			job.err = fmt.Errorf("committing: %w", err)
		}
		job.done <- job.err
	}
}

// transact runs every write behind a savepoint, so that one that is refused leaves the others alone.
func (w *writer) transact(t *tx, jobs []*write) error {
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, job := range jobs {
		if err := t.attempt(job); err != nil {
			return t.abandon(err)
		}
	}
	if err := t.exec("COMMIT"); err != nil {
		return t.abandon(err)
	}
	return nil
}

// abandon ends the transaction after an error, which may have ended it already, and returns the error.
func (t *tx) abandon(err error) error {
	_ = t.exec("ROLLBACK") // it fails where there is no transaction any more
	return err
}

// tx is a transaction of the writer. Its statements are prepared once in the life of the connection.
type tx struct {
	*writer
	touched map[string]struct{} // traces that changed
	words   []indexed           // of the write that runs
	sums    map[place]sums      // of the write that runs, too
}

// indexed are the words of a row that the full text shall find.
type indexed struct {
	kind Kind
	key  int64
	text string
}

// attempt runs one write. The error it returns is the transaction's, that of the write stays with the write.
func (t *tx) attempt(job *write) error {
	if err := t.exec("SAVEPOINT job"); err != nil {
		return err
	}
	t.words = t.words[:0]
	clear(t.sums)
	if job.err = job.run(t); job.err == nil {
		job.err = errors.Join(t.index(), t.storeSums())
	}
	if job.err != nil {
		if err := t.exec("ROLLBACK TO job"); err != nil {
			return job.err // it ended the transaction, as a full disk does, and says why
		}
	}
	return t.exec("RELEASE job")
}

// index stores the words of a write's rows at its end: between rows, SQLite would write its index out every time.
func (t *tx) index() error {
	for _, row := range t.words {
		if err := t.exec(sqlOf[row.kind].index, row.key, row.text); err != nil {
			return err
		}
	}
	return nil
}

// statement returns the prepared form of a query.
func (t *tx) statement(query string) (*sql.Stmt, error) {
	if known, ok := t.prepared[query]; ok {
		return known, nil
	}
	made, err := t.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("preparing %q: %w", query, err)
	}
	t.prepared[query] = made
	return made, nil
}

// exec runs a statement. It does not look at a caller's context: half a group must not die with one of its clients.
func (t *tx) exec(query string, args ...any) error {
	statement, err := t.statement(query)
	if err != nil {
		return err
	}
	_, err = statement.ExecContext(context.Background(), args...)
	return err
}

// insert runs a statement and returns the key of the row that it made.
func (t *tx) insert(query string, args ...any) (key int64, err error) {
	statement, err := t.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// one reads a single row, or ErrNotFound.
func (t *tx) one(query string, args []any, dest ...any) error {
	statement, err := t.statement(query)
	if err != nil {
		return err
	}
	err = statement.QueryRowContext(context.Background(), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// touch notes that a trace changed.
func (t *tx) touch(trace string) { t.touched[trace] = struct{}{} }
