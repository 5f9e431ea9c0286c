// Command generate measures what generating costs: opikgen beside other generators of wrappers on the same
// interfaces, with what the go command takes to answer where the export data is as the floor.
//
//	go run ./generate [-runs n] [-w README.md]
//
// It prints a Markdown table, or writes it between the markers of a file. opikgen and moq are tools of this module.
// mockery and gowrap are taken from PATH, and left out where they are not there. All measurements are of whole
// processes, those that they start included.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/opikgen/opikgen/bench/internal/markers"
)

// longest is how long all measurements together may take.
const longest = 90 * time.Minute

func main() {
	runs := flag.Int("runs", 5, "how often to run what takes less than `slow` seconds")
	file := flag.String("w", "", "write the table between the markers of `file`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ctx, cancel := context.WithTimeout(ctx, longest)
	err := run(ctx, *runs, *file)
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, runs int, file string) error {
	bench, err := newBench(ctx)
	if err != nil {
		return err
	}
	defer bench.remove()
	rows, err := bench.measure(ctx, runs)
	if err != nil {
		return err
	}
	if file != "" {
		return markers.Write(file, "generate", table(rows))
	}
	fmt.Print(table(rows))
	return nil
}
