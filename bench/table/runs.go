package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// runs are the figures that benchmarks printed, by what they are of.
type runs map[figure][]float64

// figure is what a benchmark measured.
type figure struct {
	benchmark string // like EndToEnd/opik
	unit      string // like ns/op
}

// line is what a benchmark prints: its name with the number of processors, how often it ran, and its figures.
var line = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.+)$`)

// read collects the figures of all runs.
func read(input io.Reader) (runs, error) {
	all := runs{}
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		parts := line.FindStringSubmatch(lines.Text())
		if parts == nil {
			continue
		}
		if err := all.add(parts[1], strings.Fields(parts[2])); err != nil {
			return nil, fmt.Errorf("line %q: %w", lines.Text(), err)
		}
	}
	return all, lines.Err()
}

// add notes the figures of a run, each a number and its unit.
func (r runs) add(benchmark string, fields []string) error {
	for pair := range slices.Chunk(fields, 2) {
		if len(pair) != 2 {
			return fmt.Errorf("%q has no unit", pair[0])
		}
		value, err := strconv.ParseFloat(pair[0], 64)
		if err != nil {
			return err
		}
		f := figure{benchmark, pair[1]}
		r[f] = append(r[f], value)
	}
	return nil
}

// median returns the one in the middle, or false if the benchmark was not run.
func (r runs) median(f figure) (float64, bool) {
	values := slices.Sorted(slices.Values(r[f]))
	if len(values) == 0 {
		return 0, false
	}
	return values[len(values)/2], true
}
