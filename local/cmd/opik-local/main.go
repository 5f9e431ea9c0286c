// Command opik-local is Opik on a laptop: it takes the API of Opik's SDKs, keeps what it gets in one SQLite file, and
// shows it at / and in the terminal.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
)

// The exit codes.
const (
	exitFine  = 0
	exitError = 1
	exitUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// terminal is where the command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// errUsage is a command line that cannot be understood. The flags said why.
var errUsage = errors.New("see opik-local -h")

// A command is one of the words that may follow opik-local.
type command struct {
	name, args, doc string
	run             func(ctx context.Context, args []string, t terminal) error
}

// commands are all of them. The first is meant where none is named.
func commands() []command {
	return []command{
		{"serve", "[-addr HOST:PORT] [-key KEY] [-max-age 720h] [-max-size 2048]", "take traces and show them; what opik-local does without a command", serve},
		{"run", "[flags of serve] [--] PROGRAM [ARGS]", "serve, run a program against it, and print where its traces are", runProgram},
		{"tail", "[-n 3]", "follow finished traces as trees", tail},
		{"show", "ID", "print a trace as a tree, or a span in full; the beginning of an id is enough", show},
		{"export", "[-project NAME] [FILE]", "write everything, or one project, as a line of JSON each", export},
		{"import", "[FILE]", "read what export wrote; reading it twice changes nothing", importFile},
	}
}

const intro = `opik-local takes traces from any Opik SDK, keeps them in one file, and shows them at http://127.0.0.1:5173.

    opik-local                                               # in one terminal
    OPIK_URL_OVERRIDE=http://127.0.0.1:5173/api ./program    # in another: Go, Python, TypeScript
    opik-local run ./program                                 # or both at once
    opik-local tail                                          # and watch in the terminal

It is for one developer's machine. A team runs Opik itself: https://github.com/comet-ml/opik.

Commands, each with -db FILE and -h:

`

const outro = `
The database is %s unless -db or OPIK_LOCAL_DB names another.
It exits with 0 where all went well, 1 on an error, 2 where the command line is wrong; run, where its program fails, with what
that exited with.
`

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, t terminal) int {
	err := dispatch(ctx, args, t)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return exitFine
	case errors.Is(err, errUsage):
		fmt.Fprintln(t.err, "opik-local:", err)
		return exitUsage
	default:
		fmt.Fprintln(t.err, "opik-local:", err)
		return exitCode(err)
	}
}

// exitCode is that of the program that was run, if it is what failed.
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		return exit.ExitCode()
	}
	return exitError
}

// dispatch finds the command.
func dispatch(ctx context.Context, args []string, t terminal) error {
	if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0]) {
		help(t.out)
		return nil
	}
	if len(args) == 0 || args[0] == "" || args[0][0] == '-' {
		return serve(ctx, args, t)
	}
	for _, command := range commands() {
		if command.name == args[0] {
			return command.run(ctx, args[1:], t)
		}
	}
	return fmt.Errorf("there is no command %q: %w", args[0], errUsage)
}

// help prints the manual.
func help(w io.Writer) {
	fmt.Fprint(w, intro)
	for _, command := range commands() {
		fmt.Fprintf(w, "    opik-local %s %s\n        %s\n", command.name, command.args, command.doc)
	}
	fmt.Fprintf(w, outro, defaultFile())
}

// flags returns the flags that every command has.
func flags(name string, t terminal, file *string) *flag.FlagSet {
	set := flag.NewFlagSet("opik-local "+name, flag.ContinueOnError)
	set.SetOutput(t.err)
	set.Usage = func() {
		index := slices.IndexFunc(commands(), func(c command) bool { return c.name == name })
		fmt.Fprintf(t.err, "opik-local %s %s\n    %s\n\n", name, commands()[index].args, commands()[index].doc)
		set.PrintDefaults()
	}
	set.StringVar(file, "db", defaultFile(), "keep everything in `FILE`")
	return set
}

// parse reads flags and at most as many arguments as the command takes.
func parse(set *flag.FlagSet, args []string, most int) error {
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errUsage
	}
	if set.NArg() > most {
		return fmt.Errorf("%q is one argument too many: %w", set.Arg(most), errUsage)
	}
	return nil
}

// defaultFile is where the database is if nobody says otherwise.
func defaultFile() string {
	if file := os.Getenv("OPIK_LOCAL_DB"); file != "" {
		return file
	}
	folder, _ := os.UserConfigDir() // without one it is where the command runs
	return filepath.Join(folder, "opik-local", "opik.db")
}
