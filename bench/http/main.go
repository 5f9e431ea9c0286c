// Command http measures what opikhttp costs a request beside otelhttp, on a server and on a client, and prints a table,
// or writes it between the markers of a file:
//
//	make figures-http
//
// Nothing goes over a network: what is measured is what tracing adds to a request, all of it, with the encoding and the
// delivery of its span.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/opikgen/opikgen/bench/internal/markers"
)

func main() {
	testing.Init()
	file := flag.String("w", "", "write the table between the markers of `file`")
	rounds := flag.Int("rounds", 5, "measure so many times, and show the medians")
	flag.Parse()
	if err := run(*rounds, *file); err != nil {
		fmt.Fprintln(os.Stderr, "http:", err)
		os.Exit(1)
	}
}

func run(rounds int, file string) error {
	measured, err := measure(rounds)
	if err != nil {
		return err
	}
	if file == "" {
		fmt.Print(table(measured))
		return nil
	}
	return markers.Write(file, "http", table(measured))
}

// table shows what was measured, a line a contestant.
func table(measured []figures) string {
	var out strings.Builder
	out.WriteString("| | handler, CPU ns | allocations | bytes | transport, CPU ns | allocations | bytes |\n|---|---:|---:|---:|---:|---:|---:|\n")
	for _, f := range measured {
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %d | %d | %d |\n", f.name,
			f.handler.ns, f.handler.allocs, f.handler.bytes, f.transport.ns, f.transport.allocs, f.transport.bytes)
	}
	return out.String()
}
