// Command table reads what the benchmarks of the runtime print and shows it side by side, each figure the median of
// its runs.
//
//	for round in 1 2 3 4 5; do go test -run '^$' -bench . . ./streams; done | go run ./table -w README.md
//
// It prints Markdown tables, or writes those that there are figures for between their markers in a file.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/opikgen/opikgen/bench/internal/markers"
)

func main() {
	file := flag.String("w", "", "write the tables between their markers in `file`")
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
	tables, err := runs.tables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		if file == "" {
			fmt.Println(t.text)
		} else if err := markers.Write(file, t.name, t.text); err != nil {
			return err
		}
	}
	return nil
}
