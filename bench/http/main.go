// Command http measures what opikhttp costs a request beside otelhttp, on a server and on a client, and prints a table,
// or writes it between the markers of a file:
//
//	make figures-http
//
// Nothing goes over a network: what is measured is what tracing adds to a request, all of it, with the encoding and the
// delivery of its span.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The markers that stand around the table in a file.
const (
	begin = "<!-- http: begin -->\n"
	end   = "<!-- http: end -->\n"
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
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if content, err = between(content, table(measured)); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, content, 0o644)
}

// between replaces what stands between the markers.
func between(content []byte, text string) ([]byte, error) {
	before, rest, found := bytes.Cut(content, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return nil, fmt.Errorf("no lines %q and %q to put the table between", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return bytes.Join([][]byte{before, []byte(begin), []byte(text), []byte(end), after}, nil), nil
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
