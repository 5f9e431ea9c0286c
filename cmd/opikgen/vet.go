package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/vet"
)

// vetCommand is the word behind which the rest of the command line is go vet's.
const vetCommand = "vet"

// isVettool reports whether the go command runs this program as its -vettool: to ask for its version or its flags, or
// to check the package that a .cfg file describes.
func isVettool(args []string) bool {
	if len(args) == 0 {
		return false
	}
	last := args[len(args)-1]
	return last == "-V=full" || last == "-flags" || strings.HasSuffix(last, ".cfg")
}

// runVet runs go vet with this program as its tool, and returns the exit code. The go command does better than a
// driver of our own: it checks each dependency once, and keeps what it found in its cache.
func runVet(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if slices.ContainsFunc(args, isHelp) {
		fmt.Fprintf(stdout, vetManual, vet.Analyzer.Doc)
		return exitFine
	}
	tool, err := os.Executable()
	if err != nil {
		fmt.Fprintf(stderr, "opikgen: finding the program that go vet is to run: %v\n", err)
		return exitFailed
	}
	command := exec.CommandContext(ctx, "go", slices.Concat([]string{"vet", "-vettool=" + tool}, args)...)
	var said bytes.Buffer
	command.Stdout, command.Stderr = stdout, io.MultiWriter(stderr, &said)
	code := vetCode(command.Run(), stderr)
	if brokenOutput.Match(said.Bytes()) {
		fmt.Fprintln(stderr, "opikgen: generated code does not compile: run go generate, which needs none of it")
	}
	return code
}

// brokenOutput matches what the compiler says of a generated file. The analyzer reports in the sources only.
var brokenOutput = regexp.MustCompile(`(?m)^(?:vet: )?\S*opik_gen\w*\.go:\d+:\d+: `)

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// vetCode turns what became of go vet into an exit code. It exits with 1 where there are findings or a package does not
// compile, having printed what and where; any other failure is one of the go command itself.
func vetCode(err error, stderr io.Writer) int {
	if err == nil {
		return exitFine
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		fmt.Fprintf(stderr, "opikgen: running go vet: %v\n", err)
		return exitFailed
	}
	if exit.ExitCode() == 1 {
		return exitStale
	}
	return exitFailed
}

// vetManual stands around the analyzer's own documentation.
const vetManual = `usage: opikgen vet [-fix [-diff]] [-json] [build flags] [packages]

opikgen vet runs go vet with one analyzer, opik: %s

-fix calls the twins in place of the functions, -fix -diff prints what that would change. As go vet's own tool:

  go vet -vettool=$(go tool -n opikgen) ./...
`
