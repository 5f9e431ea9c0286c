package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	opik "github.com/opikgen/opikgen/runtime"
)

// The environment variables that make the test binary flood a sink: who does, and the sink's URL.
const (
	floodVariable = "OPIKGEN_BENCH_FLOOD"
	floodSink     = "OPIKGEN_BENCH_FLOOD_SINK"
)

// floodTime is how long a flood takes.
const floodTime = 5 * time.Second

// flooders drop what does not fit, as in a server that must not wait for its tracer.
var flooders = map[string]func(ctx context.Context, url string) (tracer, error){
	"opik": func(_ context.Context, url string) (tracer, error) {
		return newOpik(opik.Options{URL: url + "/api", Delivery: opik.Delivery{Uncompressed: true, NoSpool: true}})
	},
	"opik-gzip": func(_ context.Context, url string) (tracer, error) {
		return newOpik(opik.Options{URL: url + "/api", Delivery: opik.Delivery{NoSpool: true}})
	},
	"otel": func(ctx context.Context, url string) (tracer, error) { return newOTel(ctx, url, false) },
}

// flood makes units as fast as it can and prints the most memory that it had, in KiB. It flushes nothing: what counts is
// the memory for what waits.
func flood(name string) error {
	flooder, ok := flooders[name]
	if !ok {
		return fmt.Errorf("nobody is called %q", name)
	}
	ctx := context.Background()
	tracer, err := flooder(ctx, os.Getenv(floodSink))
	if err != nil {
		return err
	}
	for start := time.Now(); time.Since(start) < floodTime; {
		tracer.unit(ctx)
	}
	return printPeak()
}

// printPeak prints the largest resident memory of this process. What getrusage says in its place has that of the
// process that started it in it.
func printPeak() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		if peak, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Println(strings.TrimSuffix(strings.TrimSpace(peak), " kB"))
			return nil
		}
	}
	return errors.New("/proc/self/status has no VmHWM")
}

// floodCommand runs this binary as a flooder: a process of its own has a peak of its own.
func floodCommand(ctx context.Context, name, url string) *exec.Cmd {
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), floodVariable+"="+name, floodSink+"="+url)
	command.Stderr = os.Stderr
	return command
}
