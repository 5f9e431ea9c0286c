package opik

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// recording is what a trace and a span have in common: what was said about them so far, and how it is sent. It is
// safe for concurrent use. Its methods may be called at any time, also after the end: then the row, which replaces
// the one before, is sent again.
type recording struct {
	client *Client
	ctx    context.Context // of the caller; looked at only by a client that waits for room in its queue
	rows   rows            // writes the rows: the span or trace that this is part of

	*state // what is sent of it

	mu         *sync.Mutex // guards what follows, and the state. The trace of a root span shares its span's
	own        sync.Mutex
	drafted    bool
	lent       *buffer // that entry.Fields writes to
	ended      bool
	unfinished bool         // was sent as such
	remote     bool         // of another process: it has no row here
	following  []record.Row // the scores and comments that wait for the first row

	link     link // in client.open, which guards it
	attached atomic.Int32
}

// state is what is sent of a recording. It is apart, because a row that waits in the queue is written from it, and
// keeps it and nothing else of the program's memory.
type state struct {
	entry record.Entry
	draft record.Draft // of the first row after the end
}

// rows is a span or a trace, as its recording sees it.
type rows interface {
	// seal makes sure that the drafts that show the recording do not change any more. The recording is locked.
	seal()
	// subject returns the kind and the ids of the row that comments and attachments are about.
	subject() record.Row
	// send hands over the rows that show a change that was made now. The recording is locked.
	send(now time.Time, start bool)
}

// begin fills in what is known of every recording, whose start is already entered.
func (r *recording) begin(ctx context.Context, c *Client, of rows) {
	r.client, r.ctx, r.rows, r.mu = c, ctx, of, &r.own
	r.entry.ID = c.ids.next(r.entry.Start)
	r.entry.Environment = c.config.Environment
}

// announce makes the client remember a recording until it ends.
func (r *recording) announce() {
	if r.client.spanStarted != nil {
		r.client.tellStarted(r)
	}
	if oldest := r.client.open.add(r); oldest != nil {
		oldest.sendUnfinished(oldest.ctx)
	}
	if r.client.config.SendOnStart {
		r.sendStart()
	}
}

// change applies f and sends the row again if the end was already sent.
func (r *recording) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		r.rows.seal()
	}
	f()
	if r.ended {
		r.rows.send(time.Now(), false)
	}
}

// finish ends the recording, if it has not ended, and reports whether it did.
func (r *recording) finish(failure *record.ErrorInfo) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return false
	}
	now := time.Now()
	r.ended = true
	r.entry.End = r.entry.Start.Add(now.Sub(r.entry.Start)) // by the monotonic clock
	if failure != nil {
		r.entry.Error = failure
	}
	if r.unfinished {
		r.entry.Fields.Delete(record.Metadata, unfinishedKey)
	}
	r.rows.send(now, false)
	r.client.open.remove(r) // not before: what is neither open nor sent would be overtaken by an UpdateSpan
	return true
}

// sendStart sends what is known at the start, for those who watch.
func (r *recording) sendStart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows.send(time.Now(), true)
}

// unfinishedKey is the metadata of what was sent before it ended.
const unfinishedKey = "unfinished"

// sendUnfinished sends what is known of a recording whose end nobody will wait for. Where that takes room in the queue
// it waits no longer than ctx lasts.
func (r *recording) sendUnfinished(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	r.ctx, r.unfinished = ctx, true
	r.fields().Set(record.Metadata, unfinishedKey, []byte("true"))
	r.rows.send(time.Now(), false)
}

// version enters the last_updated_at of the next row, in microseconds: the server keeps the row with the largest
// one, so it must grow, and one in the future would beat the changes of others. A clock that does not move, as in
// a test, is the only thing that makes it run ahead.
func (r *recording) version(now time.Time) {
	micros := now.UnixMicro()
	for tries := 0; micros <= r.entry.Updated && tries < 100; tries++ {
		micros = time.Now().UnixMicro()
	}
	r.entry.Updated = max(micros, r.entry.Updated+1)
}

// push hands over the row of a change that was made now. What it is made of is put into a draft by f. The draft of the
// first row after the end, which for most is the only one, is written by whoever sends it.
func (r *recording) push(now time.Time, row record.Row, f func(*record.Draft)) {
	row.Resent = r.sent()
	r.version(now)
	if r.ended && !r.drafted {
		r.drafted = true
		f(&r.draft)
		row.Draft = &r.draft
	} else {
		var draft record.Draft
		f(&draft)
		row.Body = draft.Append(make([]byte, 0, draft.Size()))
	}
	r.client.push(r.ctx, row)
	if r.following != nil {
		r.pushFollowing()
	}
}

// settle moves the captured values of a recording that has ended to where they stay, and gives the memory back that they
// were captured to.
func (r *recording) settle() {
	if r.lent == nil {
		return
	}
	f := &r.entry.Fields
	r.lent.b = f.Settle(r.client.values.take(f.Size()))
	r.lent.release()
	r.lent = nil
}

// fields returns where captured values are kept, with memory to write to.
func (r *recording) fields() *record.Fields {
	f := &r.entry.Fields
	if f.Bare() {
		r.lent = getBuffer()
		f.Lend(r.lent.b)
	}
	return f
}

// addTags adds to the set of tags. Empty ones are left out: the server refuses them.
func (r *recording) addTags(tags []string) {
	r.entry.Tags = slices.Grow(r.entry.Tags, len(tags))
	for _, tag := range tags {
		if tag != "" && !slices.Contains(r.entry.Tags, tag) {
			r.entry.Tags = append(r.entry.Tags, tag)
		}
	}
}
