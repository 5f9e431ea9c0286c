package main

import (
	"context"
	"io"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opikhttp"
)

// The headers by which a request says that it belongs to a trace.
var headers = http.Header{
	"Opik_trace_id":       {"019f3a5e-0000-7000-8000-00000000000a"},
	"Opik_parent_span_id": {"019f3a5e-0000-7000-8000-00000000000b"},
	"Traceparent":         {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
}

// contestant is one way to trace a server and a client.
type contestant struct {
	handler   func(http.Handler) http.Handler
	transport func(http.RoundTripper) http.RoundTripper
	context   context.Context // of a request: in a span, if the contestant records
	flush     func(context.Context) error
	close     func() error
}

// bare traces nothing.
func bare() (contestant, error) {
	return contestant{
		handler:   func(h http.Handler) http.Handler { return h },
		transport: func(t http.RoundTripper) http.RoundTripper { return t },
		context:   context.Background(),
		flush:     func(context.Context) error { return nil },
		close:     func() error { return nil },
	}, nil
}

// ours is opikhttp. A full queue makes it wait, as it does OpenTelemetry here, so that what is measured is all there is to
// do; what delivers is a server that takes everything and costs nothing.
func ours() (contestant, error) {
	client, err := opik.New(opik.Options{
		URL: "http://localhost/api", Isolated: true, HTTPClient: &http.Client{Transport: discard{}},
		Delivery: opik.Delivery{Block: true, NoSpool: true, Uncompressed: true},
	})
	if err != nil {
		return contestant{}, err
	}
	ctx, span := client.StartSpan(context.Background(), "root", opik.SpanOptions{})
	return opikContestant(client, ctx, func() error {
		span.End()
		return client.Close(context.Background())
	}), nil
}

// oursOff is opikhttp where nothing is recorded.
func oursOff() (contestant, error) {
	return opikContestant(&opik.Client{}, context.Background(), func() error { return nil }), nil
}

//nolint:revive // the client is what the contestant is made from
func opikContestant(client *opik.Client, ctx context.Context, end func() error) contestant {
	previous := opik.SetDefault(client)
	return contestant{
		handler:   func(h http.Handler) http.Handler { return opikhttp.Handler(h, opikhttp.Options{}) },
		transport: func(t http.RoundTripper) http.RoundTripper { return opikhttp.Transport(t, opikhttp.Options{}) },
		context:   ctx,
		flush:     client.Flush,
		close: func() error {
			opik.SetDefault(previous)
			return end()
		},
	}
}

// theirs is otelhttp with the SDK's batch processor and the OTLP exporter over HTTP.
func theirs() (contestant, error) {
	exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithHTTPClient(&http.Client{Transport: discard{}}))
	if err != nil {
		return contestant{}, err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, sdktrace.WithBlocking()))
	ctx, span := provider.Tracer("bench").Start(context.Background(), "root")
	c := otelContestant(provider, ctx)
	c.flush = provider.ForceFlush
	c.close = func() error {
		span.End()
		return provider.Shutdown(context.Background())
	}
	return c, nil
}

// theirsOff is otelhttp where nothing is recorded.
func theirsOff() (contestant, error) {
	return otelContestant(noop.NewTracerProvider(), context.Background()), nil
}

//nolint:revive // the provider is what the contestant is made from
func otelContestant(provider trace.TracerProvider, ctx context.Context) contestant {
	o := []otelhttp.Option{otelhttp.WithTracerProvider(provider), otelhttp.WithPropagators(propagation.TraceContext{})}
	return contestant{
		handler:   func(h http.Handler) http.Handler { return otelhttp.NewHandler(h, "server", o...) },
		transport: func(t http.RoundTripper) http.RoundTripper { return otelhttp.NewTransport(t, o...) },
		context:   ctx,
		flush:     func(context.Context) error { return nil },
		close:     func() error { return nil },
	}
}

// discard is a server that takes everything and keeps nothing.
type discard struct{}

func (discard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}
