// Command table reads what the benchmarks of the runtime print and shows it side by side, each figure the median of
// its runs.
//
//	for round in 1 2 3 4 5; do go test -run '^$' -bench . .; done | go run ./table -w README.md
//
// It prints a Markdown table, or writes it between the markers of a file.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	file := flag.String("w", "", "write the table between the markers of `file`")
	flag.Parse()
	if err := run(os.Stdin, *file); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

func run(input io.Reader, file string) error {
	runs, err := read(input)
	if err != nil {
		return err
	}
	table, err := runs.table()
	if err != nil {
		return err
	}
	if file == "" {
		fmt.Print(table)
		return nil
	}
	return writeBetween(file, table)
}
