package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// table is one that stands between markers of its name in a file.
type table struct{ name, text string }

// tables returns those that there are figures for.
func (r runs) tables() ([]table, error) {
	var all []table
	if r.has(func(benchmark string) bool { return !strings.HasPrefix(benchmark, streams) }) {
		all = append(all, table{"runtime", r.table()})
	}
	if r.has(func(benchmark string) bool { return strings.HasPrefix(benchmark, streams) }) {
		all = append(all, table{"streams", r.streamTable()})
	}
	if len(all) == 0 {
		return nil, errors.New("the input has no line of a benchmark: pipe the output of go test -bench into it")
	}
	return all, nil
}

// has reports whether there is a figure of a benchmark.
func (r runs) has(benchmark func(name string) bool) bool {
	for f := range r {
		if benchmark(f.benchmark) {
			return true
		}
	}
	return false
}

// rows are what the table shows. A figure that a contestant does not have is left out.
var rows = []struct {
	name      string
	benchmark string // without the contestant, or with what stands in front of its name
	suffix    string // behind the contestant
	unit      string
	scale     float64
}{
	{"spans a second, end to end", "EndToEnd/", "", "spans/s", 1},
	{"CPU s per 100,000 spans", "EndToEnd/", "", "cpu-s/100k", 1},
	{"allocations a unit", "EndToEnd/", "", "allocs/op", 1},
	{"KB allocated a unit", "EndToEnd/", "", "B/op", 1e-3},
	{"spans a second with gzip", "EndToEnd/", "-gzip", "spans/s", 1},
	{"CPU s per 100,000 spans with gzip", "EndToEnd/", "-gzip", "cpu-s/100k", 1},
	{"the caller's µs a unit", "Caller/", "", "ns/op", 1e-3},
	{"the caller's allocations a unit", "Caller/", "", "allocs/op", 1},
	{"peak MiB in a flood", "Flood/", "", "peak-MB", 1},
	{"peak MiB in a flood with gzip", "Flood/", "-gzip", "peak-MB", 1},
}

// offRows are what a call costs where nothing is recorded.
var offRows = []struct{ name, benchmark string }{
	{"the bare call", "Off/bare"},
	{"traced, without a client", "Off/opik"},
	{"traced, below a trace that is not sampled", "Off/opik-unsampled"},
}

// table shows the contestants side by side, and then what tracing costs where nothing is recorded.
func (r runs) table() string {
	var out strings.Builder
	out.WriteString("| | floor | opikgen | OpenTelemetry | opikgen / OpenTelemetry | opikgen / floor |\n|---|---|---|---|---|---|\n")
	for _, row := range rows {
		of := func(contestant string) (float64, bool) {
			value, ok := r.median(figure{row.benchmark + contestant + row.suffix, row.unit})
			return value * row.scale, ok
		}
		out.WriteString(compared(row.name, of))
	}
	out.WriteString("\n| where nothing is recorded | ns | allocations |\n|---|---|---|\n")
	for _, row := range offRows {
		ns, timed := r.median(figure{row.benchmark, "ns/op"})
		allocations, counted := r.median(figure{row.benchmark, "allocs/op"})
		fmt.Fprintf(&out, "| %s | %s | %s |\n", row.name, number(ns, timed), number(allocations, counted))
	}
	return out.String()
}

// compared returns the row of a figure that the contestants have.
func compared(name string, of func(contestant string) (float64, bool)) string {
	floor, hasFloor := of("floor")
	opik, hasOpik := of("opik")
	otel, hasOTel := of("otel")
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", name, number(floor, hasFloor), number(opik, hasOpik), number(otel, hasOTel),
		number(opik/otel, hasOpik && hasOTel), number(opik/floor, hasOpik && hasFloor))
}

// number returns a figure with three digits that count, or nothing for one that was not measured.
func number(value float64, ok bool) string {
	switch {
	case !ok:
		return ""
	case value >= 100:
		return strconv.FormatFloat(value, 'f', 0, 64)
	default:
		return strconv.FormatFloat(value, 'g', 3, 64)
	}
}
