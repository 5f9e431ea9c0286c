package opik

import "context"

// current is what a context says about tracing. All of it is looked up with one call of Value.
type current struct {
	client  *Client
	project string // of traces that start here, "" for the client's
	trace   *Trace // nil: no trace is open
	span    *Span  // nil: what starts here is directly below the trace

	remote *remote // of the caller in another process; what starts here is below it

	unsampled bool // below a trace that is not recorded
}

type currentKey struct{}

// currentIn returns what ctx says, or nil.
func currentIn(ctx context.Context) *current {
	if ctx == nil {
		return nil
	}
	cur, _ := ctx.Value(currentKey{}).(*current)
	return cur
}

// below returns what a context below ctx says before it says something new.
func below(ctx context.Context) current {
	if cur := currentIn(ctx); cur != nil {
		return *cur
	}
	return current{}
}

// clientContext is a context that says something about tracing. The contexts of traces and spans have the trace or
// span in them, so that starting one is a single allocation.
type clientContext struct {
	context.Context
	current current
}

// Value returns what the context says, or the parent's value.
func (c *clientContext) Value(key any) any {
	if key == (currentKey{}) {
		return &c.current
	}
	return c.Context.Value(key)
}

// spanContext is the context of a span below another.
type spanContext struct {
	clientContext
	span Span
}

// rootContext is the context of a span that starts a trace.
type rootContext struct {
	spanContext
	trace Trace
}

// traceContext is the context of a trace that was started by itself.
type traceContext struct {
	clientContext
	trace Trace
}

// WithClient returns a context in which spans are recorded by c and not by the default client. If the current span
// belongs to another client, the next one starts a trace of its own. Below a nil client nothing is recorded.
func WithClient(ctx context.Context, c *Client) context.Context {
	if c == nil {
		c = &Client{}
	}
	cur := below(ctx)
	if cur.client != c {
		cur.trace, cur.span, cur.unsampled = nil, nil, false
	}
	cur.client = c
	return &clientContext{ctx, cur}
}

// WithProject returns a context in which traces start in the named project, unless their options say otherwise.
// Spans below a trace are always in the project of the trace.
func WithProject(ctx context.Context, name string) context.Context {
	cur := below(ctx)
	cur.project = name
	return &clientContext{ctx, cur}
}

// Enabled reports whether the client that records what starts below ctx is on, for code that has something to prepare
// before it starts a span. It is also where the trace is not sampled: that decision is told to other processes.
func Enabled(ctx context.Context) bool {
	return activity.none.Load() == 0 && clientOf(ctx).Active()
}

// Off reports whether nothing that starts below ctx is recorded, as far as a look at ctx itself tells: no client records
// at all, or ctx is what the start of a trace that is not sampled has returned. Generated wrappers ask before they do
// anything but the call. Where it is false, StartSpan decides.
func Off(ctx context.Context) bool {
	// Without a look at the values of ctx this is small enough to be inlined, so that a wrapper costs next to nothing.
	if c, ok := ctx.(*clientContext); ok && c.current.unsampled {
		return true
	}
	return activity.none.Load() != 0
}

// CurrentSpan returns the span that ctx is in, or nil, on which all methods work.
func CurrentSpan(ctx context.Context) *Span {
	if cur := currentIn(ctx); cur != nil {
		return cur.span
	}
	return nil
}

// CurrentTrace returns the trace that ctx is in, or nil, on which all methods work.
func CurrentTrace(ctx context.Context) *Trace {
	if cur := currentIn(ctx); cur != nil {
		return cur.trace
	}
	return nil
}
