package opikgrpc

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	opik "github.com/opikgen/opikgen/runtime"
)

// ServerHandler returns a handler that makes a span of every call that a server answers, below the span of the caller
// if the metadata names one. A status that says that the server failed, like Internal, fails the span; one that says
// that the caller did, like NotFound, does not.
func ServerHandler() stats.Handler { return server{} }

// ClientHandler returns a handler that makes a span of every call that a client makes and sends along where it is, for
// the server's span to be below. A status other than OK fails the span.
//
// The span of a stream ends when the stream does: when receiving from it has returned an error, io.EOF included, or its
// context ends. That is what gRPC asks of its users, too.
func ClientHandler() stats.Handler { return client{} }

type server struct{ connections }

// TagRPC starts the span of a call.
func (server) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if !opik.Enabled(ctx) {
		return untraced(ctx)
	}
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		ctx = opik.Extract(ctx, http.Header(md))
	}
	return start(ctx, info)
}

// HandleRPC notes what happens in a call.
func (server) HandleRPC(ctx context.Context, event stats.RPCStats) {
	handle(ctx, event, serverFailures)
}

type client struct{ connections }

// TagRPC starts the span of a call.
func (client) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if !opik.Enabled(ctx) {
		return untraced(ctx)
	}
	return inject(start(ctx, info))
}

// HandleRPC notes what happens in a call.
func (client) HandleRPC(ctx context.Context, event stats.RPCStats) { handle(ctx, event, nil) }

// connections is the part of a handler that sees connections, of which there is nothing to say.
type connections struct{}

// TagConn returns the context of a connection as it is.
func (connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn does nothing.
func (connections) HandleConn(context.Context, stats.ConnStats) {}

// carried are the names under which metadata says where a call is.
var carried = [...]string{"opik_trace_id", "opik_parent_span_id", "opik_sampled", "baggage"}

// inject puts where a call is into its metadata, in place of what is said there of another: a server may pass on the
// metadata that it got.
func inject(ctx context.Context) context.Context {
	md, _ := metadata.FromOutgoingContext(ctx) // a copy
	header := http.Header{}
	for _, name := range carried {
		if values := md.Get(name); len(values) > 0 {
			header[http.CanonicalHeaderKey(name)] = values
			md.Delete(name)
		}
	}
	opik.Inject(ctx, header)
	if md == nil {
		md = make(metadata.MD, len(header))
	}
	for name, values := range header {
		md.Set(strings.ToLower(name), values...)
	}
	return metadata.NewOutgoingContext(ctx, md)
}

// call is a call whose span has started.
type call struct {
	span           *opik.Span
	sent, received atomic.Int64 // messages
}

type callKey struct{}

// start starts the span of a call. The context that is returned knows the call: on a client the current span of the
// context that came may be another one.
func start(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	ctx, span := opik.StartSpan(ctx, strings.TrimPrefix(info.FullMethodName, "/"), opik.SpanOptions{})
	if span == nil {
		return untraced(ctx)
	}
	return context.WithValue(ctx, callKey{}, &call{span: span})
}

// callOf returns the call that a context is of, or nil.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// untraced returns a context that is of no call: a client's may come from the call that the server answers.
func untraced(ctx context.Context) context.Context {
	if callOf(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, callKey{}, (*call)(nil))
}

// handle notes what happens in a call. Of the codes only those given are failures; nil is all.
func handle(ctx context.Context, event stats.RPCStats, failures []codes.Code) {
	c := callOf(ctx)
	if c == nil {
		return
	}
	switch event := event.(type) {
	case *stats.Begin:
		c.begin(event)
	case *stats.InPayload:
		c.received.Add(1)
	case *stats.OutPayload:
		c.sent.Add(1)
	case *stats.End:
		c.end(event.Error, failures)
	}
}

// begin records of which kind the call is.
func (c *call) begin(event *stats.Begin) {
	opik.CaptureMetadata(c.span, "rpc", kindOf(event))
	if event.IsTransparentRetryAttempt {
		opik.CaptureMetadata(c.span, "transparent_retry", true)
	}
}

func kindOf(event *stats.Begin) string {
	switch {
	case event.IsClientStream && event.IsServerStream:
		return "bidirectional stream"
	case event.IsClientStream:
		return "client stream"
	case event.IsServerStream:
		return "server stream"
	default:
		return "unary"
	}
}

// end ends the span of the call.
func (c *call) end(err error, failures []codes.Code) {
	code := status.Code(err)
	opik.CaptureOutput(c.span, "code", code.String())
	opik.CaptureOutput(c.span, "sent", c.sent.Load())
	opik.CaptureOutput(c.span, "received", c.received.Load())
	if failures == nil || slices.Contains(failures, code) {
		c.span.SetError(err) // nil changes nothing
	}
	c.span.End()
}

// serverFailures are the codes that say that the server failed, and not the caller, by OpenTelemetry's conventions.
var serverFailures = []codes.Code{
	codes.Unknown, codes.DeadlineExceeded, codes.Unimplemented, codes.Internal, codes.Unavailable, codes.DataLoss,
}
