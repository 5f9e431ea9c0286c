package opik

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// The headers that join the spans of several processes to one trace. The first two are those of Opik's other SDKs; the
// third, which they ignore, says that the caller does not record the trace, so that no part of it is.
const (
	headerTrace   = "opik_trace_id"
	headerParent  = "opik_parent_span_id"
	headerSampled = "opik_sampled"
)

// remote is where the caller in another process is in its trace.
type remote struct {
	trace, parent [16]byte // parent is zero for a caller that is directly below its trace
	unsampled     bool     // the caller does not record the trace
}

// Headers returns what a call to another process must carry along so that its spans are below the current one of ctx:
// opik_trace_id and opik_parent_span_id, or opik_sampled=0 if the trace is not recorded. They fit anything that takes
// strings: the headers of HTTP, the metadata of gRPC, the attributes of a message. The other side calls [ExtractMap],
// or distributed_headers in Python. Headers returns nil where nothing is recorded.
//
// Without a span, directly below a trace, opik_parent_span_id is missing; Python's track wants both.
func Headers(ctx context.Context) map[string]string {
	if at, ok := remoteOf(ctx); ok {
		return at.headers()
	}
	return nil
}

// headers returns the headers that say where a caller is.
func (at remote) headers() map[string]string {
	if at.unsampled {
		return map[string]string{headerSampled: "0"}
	}
	headers := map[string]string{headerTrace: uuid.UUID(at.trace).String()}
	if at.parent != [16]byte{} {
		headers[headerParent] = uuid.UUID(at.parent).String()
	}
	return headers
}

// Inject sets the [Headers] of ctx on a request, in place of others of the same names. Where nothing is recorded it
// leaves the header as it is.
//
// Proxies may drop headers whose names have an underscore: nginx does unless its configuration says
//
//	underscores_in_headers on;
//
// Where that is not yours to change, [Options].Baggage makes Inject write the same into the header baggage, too.
func Inject(ctx context.Context, header http.Header) {
	at, ok := remoteOf(ctx)
	if header == nil || !ok {
		return
	}
	redirect.Strip(header)
	for name, value := range at.headers() {
		header[canonical(name)] = []string{value}
	}
	if c := clientOf(ctx); c.Active() && c.baggage {
		injectBaggage(header, at)
	}
}

// canonical is http.CanonicalHeaderKey for the names that we read of every request: it allocates nothing.
func canonical(name string) string {
	switch name {
	case headerTrace:
		return "Opik_trace_id"
	case headerParent:
		return "Opik_parent_span_id"
	case headerSampled:
		return "Opik_sampled"
	case headerBaggage:
		return "Baggage"
	default:
		return http.CanonicalHeaderKey(name)
	}
}

// deleteFold deletes a header whichever way its name is written.
func deleteFold(header http.Header, name string) {
	for key := range header {
		if strings.EqualFold(key, name) {
			delete(header, key)
		}
	}
}

// Extract returns a context in which spans are below the span of the caller that header names, whichever client
// records them. The caller's process sends the trace; the spans of this one are in the project of their options, of
// the context or of the client, which should be that of the trace. If the caller does not record the trace, nothing
// below the context is recorded.
//
// Names are taken in any case, values are trimmed, and ids must be UUIDv7. Headers with anything else are dropped,
// with a line in the log at most once a minute, and the next span starts a trace of its own. A header that is not
// there says nothing.
//
// Where none of the headers is there, as behind a proxy that drops names with an underscore, the members opik.trace_id
// and opik.span_id of W3C baggage say the same, see [Options].Baggage. Opik's OpenTelemetry bridges write them.
func Extract(ctx context.Context, header http.Header) context.Context {
	if activity.none.Load() != 0 {
		return ctx
	}
	return extract(ctx, func(name string) string {
		values := valuesOf(header, name)
		if len(values) > 1 && name == headerBaggage {
			return strings.Join(values, ",")
		}
		if len(values) > 0 {
			return values[0]
		}
		return ""
	})
}

// valuesOf returns the values of a header whichever way its name is written.
func valuesOf(header http.Header, name string) []string {
	if values := header[canonical(name)]; len(values) > 0 {
		return values
	}
	for key, values := range header {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values
		}
	}
	return nil
}

// ExtractMap is [Extract] for what [Headers] returns on the other side.
func ExtractMap(ctx context.Context, headers map[string]string) context.Context {
	if activity.none.Load() != 0 {
		return ctx
	}
	return extract(ctx, func(name string) string { return valueFold(headers, name) })
}

// valueFold looks a header up by its name in whatever case.
func valueFold(headers map[string]string, name string) string {
	if value, ok := headers[name]; ok {
		return value
	}
	for key, value := range headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// extract is Extract for headers that are looked up by name.
func extract(ctx context.Context, get func(name string) string) context.Context {
	at, found, err := parseRemote(get)
	if err != nil {
		clientOf(ctx).warnOfHeaders(err)
	}
	if !found || err != nil {
		return ctx
	}
	if ctx == nil {
		ctx = context.Background()
	}
	cur := below(ctx)
	return &clientContext{ctx, current{client: cur.client, project: cur.project, remote: &at}}
}

// names are how a trace, a parent and the decision to sample are called by a carrier.
type names struct{ trace, parent, sampled string }

var (
	headerNames = names{headerTrace, headerParent, headerSampled}
	memberNames = names{memberTrace, memberParent, memberSampled}
)

// parseRemote reads the headers, or the baggage if there are none.
func parseRemote(get func(name string) string) (at remote, found bool, err error) {
	at, found, err = parseNames(get, headerNames)
	if found || err != nil {
		return at, found, err
	}
	if baggage := get(headerBaggage); baggage != "" {
		return parseNames(members(baggage), memberNames)
	}
	return remote{}, false, nil
}

// parseNames reads what stands under the names, if there is anything.
func parseNames(get func(name string) string, of names) (at remote, found bool, err error) {
	if sampled := strings.TrimSpace(get(of.sampled)); sampled == "0" {
		return remote{unsampled: true}, true, nil
	}
	trace, parent := strings.TrimSpace(get(of.trace)), strings.TrimSpace(get(of.parent))
	if trace == "" && parent == "" {
		return remote{}, false, nil
	}
	if at.trace, err = parseID(of.trace, trace); err == nil && parent != "" {
		at.parent, err = parseID(of.parent, parent)
	}
	return at, true, err
}

// remoteOf returns where ctx is in its trace, for another process.
func remoteOf(ctx context.Context) (at remote, ok bool) {
	cur := currentIn(ctx)
	switch {
	case cur == nil || activity.none.Load() != 0:
		return remote{}, false
	case cur.unsampled:
		return remote{unsampled: true}, true
	case cur.remote != nil:
		return *cur.remote, true
	case cur.trace == nil:
		return remote{}, false
	}
	at.trace = cur.trace.entry.ID
	if cur.span != nil && !cur.span.traceOnly {
		at.parent = cur.span.entry.ID
	}
	return at, true
}

// quiet is the time for which one line about bad headers is enough: whoever sends them must not fill the log.
const quiet = time.Minute

// warnOfHeaders logs that headers were dropped, unless that was said just now.
func (c *Client) warnOfHeaders(err error) {
	if !c.Active() {
		return
	}
	now, last := time.Now().UnixNano(), c.warned.Load()
	if last != 0 && now-last < int64(quiet) || !c.warned.CompareAndSwap(last, now) {
		return
	}
	c.log.Warn("opik: the headers of a caller are dropped, and the call starts a trace of its own", slog.Any("error", err))
}

// startRemote starts a span below that of the caller in another process. Its trace is sent by that one.
func (c *Client) startRemote(ctx context.Context, cur *current, name string, o SpanOptions) (context.Context, *Span) {
	if cur.remote.unsampled {
		return unsampled(ctx, c), nil
	}
	rc := &rootContext{}
	s, t := &rc.span, &rc.trace
	rc.clientContext = clientContext{ctx, current{client: c, project: cur.project, trace: t, span: s}}
	s.keepBelow(t)
	s.start(ctx, c, name, o)
	t.entry.Start = s.entry.Start
	t.start(ctx, c, cur.project, TraceOptions{Project: o.Project})
	t.remote, t.entry.ID = true, cur.remote.trace
	s.under(t)
	s.part.ParentID = cur.remote.parent
	s.announce()
	return rc, s
}
