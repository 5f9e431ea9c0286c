package opikgrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	opik "github.com/opikgen/opikgen/runtime"
	opikgrpc "github.com/opikgen/opikgen/runtime/grpc"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const remoteTrace = "019f3a5e-0000-7000-8000-00000000000a"

// service answers calls of every kind, each in a span of its own below that of the call.
type service struct {
	pb.UnimplementedTestServiceServer
	seen metadata.MD // of the last call
	err  error
}

func (s *service) note(ctx context.Context) error {
	s.seen, _ = metadata.FromIncomingContext(ctx)
	_, span := opik.StartSpan(ctx, "work", opik.SpanOptions{})
	span.End()
	return s.err
}

func (s *service) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{}, s.note(ctx)
}

func (s *service) FullDuplexCall(stream grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	for {
		_, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return s.note(stream.Context())
		}
		if err != nil {
			return err
		}
		for range 2 {
			if err := stream.Send(&pb.StreamingOutputCallResponse{}); err != nil {
				return err
			}
		}
	}
}

// inContext puts a client into the context of every call, before the handler that it goes on to sees it.
type inContext struct {
	stats.Handler
	client *opik.Client
}

func (h inContext) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	return h.Handler.TagRPC(opik.WithClient(ctx, h.client), info)
}

// connect serves in memory, and returns a traced connection there.
func connect(server *grpc.Server) (*grpc.ClientConn, error) {
	listener := bufconn.Listen(1 << 16)
	go func() { _ = server.Serve(listener) }()
	return grpc.NewClient("passthrough:///bufconn",
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return listener.Dial() }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(opikgrpc.ClientHandler()))
}

// open starts a server and returns a client of it, and a function that ends both.
func open(t *testing.T, s *service, o opik.Options) (client pb.TestServiceClient, rec *opiktest.Recorder, end func() *opiktest.Trace) {
	t.Helper()
	rec = opiktest.Open(o)
	server := grpc.NewServer(grpc.StatsHandler(inContext{opikgrpc.ServerHandler(), rec.Client}))
	pb.RegisterTestServiceServer(server, s)
	conn, err := connect(server)
	require.NoError(t, err)
	return pb.NewTestServiceClient(conn), rec, func() *opiktest.Trace {
		require.NoError(t, conn.Close())
		server.GracefulStop()
		traces := rec.Traces()
		require.NoError(t, rec.Close())
		if len(traces) == 0 {
			return nil
		}
		require.Len(t, traces, 1)
		return traces[0]
	}
}

func TestUnary(t *testing.T) {
	s := &service{}
	client, rec, end := open(t, s, opik.Options{})
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	ctx = metadata.AppendToOutgoingContext(ctx, "opik_trace_id", remoteTrace, "mine", "1")
	_, err := client.UnaryCall(ctx, &pb.SimpleRequest{})
	require.NoError(t, err)
	root.End()
	called := end().Spans[0].Spans[0]
	answered := called.Spans[0]
	for _, span := range []*opiktest.Span{called, answered} {
		assert.Equal(t, "grpc.testing.TestService/UnaryCall", span.Name)
		assert.Equal(t, map[string]any{"code": "OK", "sent": 1.0, "received": 1.0}, span.Output)
		assert.Equal(t, map[string]any{"rpc": "unary"}, span.Metadata)
		assert.Nil(t, span.Error)
	}
	assert.Equal(t, "work", answered.Spans[0].Name)
	assert.Equal(t, []string{root.TraceID()}, s.seen.Get("opik_trace_id"), "in place of the one that was there")
	assert.Equal(t, []string{called.ID}, s.seen.Get("opik_parent_span_id"))
	assert.Equal(t, []string{"1"}, s.seen.Get("mine"))
	assert.Empty(t, s.seen.Get("baggage"))
}

func TestStream(t *testing.T) {
	s := &service{}
	client, rec, end := open(t, s, opik.Options{Baggage: true})
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	ctx = metadata.AppendToOutgoingContext(ctx, "baggage", "user=1")
	stream, err := client.FullDuplexCall(ctx)
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, stream.Send(&pb.StreamingOutputCallRequest{}))
	}
	require.NoError(t, stream.CloseSend())
	for err == nil {
		_, err = stream.Recv()
	}
	require.ErrorIs(t, err, io.EOF)
	root.End()
	called := end().Spans[0].Spans[0]
	assert.Equal(t, map[string]any{"code": "OK", "sent": 3.0, "received": 6.0}, called.Output)
	assert.Equal(t, map[string]any{"rpc": "bidirectional stream"}, called.Metadata)
	assert.Equal(t, map[string]any{"code": "OK", "sent": 6.0, "received": 3.0}, called.Spans[0].Output)
	assert.Equal(t, []string{fmt.Sprintf("user=1,opik.trace_id=%s,opik.span_id=%s", root.TraceID(), called.ID)}, s.seen.Get("baggage"))
}

func TestFailures(t *testing.T) {
	tests := map[string]struct {
		err    error
		code   string
		server bool // failed, too
	}{
		"the caller's": {status.Error(codes.NotFound, "no such thing"), "NotFound", false},
		"the server's": {status.Error(codes.Internal, "broken"), "Internal", true},
		"no status":    {errors.New("broken"), "Unknown", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			client, rec, end := open(t, &service{err: test.err}, opik.Options{})
			_, err := client.UnaryCall(rec.Context(), &pb.SimpleRequest{})
			require.Equal(t, test.code, status.Code(err).String())
			called := end().Spans[0]
			assert.NotNil(t, called.Error)
			assert.Equal(t, test.code, called.Output["code"])
			assert.Equal(t, test.server, called.Spans[0].Error != nil)
			assert.Equal(t, test.code, called.Spans[0].Output["code"])
		})
	}
}

func TestACancelledStreamEnds(t *testing.T) {
	client, rec, end := open(t, &service{}, opik.Options{})
	ctx, cancel := context.WithCancel(rec.Context())
	stream, err := client.FullDuplexCall(ctx)
	require.NoError(t, err)
	require.NoError(t, stream.Send(&pb.StreamingOutputCallRequest{}))
	_, err = stream.Recv()
	require.NoError(t, err)
	cancel()
	for err == nil {
		_, err = stream.Recv()
	}
	called := end().Spans[0]
	assert.Equal(t, "Canceled", called.Output["code"])
	assert.NotNil(t, called.Error)
	assert.Equal(t, "Canceled", called.Spans[0].Output["code"])
	assert.Nil(t, called.Spans[0].Error)
}

// TestMetadataThatIsPassedOn is about a server that passes on the metadata of a caller who does not record: what it calls
// was told both, and recorded nothing of a trace that is recorded.
func TestMetadataThatIsPassedOn(t *testing.T) {
	s := &service{}
	client, rec, end := open(t, s, opik.Options{})
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	ctx = metadata.AppendToOutgoingContext(ctx, "opik_sampled", "0", "opik_parent_span_id", remoteTrace, "baggage", "a=b")
	_, err := client.UnaryCall(ctx, &pb.SimpleRequest{})
	require.NoError(t, err)
	root.End()
	called := end().Spans[0].Spans[0]
	assert.Len(t, called.Spans, 1, "the server's span is below")
	assert.Empty(t, s.seen.Get("opik_sampled"))
	assert.Equal(t, []string{called.ID}, s.seen.Get("opik_parent_span_id"))
	assert.Equal(t, []string{"a=b"}, s.seen.Get("baggage"))
}

func TestTheDecisionToSampleTravels(t *testing.T) {
	s := &service{}
	client, rec, end := open(t, s, opik.Options{SampleRule: func(opik.TraceStart) float64 { return 0 }})
	_, err := client.UnaryCall(rec.Context(), &pb.SimpleRequest{})
	require.NoError(t, err)
	assert.Equal(t, []string{"0"}, s.seen.Get("opik_sampled"))
	assert.Nil(t, end())
}

// A client that does not record leaves alone the span that the caller is in.
func TestOff(t *testing.T) {
	rec := opiktest.New(t)
	ctx, root := opik.StartSpan(rec.Context(), "root", opik.SpanOptions{})
	off := opik.WithClient(metadata.NewIncomingContext(ctx, metadata.Pairs("opik_trace_id", remoteTrace)), nil)
	info, end := &stats.RPCTagInfo{FullMethodName: "/a/b"}, &stats.End{}
	for _, handler := range []stats.Handler{opikgrpc.ClientHandler(), opikgrpc.ServerHandler()} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { handler.HandleRPC(handler.TagRPC(off, info), end) }))
	}
	assert.Empty(t, rec.Traces(), "the root is open")
	root.End()
	assert.Empty(t, rec.Traces()[0].Spans[0].Output)
}

// What a server that answers a traced call calls without a trace is no part of the call.
func TestACallWithinACall(t *testing.T) {
	rec := opiktest.New(t)
	info, end := &stats.RPCTagInfo{FullMethodName: "/a/b"}, &stats.End{Error: errors.New("within")}
	answering := opikgrpc.ServerHandler().TagRPC(rec.Context(), info)
	calling := opikgrpc.ClientHandler().TagRPC(opik.WithClient(answering, nil), info)
	opikgrpc.ClientHandler().HandleRPC(calling, end)
	assert.Empty(t, rec.Traces())
	opikgrpc.ServerHandler().HandleRPC(answering, &stats.End{})
	assert.Nil(t, rec.Traces()[0].Error)
}

// What kind a call is of is known when it begins.
func TestKindsOfCalls(t *testing.T) {
	for want, begin := range map[string]*stats.Begin{
		"unary":                {},
		"client stream":        {IsClientStream: true},
		"server stream":        {IsServerStream: true},
		"bidirectional stream": {IsClientStream: true, IsServerStream: true},
		"unary again":          {IsTransparentRetryAttempt: true},
	} {
		rec := opiktest.New(t)
		handler := opikgrpc.ServerHandler()
		ctx := handler.TagRPC(rec.Context(), &stats.RPCTagInfo{FullMethodName: "/a/b"})
		handler.HandleRPC(ctx, begin)
		handler.HandleRPC(ctx, &stats.End{})
		kind, again := strings.CutSuffix(want, " again")
		metadata := map[string]any{"rpc": kind}
		if again {
			metadata["transparent_retry"] = true
		}
		span := rec.Traces()[0].Spans[0]
		assert.Equal(t, metadata, span.Metadata)
		assert.Nil(t, span.Error)
	}
}

// A caller who does not record decides for the server, too.
func TestAServerBelowWhatIsNotRecorded(t *testing.T) {
	rec := opiktest.New(t)
	handler := opikgrpc.ServerHandler()
	incoming := metadata.NewIncomingContext(rec.Context(), metadata.Pairs("opik_sampled", "0"))
	ctx := handler.TagRPC(incoming, &stats.RPCTagInfo{FullMethodName: "/a/b"})
	handler.HandleRPC(ctx, &stats.Begin{})
	handler.HandleRPC(ctx, &stats.End{Error: errors.New("failed")})
	assert.Empty(t, rec.Traces())
	assert.Equal(t, map[string]string{"opik_sampled": "0"}, opik.Headers(ctx))
}

// A client and a server that are traced make one trace of a call.
func Example() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()
	previous := opik.SetDefault(rec.Client)
	defer opik.SetDefault(previous)

	server := grpc.NewServer(grpc.StatsHandler(opikgrpc.ServerHandler()))
	pb.RegisterTestServiceServer(server, &service{})
	conn, err := connect(server)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, span := opik.StartSpan(context.Background(), "ask", opik.SpanOptions{})
	_, _ = pb.NewTestServiceClient(conn).UnaryCall(ctx, &pb.SimpleRequest{})
	span.End()
	_ = conn.Close()
	server.GracefulStop()

	called := rec.Traces()[0].Spans[0].Spans[0]
	fmt.Println(called.Name, called.Output["code"], called.Spans[0].Spans[0].Name)
	// Output: grpc.testing.TestService/UnaryCall OK work
}
