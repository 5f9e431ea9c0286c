package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/opikgen/opikgen/generator"
)

// printStale names the files that are not what opikgen would write.
func printStale(w io.Writer, files []generator.File) (code int, err error) {
	for _, file := range files {
		if !file.Stale() {
			continue
		}
		code = exitStale
		if _, err := fmt.Fprintf(w, "%s: %s\n", short(file.Path), staleness(file)); err != nil {
			return code, err
		}
	}
	return code, nil
}

// staleness says in what way a stale file is stale, and what to do.
func staleness(file generator.File) string {
	switch {
	case file.Content == nil:
		return "left over: its package has no directive any more; run opikgen to remove it"
	case file.Current == nil:
		return "missing: run opikgen to write it"
	}
	return "out of date: run opikgen to bring it up to date"
}

// printDiffs prints what writing would change as unified diffs.
func printDiffs(w io.Writer, files []generator.File) (code int, err error) {
	for _, file := range files {
		if !file.Stale() {
			continue
		}
		code = exitStale
		name := short(file.Path)
		if _, err := w.Write(diff.Diff(name, file.Current, name+" (generated)", file.Content)); err != nil {
			return code, err
		}
	}
	return code, nil
}

// printTable prints a line for each call: where it stands, its wrapper, its span, its preset or what its types say, and
// what is captured; or why it is handed on untracked.
func printTable(w io.Writer, tracked []generator.Tracked) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "POSITION\tWRAPPER\tSPAN\tTYPE\tPRESET\tCAPTURES")
	for _, row := range tracked {
		fmt.Fprintf(table, "%s:%d\t%s\t%s\t%s\t%s\t%s\n", short(row.Pos.Filename), row.Pos.Line, row.Wrapper, cmp.Or(row.Span, "-"), cmp.Or(row.Type, "-"),
			explained(row), cmp.Or(strings.Join(row.Captures, " "), "-"))
	}
	return table.Flush()
}

// explained names the preset that a call takes and says why, or why it is not tracked.
func explained(row generator.Tracked) string {
	switch {
	case row.Untracked != "":
		return "untracked: " + row.Untracked
	case row.Preset != "":
		return row.Preset + ": " + row.Reason
	case row.Shape != "":
		return "shape: " + row.Shape
	default:
		return "-"
	}
}

// relative shortens the diagnostic's path as far as the current directory allows.
func relative(diagnostic generator.Diagnostic) generator.Diagnostic {
	diagnostic.Pos.Filename = short(diagnostic.Pos.Filename)
	return diagnostic
}

// short returns path relative to the current directory where it lies below it.
func short(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	below, err := filepath.Rel(dir, path)
	if err != nil || strings.HasPrefix(below, "..") {
		return path
	}
	return below
}
