// Command ollama chats with a model on this machine, which answers in pieces, and shows the turns as one trace.
//
// It talks to the Ollama at OLLAMA_HOST, by default on this machine's port 11434, about OLLAMA_MODEL, by default
// llama3.2. Where none answers it talks to a server on the loopback interface that it starts itself. The trace goes to
// the terminal, or with OPIK_SINK=opik to the Opik that OPIK_URL_OVERRIDE and OPIK_API_KEY name.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"time"

	"github.com/ollama/ollama/api"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:generate go tool opikgen

// All calls of the wrapped client are traced, those with a callback with the message that its pieces add up to.
//
//opik:wrap github.com/ollama/ollama/api.Client as=Client

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ollama:", err)
		os.Exit(1)
	}
}

// run chats and returns when its trace is delivered.
func run(ctx context.Context, out io.Writer) (err error) {
	tracing, err := opik.New(opik.Options{Project: "ollama", Sink: cmp.Or(os.Getenv("OPIK_SINK"), "console")})
	if err != nil {
		return fmt.Errorf("starting tracing: %w", err)
	}
	defer func() { err = errors.Join(err, tracing.Close(context.WithoutCancel(ctx))) }()

	client, stop, err := newClient(ctx)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	defer stop()
	questions := []string{"What is a tram?", "Which city has yellow ones? Answer briefly."}
	// The wrapped client and the tracked twin of chat are all that tracing asks of a program.
	_, err = chatTracked(opik.WithClient(ctx, tracing), TrackClient(client), questions, out)
	return err
}

// newClient returns a client of the Ollama that answers, else one of a loopback server that stop ends.
func newClient(ctx context.Context) (client *api.Client, stop func(), err error) {
	client, err = api.ClientFromEnvironment()
	if err != nil {
		return nil, nil, err
	}
	soon, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if client.Heartbeat(soon) == nil {
		return client, func() {}, nil
	}
	server := newServer()
	base, err := url.Parse(server.URL)
	return api.NewClient(base, http.DefaultClient), server.Close, err
}

// chat asks one question after the other and prints the answers as they come. It returns the last one.
//
//opik:track ignore_arguments=client,out
func chat(ctx context.Context, client *TrackedClient, questions []string, out io.Writer) (last string, err error) {
	var messages []api.Message
	for _, question := range questions {
		messages = append(messages, api.Message{Role: "user", Content: question})
		answer, err := ask(ctx, client, messages, out)
		if err != nil {
			return "", fmt.Errorf("asking %q: %w", question, err)
		}
		messages, last = append(messages, answer), answer.Content
	}
	return last, nil
}

// ask prints the answer to the last of the messages and returns it.
func ask(ctx context.Context, client *TrackedClient, messages []api.Message, out io.Writer) (api.Message, error) {
	request := &api.ChatRequest{Model: cmp.Or(os.Getenv("OLLAMA_MODEL"), "llama3.2"), Messages: messages}
	answer := api.Message{Role: "assistant"}
	err := client.Chat(ctx, request, func(piece api.ChatResponse) error {
		answer.Content += piece.Message.Content
		_, err := fmt.Fprint(out, piece.Message.Content)
		return err
	})
	fmt.Fprintln(out)
	return answer, err
}
