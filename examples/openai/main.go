// Command openai asks OpenAI where to travel, then streams a plan for going there, and shows both calls as one trace.
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

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:generate go tool opikgen

// The presets that come with opikgen know where the model, the messages and the counts of every call are. The counts of
// a stream have to be asked for; the program does not see the chunk that brings them.
//
//opik:wrap github.com/openai/openai-go/v3.ChatCompletionService as=Chat stream.include_usage=true

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "openai:", err)
		os.Exit(1)
	}
}

// run plans a journey and returns when its trace is delivered.
func run(ctx context.Context, out io.Writer) (err error) {
	tracing, err := opik.New(opik.Options{Project: "openai", Sink: cmp.Or(os.Getenv("OPIK_SINK"), "console")})
	if err != nil {
		return fmt.Errorf("starting tracing: %w", err)
	}
	defer func() { err = errors.Join(err, tracing.Close(context.WithoutCancel(ctx))) }()

	client, stop := newClient()
	defer stop()
	// The wrapped service and the tracked twin of travel are all that tracing asks of a program.
	_, err = travelTracked(opik.WithClient(ctx, tracing), TrackChat(&client.Chat.Completions), "somewhere with trams", out)
	return err
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

// travel finds a city and prints a plan for it while it is being written.
//
//opik:track ignore_arguments=chat,out
func travel(ctx context.Context, chat *TrackedChat, wish string, out io.Writer) (city string, err error) {
	city, err = ask(ctx, chat, "Name one city for a traveller who wants "+wish+". Answer with its name only.")
	if err != nil {
		return "", fmt.Errorf("choosing a city: %w", err)
	}
	fmt.Fprintf(out, "%s: ", city)
	if err := plan(ctx, chat, city, out); err != nil {
		return "", fmt.Errorf("planning for %s: %w", city, err)
	}
	return city, nil
}

// ask returns the answer to a question.
func ask(ctx context.Context, chat *TrackedChat, question string) (string, error) {
	completion, err := chat.New(ctx, request(question))
	if err != nil {
		return "", err
	}
	if len(completion.Choices) == 0 {
		return "", errors.New("the model returned no choices")
	}
	return completion.Choices[0].Message.Content, nil
}

// plan prints an answer as it comes. The stream is the SDK's own.
func plan(ctx context.Context, chat *TrackedChat, city string, out io.Writer) error {
	stream := chat.NewStreaming(ctx, request("Plan one day in "+city+" in one sentence."))
	defer stream.Close()
	for stream.Next() {
		fmt.Fprint(out, stream.Current().Choices[0].Delta.Content)
	}
	fmt.Fprintln(out)
	return stream.Err()
}

func request(question string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    "gpt-4o-mini",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
	}
}
