package goopenai_test

import (
	"context"
	"strings"
	"testing"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/goopenai"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

// others are the methods that are no chats.
type others interface {
	CreateCompletion(ctx context.Context, request openai.CompletionRequest) (openai.CompletionResponse, error)
	CreateCompletionStream(ctx context.Context, request openai.CompletionRequest) (*openai.CompletionStream, error)
	CreateTranscription(ctx context.Context, request openai.AudioRequest) (openai.AudioResponse, error)
	CreateTranslation(ctx context.Context, request openai.AudioRequest) (openai.AudioResponse, error)
	Moderations(ctx context.Context, request openai.ModerationRequest) (openai.ModerationResponse, error)
	CreateEditImage(ctx context.Context, request openai.ImageEditRequest) (openai.ImageResponse, error)
	CreateVariImage(ctx context.Context, request openai.ImageVariRequest) (openai.ImageResponse, error)
}

var completionRequest = openai.CompletionRequest{
	Model: "gpt-3.5-turbo-instruct", Prompt: "Hi", MaxTokens: 100, StreamOptions: &openai.StreamOptions{IncludeUsage: true},
}

func completion(text, finish, rest string) string {
	return `{"id":"cmpl-1","object":"text_completion","created":1,"model":"gpt-3.5-turbo-instruct:x","choices":[{"text":"` + text +
		`","index":0,"logprobs":null,"finish_reason":` + finish + `}]` + rest + `}`
}

// completed is the output with a text.
func completed(text, finish string) string {
	return `{"choices":[{"text":"` + text + `","index":0,"finish_reason":"` + finish + `","logprobs":{"text_offset":null,"token_logprobs":null,"tokens":null,"top_logprobs":null}}]}`
}

var completionUsage = `,"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}`

func completionWant(name string) loopback.Want {
	return loopback.Want{
		Name: name, Model: "gpt-3.5-turbo-instruct:x", Provider: "openai", Tags: []string{"openai"}, Input: `{"prompt":"Hi"}`, Output: completed("Hello", "stop"),
		Usage: map[string]int{
			"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3,
			"original_usage.prompt_tokens": 1, "original_usage.completion_tokens": 2, "original_usage.total_tokens": 3,
		},
		Metadata: map[string]any{"created_from": "openai", "id": "cmpl-1", "finish_reason": "stop", "max_tokens": 100, "prompt": nil},
	}
}

func TestCompletions(t *testing.T) {
	want := completionWant("Client.CreateCompletion")
	sdk.Run(t, func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateCompletion(ctx, completionRequest)
	}, loopback.Case{
		Name: "text", Answer: loopback.Answer{Body: completion("Hello", `"stop"`, completionUsage)}, Want: want,
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "gpt-3.5-turbo-instruct"),
	})
}

func TestCompletionsStream(t *testing.T) {
	call := func(ctx context.Context, c client, h loopback.How, cancel context.CancelFunc) (any, error) {
		stream, err := c.CreateCompletionStream(ctx, completionRequest)
		if err != nil {
			return stream, err
		}
		id := stream.Header().Get("X-Request-Id")
		all, err := loopback.Recv(stream, h, cancel)
		return []any{id, all}, err
	}
	want := completionWant("Client.CreateCompletionStream")
	events := loopback.SSE(completion("Hel", "null", ""), completion("lo", `"stop"`, ""),
		`{"id":"cmpl-1","object":"text_completion","created":1,"model":"gpt-3.5-turbo-instruct:x","choices":[]`+completionUsage+`}`, "[DONE]")
	left := func(how, failure string) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Output, w.Usage, w.Error = completed("Hel", ""), nil, failure
			w.Metadata = map[string]any{"stream": loopback.Ended(1, how), "finish_reason": nil, "id": "cmpl-1"}
		})
	}
	sdk.Run(t, call, loopback.Case{
		Name: "text", Answer: loopback.Answer{Events: events}, Want: want.With(func(w *loopback.Want) { w.Metadata["stream"] = loopback.Ended(3, "") }),
	}, loopback.Case{
		Name: "left early", Answer: loopback.Answer{Events: events[:1], Hang: true}, How: loopback.How{Break: 1}, Want: left("closed", ""),
	}, loopback.Case{
		Name: "cancelled", Answer: loopback.Answer{Events: events[:1], Hang: true}, How: loopback.How{Cancel: 1}, Fails: true, Want: left("error", "*errors.errorString"),
	}, loopback.Case{
		Name: "error before the stream", Answer: serverError, Fails: true, Want: failed(want, "gpt-3.5-turbo-instruct"),
	}, loopback.Case{
		Name: "error in the stream", Fails: true,
		Answer: loopback.Answer{Events: append(events[:1:1], loopback.SSE(`{"error":{"message":"overloaded","type":"server_error"}}`)...)},
		Want:   left("error", "*openai.APIError"),
	})
}

func TestAudio(t *testing.T) {
	request := func() openai.AudioRequest {
		return openai.AudioRequest{Model: "whisper-1", FilePath: "greeting.mp3", Reader: strings.NewReader("sound"), Prompt: "A greeting.", Language: "pt"}
	}
	want := loopback.Want{
		Name: "Client.CreateTranscription", Model: "whisper-1", Provider: "openai", Tags: []string{"openai"},
		Input: `{"prompt":"A greeting."}`, Output: `{"text":"Hello"}`,
		Metadata: map[string]any{"file_path": "greeting.mp3", "language": "pt", "duration": 1.5},
	}
	heard := loopback.Answer{Body: `{"text":"Hello","duration":1.5}`}
	sdk.Run(t, func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateTranscription(ctx, request())
	}, loopback.Case{Name: "transcription", Answer: heard, Want: want}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true,
		Want: want.With(func(w *loopback.Want) { w.Error, w.Output, w.Metadata = "*openai.APIError", "", nil }),
	})
	want.Name = "Client.CreateTranslation"
	delete(want.Metadata, "language")
	sdk.Run(t, func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateTranslation(ctx, request())
	}, loopback.Case{Name: "translation", Answer: heard, Want: want})
}

func TestModerations(t *testing.T) {
	want := loopback.Want{
		Name: "Client.Moderations", Model: "omni-moderation-2024", Provider: "openai", Tags: []string{"openai"}, Input: `{"input":"a"}`,
		Metadata: map[string]any{"id": "modr-1"},
	}
	server := loopback.New(t, loopback.Answer{Body: `{"id":"modr-1","model":"omni-moderation-2024","results":[{"flagged":true}]}`})
	rec := opiktest.New(t)
	response, err := wrapped.TrackClient(newClient(server.URL)).Moderations(rec.Context(), openai.ModerationRequest{Model: "omni-moderation-latest", Input: "a"})
	require.NoError(t, err)
	span := rec.Traces()[0].Spans[0]
	assert.True(t, response.Results[0].Flagged)
	assert.Equal(t, true, span.Output["results"].([]any)[0].(map[string]any)["flagged"])
	assert.Equal(t, []any{want.Name, want.Model, want.Provider, "modr-1"}, []any{span.Name, span.Model, span.Provider, span.Metadata["id"]})
	assert.Empty(t, span.Usage)
}

func TestChangedImages(t *testing.T) {
	want := loopback.Want{
		Name: "Client.CreateEditImage", Model: "gpt-image-1", Provider: "openai", Tags: []string{"openai"},
		Input: `{"prompt":"a bridge"}`, Output: `{"data":[{"url":"http://example.com/1.png"}]}`,
		Usage: map[string]int{
			"prompt_tokens": 50, "completion_tokens": 4160, "total_tokens": 4210,
			"original_usage.input_tokens": 50, "original_usage.output_tokens": 4160, "original_usage.total_tokens": 4210,
		},
		Metadata: map[string]any{"quality": "high", "image": nil},
	}
	answer := loopback.Answer{Body: `{"created":1,"data":[{"url":"http://example.com/1.png"}],"usage":{"input_tokens":50,"output_tokens":4160,"total_tokens":4210}}`}
	sdk.Run(t, func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateEditImage(ctx, openai.ImageEditRequest{Model: "gpt-image-1", Prompt: "a bridge", Image: strings.NewReader("PNG"), N: 1, Quality: "high"})
	}, loopback.Case{Name: "edit", Answer: answer, Want: want}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "gpt-image-1"),
	})
	want.Name, want.Input, want.Metadata = "Client.CreateVariImage", `{"n":2,"size":"256x256"}`, map[string]any{"image": nil}
	sdk.Run(t, func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateVariImage(ctx, openai.ImageVariRequest{Model: "gpt-image-1", Image: strings.NewReader("PNG"), N: 2, Size: "256x256"})
	}, loopback.Case{Name: "variation", Answer: answer, Want: want})
}

// TestSpeechThatFails costs nothing.
func TestSpeechThatFails(t *testing.T) {
	server := loopback.New(t, serverError)
	rec := opiktest.New(t)
	_, err := wrapped.TrackClient(newClient(server.URL)).CreateSpeech(rec.Context(), openai.CreateSpeechRequest{Model: "tts-1", Input: "Olá!", Voice: "alloy"})
	require.Error(t, err)
	assert.Empty(t, rec.Traces()[0].Spans[0].Usage)
}
