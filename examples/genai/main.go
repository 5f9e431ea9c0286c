// Command genai asks Gemini for a day trip, streams the answer with the model's thoughts, and then asks for a title, and
// shows both calls as one trace.
//
// Without GEMINI_API_KEY it talks to a server on the loopback interface that it starts itself. The trace goes to the
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

	"google.golang.org/genai"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:generate go tool opikgen

// All calls of the wrapped service are traced, a stream from the first range over it to its end.
//
//opik:wrap google.golang.org/genai.Models as=Models

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "genai:", err)
		os.Exit(1)
	}
}

// run plans a trip and returns when its trace is delivered.
func run(ctx context.Context, out io.Writer) (err error) {
	tracing, err := opik.New(opik.Options{Project: "genai", Sink: cmp.Or(os.Getenv("OPIK_SINK"), "console")})
	if err != nil {
		return fmt.Errorf("starting tracing: %w", err)
	}
	defer func() { err = errors.Join(err, tracing.Close(context.WithoutCancel(ctx))) }()

	client, stop, err := newClient(ctx)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	defer stop()
	// The wrapped service and the tracked twin of trip are all that tracing asks of a program.
	title, err := tripTracked(opik.WithClient(ctx, tracing), TrackModels(client.Models), "Porto", out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "(%s)\n", title)
	return nil
}

// newClient returns a client of the real API where the environment holds a key, else one of a loopback server that
// stop ends.
func newClient(ctx context.Context) (client *genai.Client, stop func(), err error) {
	if key := cmp.Or(os.Getenv("GEMINI_API_KEY"), os.Getenv("GOOGLE_API_KEY")); key != "" {
		client, err = genai.NewClient(ctx, &genai.ClientConfig{APIKey: key, Backend: genai.BackendGeminiAPI})
		return client, func() {}, err
	}
	server := newServer()
	client, err = genai.NewClient(ctx, &genai.ClientConfig{
		APIKey: "none", Backend: genai.BackendGeminiAPI, HTTPClient: server.Client(), HTTPOptions: genai.HTTPOptions{BaseURL: server.URL},
	})
	return client, server.Close, err
}

const model = "gemini-2.5-flash"

// trip prints a plan while it is being written and returns a title for it.
//
//opik:track ignore_arguments=models,out
func trip(ctx context.Context, models *TrackedModels, from string, out io.Writer) (title string, err error) {
	plan, err := think(ctx, models, "Where can I go for a day from "+from+" by train? One sentence.", out)
	if err != nil {
		return "", fmt.Errorf("planning: %w", err)
	}
	response, err := models.GenerateContent(ctx, model, genai.Text("A title of three words for: "+plan), nil)
	if err != nil {
		return "", fmt.Errorf("finding a title: %w", err)
	}
	return response.Text(), nil
}

// think prints thoughts and text as they come and returns the text. The sequence is the SDK's own.
func think(ctx context.Context, models *TrackedModels, question string, out io.Writer) (string, error) {
	var text strings.Builder
	config := &genai.GenerateContentConfig{ThinkingConfig: &genai.ThinkingConfig{IncludeThoughts: true}}
	for chunk, err := range models.GenerateContentStream(ctx, model, genai.Text(question), config) {
		if err != nil {
			return "", err
		}
		for _, part := range parts(chunk) {
			if part.Thought {
				fmt.Fprintf(out, "[%s] ", part.Text)
			} else {
				fmt.Fprint(out, part.Text)
			}
		}
		text.WriteString(chunk.Text())
	}
	fmt.Fprintln(out)
	return text.String(), nil
}

func parts(chunk *genai.GenerateContentResponse) []*genai.Part {
	if len(chunk.Candidates) == 0 || chunk.Candidates[0].Content == nil {
		return nil
	}
	return chunk.Candidates[0].Content.Parts
}
