// Command quickstart is a small travel agent that is traced by opikgen: it looks facts up, asks a language model,
// lets the model use a calculator, and tries again when the model's server is overloaded.
//
// Without a key it talks to a model server on the loopback interface that it starts itself. With OPENAI_API_KEY (and,
// for another server, OPENAI_BASE_URL) it talks to the real one. Where the trace goes is Opik's usual configuration:
// OPIK_URL_OVERRIDE and OPIK_API_KEY for a server, OPIK_SINK=console to read it in the terminal.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:generate go tool opikgen

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run answers the question in args and returns when its trace is delivered.
func run(ctx context.Context, args []string) (err error) {
	tracing, err := opik.New(opik.Options{Project: "quickstart"})
	if err != nil {
		return fmt.Errorf("starting tracing: %w", err)
	}
	opik.SetDefault(tracing)
	defer func() { err = errors.Join(err, tracing.Close(context.WithoutCancel(ctx))) }()

	chat, stop := newChat()
	defer stop()
	question := cmp.Or(strings.Join(args, " "), "What do three nights in Porto cost for two, city tax included?")
	// The wrapped interface and the tracked twin of answer are all that tracing asks of a program.
	reply, err := answerTracked(ctx, TrackCompleter(chat), question)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n%s\n", question, reply)
	return nil
}

// newChat returns a client of the real API where the environment holds a key, else one of a loopback server that
// stop ends.
func newChat() (chat *Chat, stop func()) {
	if key := os.Getenv("OPENAI_API_KEY"); key != "" {
		return &Chat{BaseURL: cmp.Or(os.Getenv("OPENAI_BASE_URL"), "https://api.openai.com/v1"), Key: key}, func() {}
	}
	server := newModelServer()
	return &Chat{BaseURL: server.URL + "/v1"}, server.Close
}
