package main

import (
	"fmt"
	"strings"
)

// streams is what the names of the benchmarks of streams begin with.
const streams = "Stream/"

// streamElements is how many elements a stream has that is read in one of them.
const streamElements = 1000

// streamRows are the ways in which elements come.
var streamRows = []struct{ name, benchmark string }{
	{"iterator, `iter.Seq2`", "iterator"},
	{"callback", "callback"},
	{"channel", "channel"},
	{"`Recv`", "Recv"},
	{"`Next` and `Current`", "Next"},
	{"server-sent events, openai-go v3", "openai-go"},
	{"server-sent events, anthropic-sdk-go", "anthropic-sdk-go"},
}

// streamTable shows what an element of a stream costs, bare and traced.
func (r runs) streamTable() string {
	var out strings.Builder
	out.WriteString("| an element by | bare, CPU ns | traced, CPU ns | allocations, bare | allocations, traced |\n|---|---:|---:|---:|---:|\n")
	for _, row := range streamRows {
		bare, traced := streams+row.benchmark+"/bare", streams+row.benchmark+"/traced"
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", row.name, r.each(bare, "cpu-ns/element", 1), r.each(traced, "cpu-ns/element", 1),
			r.each(bare, "allocs/op", streamElements), r.each(traced, "allocs/op", streamElements))
	}
	return out.String()
}

// each returns a figure for one of so many elements.
func (r runs) each(benchmark, unit string, elements float64) string {
	value, ok := r.median(figure{benchmark, unit})
	return number(value/elements, ok)
}
