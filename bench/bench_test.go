package bench

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	opik "github.com/opikgen/opikgen/runtime"
)

func TestMain(m *testing.M) {
	switch delay, flooder := os.Getenv(sinkVariable), os.Getenv(floodVariable); {
	case delay != "":
		exit(serveSink(delay))
	case flooder != "":
		exit(flood(flooder))
	default:
		os.Exit(m.Run())
	}
}

// exit ends a process that was started by a benchmark.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// contestants are made anew for each benchmark, against the sink at url. OpenTelemetry waits for a full queue, because
// it drops spans otherwise.
var contestants = []struct {
	name string
	make func(ctx context.Context, url string) (tracer, error)
}{
	{"floor", func(_ context.Context, url string) (tracer, error) { return newFloor(url, false), nil }},
	{"opik", func(_ context.Context, url string) (tracer, error) { return newOpik(options(url, false)) }},
	{"otel", func(ctx context.Context, url string) (tracer, error) {
		return newOTel(ctx, url, false, sdktrace.WithBlocking())
	}},
	{"floor-gzip", func(_ context.Context, url string) (tracer, error) { return newFloor(url, true), nil }},
	{"opik-gzip", func(_ context.Context, url string) (tracer, error) { return newOpik(options(url, true)) }},
	{"otel-gzip", func(ctx context.Context, url string) (tracer, error) {
		return newOTel(ctx, url, true, sdktrace.WithBlocking())
	}},
}

// options are those of a batch job: it waits for a full queue, as OpenTelemetry does here, so that nothing is lost.
func options(url string, compress bool) opik.Options {
	return opik.Options{URL: url + "/api", Delivery: opik.Delivery{Block: true, Uncompressed: !compress, NoSpool: true}}
}

// BenchmarkEndToEnd makes units as fast as it can and ends when the sink has them all. It reports spans a second and
// the CPU seconds that 100,000 spans take, the sink's own not counted.
func BenchmarkEndToEnd(b *testing.B) {
	for _, contestant := range contestants {
		b.Run(contestant.name, func(b *testing.B) {
			tracer := start(b, contestant.make, 0)
			b.ReportAllocs()
			before := cpu(b)
			b.ResetTimer()
			for range b.N {
				tracer.unit(b.Context())
			}
			require.NoError(b, tracer.flush(b.Context()))
			b.StopTimer()
			spans := float64(b.N * spansPerUnit)
			b.ReportMetric(spans/b.Elapsed().Seconds(), "spans/s")
			b.ReportMetric((cpu(b)-before).Seconds()/spans*100_000, "cpu-s/100k")
		})
	}
}

// BenchmarkCaller is the time that a program itself spends on a unit: few enough units that no queue fills, flushed
// outside the clock.
func BenchmarkCaller(b *testing.B) {
	const burst = 256 // units, half of what OpenTelemetry's queue holds
	for _, contestant := range contestants[:3] {
		b.Run(contestant.name, func(b *testing.B) {
			tracer := start(b, contestant.make, 0)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				tracer.unit(b.Context())
				if i%burst == burst-1 {
					b.StopTimer()
					require.NoError(b, tracer.flush(b.Context()))
					b.StartTimer()
				}
			}
			b.StopTimer()
		})
	}
}

// start makes a contestant and its sink, which end with the benchmark.
func start(b *testing.B, contestant func(context.Context, string) (tracer, error), delay time.Duration) tracer {
	b.Helper()
	url, stop, err := startSink(delay)
	require.NoError(b, err)
	b.Cleanup(stop)
	tracer, err := contestant(b.Context(), url)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, tracer.close(context.Background())) })
	return tracer
}

// cpu is the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
