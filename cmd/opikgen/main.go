// Command opikgen writes typed wrappers that report the calls of Go functions, methods, structs and interfaces to
// Opik, an LLM observability platform. Run opikgen -h for its manual.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/opikgen/opikgen/generator"
	"github.com/opikgen/opikgen/generator/vet"
	"github.com/opikgen/opikgen/templates"
)

// What the process exits with.
const (
	exitFine   = 0
	exitStale  = 1 // -check or -diff found a file that differs, or vet something to mend
	exitFailed = 2 // something is wrong with the flags, the sources or the disk
)

func main() {
	if isVettool(os.Args[1:]) {
		unitchecker.Main(vet.Analyzer) // which exits
	}
	collectLate()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == vetCommand {
		return runVet(ctx, args[1:], stdout, stderr)
	}
	flags, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, manual())
		return exitFine
	case err != nil:
		fmt.Fprintf(stderr, "opikgen: %v\nRun opikgen -h for the manual.\n", err)
		return exitFailed
	case flags.version:
		fmt.Fprintln(stdout, version())
		return exitFine
	case flags.init:
		return runInit(stdout, stderr)
	}
	return generate(ctx, flags, stdout, stderr)
}

// generate decides what should be generated, prints what is wrong, and does what the flags ask for.
func generate(ctx context.Context, flags *flagValues, stdout, stderr io.Writer) int {
	cache, err := cacheDir()
	if err != nil {
		fmt.Fprintf(stderr, "opikgen: %v\n", err)
		return exitFailed
	}
	result, err := generator.Generate(ctx, generator.Options{
		Patterns: flags.patterns, Presets: templates.FS, Templates: flags.templates, CacheDir: cache, Logf: flags.logf(stderr),
	})
	if err != nil {
		fmt.Fprintf(stderr, "opikgen: %v\n", err)
		return exitFailed
	}
	for _, diagnostic := range result.Diagnostics {
		fmt.Fprintln(stderr, relative(diagnostic))
	}
	code, err := act(flags, result, stdout)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "opikgen: %v\n", err)
		return exitFailed
	case len(result.Diagnostics) > 0:
		return exitFailed
	}
	return code
}

// act does with the result what the flags ask for.
func act(flags *flagValues, result *generator.Result, stdout io.Writer) (code int, err error) {
	switch {
	case flags.list:
		return exitFine, printTable(stdout, result.Tracked)
	case flags.diff:
		return printDiffs(stdout, result.Files)
	case flags.check:
		return printStale(stdout, result.Files)
	}
	if err := write(result.Files, flags.logf(stdout)); err != nil {
		return exitFailed, err
	}
	return exitFine, printRemoved(stdout, result.Files)
}

// version is the module's version as the go command stamped it into the binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "opikgen (devel)"
	}
	return "opikgen " + info.Main.Version
}
