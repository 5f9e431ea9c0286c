package opik

import (
	"context"
	"net/http"
)

// StartIncoming is [StartRequest] for a request that another process sent: the span is below that of the caller, as
// [Extract] finds it in the headers. A span that the context of the request is in already is nearer and comes first, so
// that one handler inside another does not leave it.
//
// Whoever sends a request says with its headers which trace the span joins. For a server that anybody may call, start
// spans with StartRequest, or say headers=none where opikgen would take them: they are traces of their own then.
func StartIncoming(r *http.Request, name string, o SpanOptions) (*http.Request, *Span) {
	if r == nil || !Enabled(r.Context()) {
		return r, nil
	}
	return startRequest(IncomingRequest(r.Context(), r), r, name, o)
}

// IncomingRequest returns a context in which spans are below that of the caller who sent the request, as
// [StartIncoming] starts one. It is for generated code that has a context beside the request.
func IncomingRequest(ctx context.Context, r *http.Request) context.Context {
	if r == nil || !Enabled(ctx) || currentIn(ctx).placed() {
		return ctx
	}
	return Extract(ctx, r.Header)
}

// placed reports whether it is known already where in a trace the next span is.
func (cur *current) placed() bool {
	return cur != nil && (cur.trace != nil || cur.remote != nil || cur.unsampled)
}

// Incoming is [Extract] for headers of any type, like the metadata of gRPC. If ctx is inside the trace that the headers
// name, it stays where it is, and where nothing is recorded, it is returned as it is. It is for generated code.
func Incoming[H ~map[string][]string](ctx context.Context, headers H) context.Context {
	if !Enabled(ctx) {
		return ctx
	}
	return innermost(ctx, Extract(ctx, http.Header(headers)))
}

// IncomingMap is [Incoming] for headers with one value each, like the attributes of a message. It is for generated
// code.
func IncomingMap[M ~map[string]string](ctx context.Context, headers M) context.Context {
	if !Enabled(ctx) {
		return ctx
	}
	return innermost(ctx, ExtractMap(ctx, headers))
}

// innermost returns the context before headers were read if that is inside the trace that they name, and otherwise the
// one after it.
func innermost(before, after context.Context) context.Context {
	inside, named := currentIn(before), currentIn(after)
	if inside != nil && inside.trace != nil && named.remote != nil && inside.trace.entry.ID == named.remote.trace {
		return before
	}
	return after
}
