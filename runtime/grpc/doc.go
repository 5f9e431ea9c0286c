// Package opikgrpc carries traces through clients and servers of gRPC.
//
//	server := grpc.NewServer(grpc.StatsHandler(opikgrpc.ServerHandler()))
//
//	conn, err := grpc.NewClient(target, grpc.WithStatsHandler(opikgrpc.ClientHandler()))
//
// They are stats handlers and not interceptors, as instrumentation of gRPC should be: one pair serves calls of all kinds,
// sees each attempt of a call that is made again, and leaves the interceptors to the program.
//
// The span of a call has the name of the method, the status code, and for a stream how many messages were sent and
// received. The messages are not recorded: what matters of them is for the code of the method to capture.
//
// Where a call is travels in its metadata, under the names of the headers of HTTP. Proxies for HTTP that gRPC passes
// through may drop those, see [opik.Inject]; then set Baggage in [opik.Options].
package opikgrpc
