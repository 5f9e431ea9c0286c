package opik

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// SpanType says what kind of work a span is. Opik shows the types apart, and estimates the cost of llm spans.
type SpanType string

// The types of spans.
const (
	TypeGeneral   SpanType = "general"
	TypeTool      SpanType = "tool"
	TypeLLM       SpanType = "llm"
	TypeGuardrail SpanType = "guardrail"
)

// known returns a type that the server takes. Another one would cost the whole span, and its batch many requests until
// the server has found out which row is to blame.
func (t SpanType) known() SpanType {
	switch t {
	case TypeTool, TypeLLM, TypeGuardrail:
		return t
	}
	return TypeGeneral
}

// SpanOptions are what is known of a span when it starts. The zero value is a general span.
type SpanOptions struct {
	Type SpanType // "", and what is none of the types above, is TypeGeneral: Opik would refuse the span

	// Project and ThreadID matter only to a span that starts a trace: the spans below are where their trace is.
	Project  string
	ThreadID string

	// NoDuplicateRoot makes a span that starts a trace write the trace only, and no span of the same name below it.
	// A trace has no model, provider, usage or cost, so it is not for llm spans.
	NoDuplicateRoot bool

	// Flush makes End wait until everything that was recorded so far is delivered, or Options.FlushTimeout is over:
	// for functions after which the process may be frozen, as on AWS Lambda.
	Flush bool
}

// Span is one step of the work that a trace shows: a call of a function, a tool or a model. It is sent when it ends.
//
// All methods work on a nil *Span, which is what is started where nothing is recorded, from many goroutines at a
// time, and after the end: a change then replaces what was sent.
type Span struct {
	recording
	*spanPart
	trace     *Trace
	usage     []record.Count // as captured
	original  bool           // a provider's own usage is among it
	root      bool           // starts the trace, which shows what the span shows
	traceOnly bool           // has no row of its own
	flush     bool
	returned  atomic.Bool         // the traced call returned: it neither panicked nor exited its goroutine
	failed    atomic.Bool         // with an error
	tap       atomic.Pointer[tap] // nil: no stream holds the span open
}

// spanState is the state of a span.
type spanState struct {
	state
	spanPart
}

// spanPart is what only spans have in their state.
type spanPart struct {
	part   record.SpanPart
	counts [3]record.Count // where usage begins: most llm spans have no more, and need no allocation for them
}

// rootState is the state of a trace and of the span that it shows.
type rootState struct {
	span  spanState
	trace state
}

// StartSpan starts a span below the current span of ctx, or a trace and its root span if there is none. It returns a
// context in which the span is the current one. The span must be ended:
//
//	ctx, span := opik.StartSpan(ctx, "answer", opik.SpanOptions{})
//	defer span.End()
//
// Deferred this way, without a function around it, End also records a panic.
func StartSpan(ctx context.Context, name string, o SpanOptions) (spanCtx context.Context, span *Span) {
	// Only with named results is this small enough to be inlined, which saves a traced call a third of what it
	// costs where nothing is recorded.
	if activity.none.Load() == 0 {
		spanCtx, span = startSpan(ctx, name, &o)
		return
	}
	return ctx, nil
}

// startSpan gives calls directly below a trace that is not recorded their context back, before it looks at more: asking
// the context for its type and not for a value, and not copying the options, is most of what they would cost. It is not
// inlined so that StartSpan can be.
//
//go:noinline
func startSpan(ctx context.Context, name string, o *SpanOptions) (context.Context, *Span) {
	if c, ok := ctx.(*clientContext); ok && c.current.unsampled {
		return ctx, nil
	}
	return startSpanIn(ctx, name, o)
}

// startSpanIn starts a span of the client that ctx names, or of the default client.
func startSpanIn(ctx context.Context, name string, o *SpanOptions) (context.Context, *Span) {
	cur := currentIn(ctx)
	if cur == nil || cur.client == nil {
		return Default().startSpan(ctx, cur, name, *o)
	}
	return cur.client.startSpan(ctx, cur, name, *o)
}

// StartSpan is the function of the same name, but the span is recorded by c. If the current span of ctx belongs to
// another client, the new one starts a trace.
func (c *Client) StartSpan(ctx context.Context, name string, o SpanOptions) (context.Context, *Span) {
	return c.startSpan(ctx, currentIn(ctx), name, o)
}

// StartRequest is StartSpan for the context of a request: it returns the request to go on with.
func StartRequest(r *http.Request, name string, o SpanOptions) (*http.Request, *Span) {
	if r == nil {
		return nil, nil
	}
	return startRequest(r.Context(), r, name, o)
}

// startRequest starts a span below ctx, which the request gets if there is something new to it.
func startRequest(ctx context.Context, r *http.Request, name string, o SpanOptions) (*http.Request, *Span) {
	ctx, span := StartSpan(ctx, name, o)
	if span == nil && isUnsampled(ctx) == isUnsampled(r.Context()) {
		return r, nil
	}
	return r.WithContext(ctx), span
}

// RequestContext returns the context of a request, and the background for a nil one, whose Context panics. It is for
// generated code.
func RequestContext(r *http.Request) context.Context {
	if r == nil {
		return context.Background()
	}
	return r.Context()
}

// startSpan starts a span. cur is what ctx says.
func (c *Client) startSpan(ctx context.Context, cur *current, name string, o SpanOptions) (context.Context, *Span) {
	switch {
	case !c.Active():
		return ctx, nil
	case ctx == nil:
		ctx = context.Background()
	}
	if cur != nil && cur.client == c && cur.unsampled {
		return ctx, nil
	}
	if cur != nil && cur.client == c && cur.trace != nil {
		return c.startChild(ctx, cur, name, o)
	}
	return c.startRoot(ctx, cur, name, o)
}

// startChild starts a span below the current one.
func (c *Client) startChild(ctx context.Context, cur *current, name string, o SpanOptions) (context.Context, *Span) {
	sc := &spanContext{clientContext: clientContext{ctx, *cur}}
	s := &sc.span
	sc.current.span = s
	s.keep(new(spanState))
	s.start(ctx, c, name, o)
	s.under(cur.trace)
	if cur.span != nil && !cur.span.traceOnly {
		s.part.ParentID = cur.span.entry.ID
	}
	s.announce()
	return sc, s
}

// startRoot starts a trace and the span that it shows.
func (c *Client) startRoot(ctx context.Context, cur *current, name string, o SpanOptions) (context.Context, *Span) {
	project := ""
	if cur != nil {
		project = cur.project
	}
	if cur != nil && cur.remote != nil {
		return c.startRemote(ctx, cur, name, o)
	}
	of := TraceOptions{Project: o.Project, ThreadID: o.ThreadID}
	if !c.sampled(ctx, name, project, of) {
		return unsampled(ctx, c), nil
	}
	rc := &rootContext{}
	s, t := &rc.span, &rc.trace
	rc.clientContext = clientContext{ctx, current{client: c, project: project, trace: t, span: s}}
	s.keepBelow(t)
	s.start(ctx, c, name, o)
	s.root, s.traceOnly = true, o.NoDuplicateRoot
	t.entry.Start = s.entry.Start
	t.start(ctx, c, project, of)
	t.showing(s)
	s.under(t)
	s.announce()
	return rc, s
}

// keep gives the span its state.
func (s *Span) keep(state *spanState) { s.state, s.spanPart = &state.state, &state.spanPart }

// keepBelow gives the span and the trace that it starts their state.
func (s *Span) keepBelow(t *Trace) {
	both := new(rootState)
	s.keep(&both.span)
	t.state = &both.trace
}

// start fills in what is known of the span itself.
func (s *Span) start(ctx context.Context, c *Client, name string, o SpanOptions) {
	s.entry.Start = time.Now()
	s.begin(ctx, c, s)
	s.entry.Name = name
	s.part.Type = string(o.Type.known())
	s.flush = o.Flush
}

// under puts the span into a trace.
func (s *Span) under(t *Trace) {
	s.trace = t
	s.part.TraceID = t.entry.ID
	s.entry.Project = t.entry.Project
}

// send hands over the row of the span, and that of the trace that shows it.
func (s *Span) send(now time.Time, start bool) {
	if s.ended {
		s.settle()
	}
	if s.root {
		s.trace.send(now, start)
	}
	if s.traceOnly {
		return
	}
	s.part.Usage = normalized(s.usage, s.original)
	row := record.Row{Kind: record.KindSpan, ID: s.entry.ID, TraceID: s.part.TraceID, Start: start, Root: s.root}
	s.push(now, row, func(d *record.Draft) { d.DraftSpan(&s.entry, &s.part) })
}

func (s *Span) subject() record.Row {
	if s.traceOnly {
		return s.trace.subject()
	}
	return record.Row{Kind: record.KindSpan, ID: s.entry.ID, TraceID: s.part.TraceID}
}

func (s *Span) seal() {
	s.draft.Seal()
	if s.root {
		s.trace.seal()
	}
}

// ID returns the id of the span, "" for a nil span.
func (s *Span) ID() string {
	if s == nil {
		return ""
	}
	return uuid.UUID(s.entry.ID).String()
}

// TraceID returns the id of the span's trace, "" for a nil span.
func (s *Span) TraceID() string {
	if s == nil {
		return ""
	}
	return uuid.UUID(s.part.TraceID).String()
}

// SetName renames the span, and its trace if the span started it.
func (s *Span) SetName(name string) {
	if s != nil && name != "" {
		s.change(func() { s.entry.Name = name })
	}
}

// SetProvider says who runs the model of an llm span, by the name under which Opik knows its prices: openai,
// anthropic, google_ai and so on. "" changes nothing.
func (s *Span) SetProvider(provider string) {
	if s != nil && provider != "" {
		s.change(func() { s.part.Provider = provider })
	}
}

// AddTags adds to the set of tags.
func (s *Span) AddTags(tags ...string) {
	if s != nil {
		s.change(func() { s.addTags(tags) })
	}
}

// SetError says that the span failed. A nil error changes nothing.
func (s *Span) SetError(err error) {
	if s == nil || err == nil {
		return
	}
	failure := s.client.describe(err)
	s.change(func() { s.entry.Error = failure })
}
