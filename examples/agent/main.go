// Command agent answers a question from a few documents: it embeds them and the question, searches for those that are
// nearest, and lets a chat model answer from what it found. All steps are one trace.
//
// Without OPENAI_API_KEY it talks to a server on the loopback interface that it starts itself. The trace goes to the
// terminal, or with OPIK_SINK=opik to the Opik that OPIK_URL_OVERRIDE and OPIK_API_KEY name.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:generate go tool opikgen

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

// run answers the question in args and returns when its trace is delivered.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	tracing, err := opik.New(opik.Options{Project: "agent", Sink: cmp.Or(os.Getenv("OPIK_SINK"), "console")})
	if err != nil {
		return fmt.Errorf("starting tracing: %w", err)
	}
	defer func() { err = errors.Join(err, tracing.Close(context.WithoutCancel(ctx))) }()

	client, stop := newClient()
	defer stop()
	question := cmp.Or(strings.Join(args, " "), "When do the museums in Porto open?")
	// The wrapped services and the tracked twin of Answer are all that tracing asks of a program.
	agent := &Agent{chat: TrackChat(&client.Chat.Completions), embedder: TrackEmbedder(&client.Embeddings)}
	answer, err := agent.AnswerTracked(opik.WithClient(ctx, tracing), question)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n%s\n", question, answer)
	return nil
}

// newClient returns a client of the real API where the environment holds a key, else one of a loopback server that
// stop ends.
func newClient() (client openai.Client, stop func()) {
	if os.Getenv("OPENAI_API_KEY") != "" {
		return openai.NewClient(), func() {}
	}
	server := newServer()
	return openai.NewClient(option.WithBaseURL(server.URL+"/v1"), option.WithAPIKey("none")), server.Close
}
