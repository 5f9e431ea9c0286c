// Command distributed shows one trace that goes through two processes: a client that asks a server about several cities,
// and the server, which looks each of them up.
//
//	distributed            starts the two others, waits for them, and prints their trace
//	distributed server     answers requests until its standard input ends
//	distributed client URL asks the server at URL
//
// The two processes send their spans to an Opik on the loopback interface that lasts as long as the program, or, with
// Opik's usual configuration in the environment, to the one that it names.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:generate go tool opikgen

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "distributed:", err)
		os.Exit(1)
	}
}

// run plays the part that args name.
func run(ctx context.Context, args []string, out io.Writer) error {
	switch {
	case len(args) == 0:
		return play(ctx, out)
	case len(args) == 1 && args[0] == "server":
		return traced(ctx, "server", func(context.Context) error { return serve(out, os.Stdin) })
	case len(args) == 2 && args[0] == "client":
		return traced(ctx, "client", func(ctx context.Context) error { return ask(ctx, args[1], out) })
	default:
		return fmt.Errorf("the arguments are %q: want none, \"server\", or \"client URL\"", args)
	}
}

// traced runs f with tracing, and returns when all spans are delivered. Each of them has the part as a tag.
func traced(ctx context.Context, part string, f func(context.Context) error) (err error) {
	tracing, err := opik.New(opik.Options{
		Project:     "distributed",
		SpanStarted: func(_ context.Context, s *opik.Span) { s.AddTags(part) },
	})
	if err != nil {
		return fmt.Errorf("starting tracing: %w", err)
	}
	opik.SetDefault(tracing)
	defer func() { err = errors.Join(err, tracing.Close(context.WithoutCancel(ctx))) }()
	return f(ctx)
}

// play starts the server and then the client, and prints the trace when both have ended.
func play(ctx context.Context, out io.Writer) error {
	capture := newCapture()
	defer capture.Close()
	environment := capture.environment()
	server, err := startServer(ctx, environment)
	if err != nil {
		return err
	}
	err = server.ask(ctx, environment, out)
	if err = errors.Join(err, server.end()); err != nil {
		return err
	}
	return capture.print(out)
}

// process is a server that runs.
type process struct {
	command *exec.Cmd
	input   io.Closer
	url     string
}

// startServer starts a server and returns when it listens.
func startServer(ctx context.Context, environment []string) (*process, error) {
	command, err := again(ctx, environment, "server")
	if err != nil {
		return nil, err
	}
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	p := &process{command: command, input: input}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server did not say where it listens: %w", err), p.end())
	}
	p.url = strings.TrimSpace(line)
	return p, nil
}

// ask runs the client against the server.
func (p *process) ask(ctx context.Context, environment []string, out io.Writer) error {
	command, err := again(ctx, environment, "client", p.url)
	if err != nil {
		return err
	}
	command.Stdout = out
	if err := command.Run(); err != nil {
		return fmt.Errorf("the client: %w", err)
	}
	return nil
}

// end ends the server and waits until it has delivered its spans.
func (p *process) end() error {
	_ = p.input.Close()
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("the server: %w", err)
	}
	return nil
}

// again returns this program as another process.
func again(ctx context.Context, environment []string, args ...string) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program, args...)
	command.Env = environment
	command.Stderr = os.Stderr
	return command, nil
}
