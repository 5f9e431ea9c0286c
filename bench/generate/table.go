package main

import (
	"fmt"
	"strings"
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
