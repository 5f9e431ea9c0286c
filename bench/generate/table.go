package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

const (
	begin = "<!-- generate: begin -->\n"
	end   = "<!-- generate: end -->\n"
)

// table prints rows as Markdown.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| module | state | tool | wall, s | CPU, s | peak, MiB |\n|---|---|---|---:|---:|---:|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %.2f | %.2f | %d |\n", r.corpus, r.state, r.tool, r.wall.Seconds(), r.cpu.Seconds(), r.peak>>20)
	}
	return b.String()
}

// writeTable puts a table between the markers of a file.
func writeTable(file, table string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	replaced, err := between(content, table)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, replaced, 0o644)
}

// between replaces what stands between the markers.
func between(content []byte, table string) ([]byte, error) {
	before, rest, found := bytes.Cut(content, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return nil, fmt.Errorf("no lines %q and %q to put the table between", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return bytes.Join([][]byte{before, []byte(begin), []byte(table), []byte(end), after}, nil), nil
}
