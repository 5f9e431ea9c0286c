package opik

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// TraceOptions are what is known of a trace when it starts.
type TraceOptions struct {
	Project  string // "" is the project of the context, then the client's
	ThreadID string // that joins traces to a conversation
}

// Trace is one run of a program's task, from the question to the answer. It holds spans.
//
// Most programs never start a trace: a span that is started where there is no trace starts one, which shows the
// name, values, tags and error of that span and ends with it. All methods work on a nil *Trace, from many
// goroutines at a time, and after the end: a change then replaces what was sent. The current trace below [Extract] is
// that of another process, which alone can change and end it; here it has an ID and takes scores.
type Trace struct {
	recording
	threadID string
	root     *Span // that the trace shows; nil for one that was started by itself
}

// StartTrace starts a trace by itself, without a span, and returns a context in which it is the current one. The
// trace must be ended.
func StartTrace(ctx context.Context, name string, o TraceOptions) (context.Context, *Trace) {
	if cur := currentIn(ctx); cur != nil && cur.client != nil {
		return cur.client.StartTrace(ctx, name, o)
	}
	return Default().StartTrace(ctx, name, o)
}

// StartTrace is the function of the same name, but the trace is recorded by c.
func (c *Client) StartTrace(ctx context.Context, name string, o TraceOptions) (context.Context, *Trace) {
	switch {
	case !c.Active():
		return ctx, nil
	case ctx == nil:
		ctx = context.Background()
	}
	cur := below(ctx)
	project := cur.project
	if cur.remote != nil && cur.remote.unsampled || !c.sampled(ctx, name, project, o) {
		return unsampled(ctx, c), nil
	}
	tc := &traceContext{}
	t := &tc.trace
	t.state = new(state)
	tc.clientContext = clientContext{ctx, current{client: c, project: project, trace: t}}
	t.entry.Start = time.Now()
	t.start(ctx, c, project, o)
	t.entry.Name = name
	t.announce()
	return tc, t
}

// start fills in what is known of the trace. project is that of the context.
func (t *Trace) start(ctx context.Context, c *Client, project string, o TraceOptions) {
	t.begin(ctx, c, t)
	t.entry.Project = c.project(o.Project, project)
	t.threadID = o.ThreadID
}

// showing makes the trace that of a root span. They change and are sent together, so they share a lock.
func (t *Trace) showing(s *Span) {
	t.root = s
	t.mu = s.mu
}

// send hands over the row of the trace.
func (t *Trace) send(now time.Time, start bool) {
	var root *record.Entry
	if t.root != nil {
		root = &t.root.entry
		t.ctx, t.ended, t.entry.End = t.root.ctx, t.root.ended, root.End
	}
	if t.ended {
		t.settle()
	}
	row := record.Row{Kind: record.KindTrace, ID: t.entry.ID, TraceID: t.entry.ID, Start: start, Root: t.root == nil || t.root.traceOnly}
	t.push(now, row, func(d *record.Draft) { d.DraftTrace(&t.entry, t.threadID, root) })
}

func (t *Trace) seal() { t.draft.Seal() }

func (t *Trace) subject() record.Row {
	return record.Row{Kind: record.KindTrace, ID: t.entry.ID, TraceID: t.entry.ID}
}

// End ends the trace and sends it. Deferred without a function around it, it also records a panic. A trace that a
// span started ends with that span, not by itself. A second End does nothing.
func (t *Trace) End() {
	if t == nil {
		return
	}
	if v := recover(); v != nil {
		t.end(t.client.describePanic(v))
		panic(v)
	}
	t.end(nil)
}

func (t *Trace) end(failure *record.ErrorInfo) {
	if t.root == nil && !t.remote {
		t.finish(failure)
	}
}

// ID returns the id of the trace, "" for a nil trace.
func (t *Trace) ID() string {
	if t == nil {
		return ""
	}
	return uuid.UUID(t.entry.ID).String()
}

// SetName renames the trace.
func (t *Trace) SetName(name string) {
	if t != nil && name != "" {
		t.change(func() { t.entry.Name = name })
	}
}

// AddTags adds to the set of tags.
func (t *Trace) AddTags(tags ...string) {
	if t != nil {
		t.change(func() { t.addTags(tags) })
	}
}

// SetError says that the trace failed. A nil error changes nothing.
func (t *Trace) SetError(err error) {
	if t == nil || err == nil {
		return
	}
	failure := t.client.describe(err)
	t.change(func() { t.entry.Error = failure })
}
