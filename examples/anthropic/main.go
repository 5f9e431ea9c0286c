// Command anthropic streams the answers of a model that uses a tool on the way, and shows the turns and the tool's calls
// as one trace.
//
// Without ANTHROPIC_API_KEY it talks to a server on the loopback interface that it starts itself. The trace goes to the
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

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:generate go tool opikgen

// All calls of the wrapped service are traced, those that stream with the message that their events add up to.
//
//opik:wrap github.com/anthropics/anthropic-sdk-go.MessageService as=Messages

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "anthropic:", err)
		os.Exit(1)
	}
}

// run asks a question and returns when its trace is delivered.
func run(ctx context.Context, out io.Writer) (err error) {
	tracing, err := opik.New(opik.Options{Project: "anthropic", Sink: cmp.Or(os.Getenv("OPIK_SINK"), "console")})
	if err != nil {
		return fmt.Errorf("starting tracing: %w", err)
	}
	defer func() { err = errors.Join(err, tracing.Close(context.WithoutCancel(ctx))) }()

	client, stop := newClient()
	defer stop()
	// The wrapped service and the tracked twin of answer are all that tracing asks of a program.
	_, err = answerTracked(opik.WithClient(ctx, tracing), TrackMessages(&client.Messages), "Do I need an umbrella in Lisbon?", out)
	return err
}

// newClient returns a client of the real API where the environment holds a key, else one of a loopback server that
// stop ends.
func newClient() (client anthropic.Client, stop func()) {
	if os.Getenv("ANTHROPIC_API_KEY") != "" {
		return anthropic.NewClient(), func() {}
	}
	server := newServer()
	return anthropic.NewClient(option.WithBaseURL(server.URL), option.WithAPIKey("none")), server.Close
}

// maxTurns bounds how often the model may ask for tools before it has to answer.
const maxTurns = 4

// answer lets the model use its tools until it has an answer.
//
//opik:track ignore_arguments=messages,out
func answer(ctx context.Context, messages *TrackedMessages, question string, out io.Writer) (text string, err error) {
	turns := []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(question))}
	for range maxTurns {
		reply, err := turn(ctx, messages, turns, out)
		if err != nil {
			return "", err
		}
		if reply.StopReason != anthropic.StopReasonToolUse {
			return textOf(reply), nil
		}
		turns = append(turns, reply.ToParam(), anthropic.NewUserMessage(runTools(ctx, reply)...))
	}
	return "", fmt.Errorf("no answer after %d turns", maxTurns)
}

// turn prints what the model says while it says it, and returns the whole message. The stream is the SDK's own.
func turn(ctx context.Context, messages *TrackedMessages, turns []anthropic.MessageParam, out io.Writer) (*anthropic.Message, error) {
	stream := messages.NewStreaming(ctx, anthropic.MessageNewParams{
		Model: "claude-sonnet-4-5", MaxTokens: 1000, Messages: turns, Tools: []anthropic.ToolUnionParam{weatherTool},
	})
	defer stream.Close()
	reply := new(anthropic.Message)
	for stream.Next() {
		event := stream.Current()
		if err := reply.Accumulate(event); err != nil {
			return nil, fmt.Errorf("reading an event: %w", err)
		}
		fmt.Fprint(out, event.Delta.Text)
	}
	fmt.Fprintln(out)
	return reply, stream.Err()
}

func textOf(reply *anthropic.Message) string {
	var text strings.Builder
	for _, block := range reply.Content {
		text.WriteString(block.Text)
	}
	return text.String()
}
