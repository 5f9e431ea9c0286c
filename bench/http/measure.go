package main

import (
	"cmp"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"time"
)

// contestants are measured in turn, round by round, so that what else the machine does meets all of them.
var contestants = []struct {
	name string
	make func() (contestant, error)
}{
	{"not traced", bare},
	{"opikhttp", ours},
	{"otelhttp", theirs},
	{"opikhttp, nothing recorded", oursOff},
	{"otelhttp, nothing recorded", theirsOff},
}

// cpu is the unit of processor time, which is what other programs on the machine change least.
const cpu = "cpu-ns/op"

// cost is what a request costs.
type cost struct{ ns, allocs, bytes int64 }

// figures are what a contestant costs.
type figures struct {
	name               string
	handler, transport cost
}

// measure returns the medians of some rounds.
func measure(rounds int) ([]figures, error) {
	handlers, transports := make([][]cost, len(contestants)), make([][]cost, len(contestants))
	for range rounds {
		for i, of := range contestants {
			c, err := of.make()
			if err != nil {
				return nil, err
			}
			handlers[i] = append(handlers[i], costOf(testing.Benchmark(c.benchmarkHandler)))
			transports[i] = append(transports[i], costOf(testing.Benchmark(c.benchmarkTransport)))
			if err := c.close(); err != nil {
				return nil, err
			}
		}
	}
	all := make([]figures, 0, len(contestants))
	for i, of := range contestants {
		all = append(all, figures{of.name, median(handlers[i]), median(transports[i])})
	}
	return all, check(all)
}

// check finds a benchmark that failed: it has no figures.
func check(all []figures) error {
	for _, f := range all {
		if f.handler.ns == 0 || f.transport.ns == 0 {
			return errors.New("the benchmark of " + f.name + " failed")
		}
	}
	return nil
}

func costOf(r testing.BenchmarkResult) cost {
	return cost{int64(r.Extra[cpu]), r.AllocsPerOp(), r.AllocedBytesPerOp()}
}

// median returns the round in the middle by time.
func median(rounds []cost) cost {
	slices.SortFunc(rounds, func(a, b cost) int { return cmp.Compare(a.ns, b.ns) })
	return rounds[len(rounds)/2]
}

// benchmarkHandler answers requests of a traced caller.
func (c contestant) benchmarkHandler(b *testing.B) {
	handler := c.handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/items/7", http.NoBody)
	r.Header, r.Pattern = headers, "GET /items/{id}"
	w := &blank{header: http.Header{}}
	c.loop(b, func() { handler.ServeHTTP(w, r) })
}

// loop measures f until all that it recorded is delivered.
func (c contestant) loop(b *testing.B, f func()) {
	b.Helper()
	b.ReportAllocs()
	before := processorTime()
	for b.Loop() {
		f()
	}
	if err := c.flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), cpu)
}

// processorTime is what the process has used so far.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it has no other errors than those of its arguments
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// blank is a ResponseWriter that forgets what is written.
type blank struct{ header http.Header }

func (w *blank) Header() http.Header         { return w.header }
func (w *blank) Write(p []byte) (int, error) { return len(p), nil }
func (w *blank) WriteHeader(int)             {}

// benchmarkTransport makes requests within a trace.
func (c contestant) benchmarkTransport(b *testing.B) {
	transport := c.transport(discard{})
	r, err := http.NewRequestWithContext(c.context, http.MethodGet, "http://example.com/items/7", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	c.loop(b, func() {
		response, err := transport.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		_ = response.Body.Close()
	})
}
