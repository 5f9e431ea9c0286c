package openai_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/azure"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/opiktest"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/openai"
)

// oneShot are the methods that answer at once.
type oneShot[P, R any] interface {
	New(ctx context.Context, body P, opts ...option.RequestOption) (R, error)
}

// runOnce runs cases of a service that answers at once, and of its wrapper.
func runOnce[P, R any, S, W oneShot[P, R]](t *testing.T, service func(*openai.Client) S, track func(S) W, params func() P, cases ...loopback.Case) {
	sdk := loopback.SDK[oneShot[P, R]]{
		Client: func(url string) oneShot[P, R] { client := newClient(url); return service(&client) },
		Track:  func(client oneShot[P, R]) oneShot[P, R] { return track(client.(S)) },
	}
	sdk.Run(t, func(ctx context.Context, api oneShot[P, R], _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, params())
	}, cases...)
}

var serverError = loopback.Answer{Status: 500, Body: `{"error":{"message":"overloaded"}}`}

// failedCall is the case of a call that got no answer.
func failedCall(want loopback.Want) loopback.Case {
	return loopback.Case{Name: "server error", Answer: serverError, Fails: true, Want: want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Metadata = "*apierror.Error", "", nil, nil
	})}
}

func want(name, model, input, output string, usage map[string]int) loopback.Want {
	return loopback.Want{
		Name: name, Model: model, Provider: "openai", Tags: []string{"openai"}, Input: input, Output: output, Usage: usage,
		Metadata: map[string]any{"created_from": "openai"},
	}
}

func TestEmbeddings(t *testing.T) {
	params := func() openai.EmbeddingNewParams {
		return openai.EmbeddingNewParams{
			Model: "text-embedding-3-small", Dimensions: openai.Int(3),
			Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"a", "b"}},
		}
	}
	service := func(c *openai.Client) *openai.EmbeddingService { return &c.Embeddings }
	w := want("EmbeddingService.New", "text-embedding-3-small", `{"input":["a","b"]}`, `{"embeddings":2,"dimensions":3}`, map[string]int{
		"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "original_usage.prompt_tokens": 9, "original_usage.total_tokens": 9,
	})
	w.Metadata["dimensions"] = 3
	runOnce(t, service, wrapped.TrackEmbeddingService, params, loopback.Case{
		Name: "two", Want: w,
		Answer: loopback.Answer{Body: `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2,0.3]},` +
			`{"object":"embedding","index":1,"embedding":[0.1,0.2,0.3]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":9,"total_tokens":9}}`},
	}, failedCall(w))
}

func TestModerations(t *testing.T) {
	params := func() openai.ModerationNewParams {
		return openai.ModerationNewParams{Model: "omni-moderation-latest", Input: openai.ModerationNewParamsInputUnion{OfString: openai.String("a")}}
	}
	service := func(c *openai.Client) *openai.ModerationService { return &c.Moderations }
	w := want("ModerationService.New", "omni-moderation-2024", `{"input":"a"}`, `{"results":[{"flagged":true}]}`, nil)
	runOnce(t, service, wrapped.TrackModerationService, params, loopback.Case{
		Name: "flagged", Want: w, Answer: loopback.Answer{Body: `{"id":"modr-1","model":"omni-moderation-2024","results":[{"flagged":true}]}`},
	}, failedCall(w.With(func(w *loopback.Want) { w.Model = "omni-moderation-latest" })))
}

type completions interface {
	oneShot[openai.CompletionNewParams, *openai.Completion]
	NewStreaming(ctx context.Context, body openai.CompletionNewParams, opts ...option.RequestOption) *ssestream.Stream[openai.Completion]
}

func TestCompletions(t *testing.T) {
	sdk := loopback.SDK[completions]{
		Client: func(url string) completions { client := newClient(url); return &client.Completions },
		Track: func(client completions) completions {
			return wrapped.TrackCompletionService(client.(*openai.CompletionService))
		},
	}
	params := openai.CompletionNewParams{Model: "gpt-3.5-turbo-instruct", Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("Hi")}}
	body := func(text, finish, rest string) string {
		return `{"id":"cmpl-1","object":"text_completion","created":1,"model":"gpt-3.5-turbo-instruct:x","choices":[{"text":"` + text +
			`","index":0,"logprobs":null,"finish_reason":` + finish + `}]` + rest + `}`
	}
	usage := `,"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}`
	w := want("CompletionService.New", "gpt-3.5-turbo-instruct:x", `{"prompt":"Hi"}`,
		`{"choices":[{"text":"Hello","index":0,"logprobs":null,"finish_reason":"stop"}]}`, map[string]int{
			"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3,
			"original_usage.prompt_tokens": 1, "original_usage.completion_tokens": 2, "original_usage.total_tokens": 3,
		})
	w.Metadata["finish_reason"] = "stop"
	sdk.Run(t, func(ctx context.Context, api completions, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, params)
	},
		loopback.Case{Name: "whole", Want: w, Answer: loopback.Answer{Body: body("Hello", `"stop"`, usage)}},
		failedCall(w.With(func(w *loopback.Want) { w.Model = "gpt-3.5-turbo-instruct" })))
	w.Name = "CompletionService.NewStreaming"
	sdk.Run(t, func(ctx context.Context, api completions, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, params), h, cancel)
	}, loopback.Case{
		Name: "streamed", Want: w,
		Answer: loopback.Answer{Events: loopback.SSE(body("Hel", "null", ""), body("lo", `"stop"`, usage), "[DONE]")},
	}, loopback.Case{
		Name: "streamed and left", How: loopback.How{Break: 1}, Answer: loopback.Answer{Events: loopback.SSE(body("Hel", "null", "")), Hang: true},
		Want: w.With(func(w *loopback.Want) {
			w.Output, w.Usage = `{"choices":[{"text":"Hel","index":0,"logprobs":null,"finish_reason":null}]}`, nil
			w.Metadata = map[string]any{"stream": loopback.Ended(1, "closed")}
		}),
	})
}

type images interface {
	Generate(ctx context.Context, body openai.ImageGenerateParams, opts ...option.RequestOption) (*openai.ImagesResponse, error)
	Edit(ctx context.Context, body openai.ImageEditParams, opts ...option.RequestOption) (*openai.ImagesResponse, error)
}

func TestImages(t *testing.T) {
	sdk := loopback.SDK[images]{
		Client: func(url string) images { client := newClient(url); return &client.Images },
		Track:  func(client images) images { return wrapped.TrackImageService(client.(*openai.ImageService)) },
	}
	answer := loopback.Answer{Body: `{"created":1,"data":[{"b64_json":"iVBORw=="}],` +
		`"usage":{"input_tokens":50,"output_tokens":4160,"total_tokens":4210,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}`}
	w := want("ImageService.Generate", "gpt-image-1", `{"prompt":"a bridge"}`, `{"data":[{"b64_json":"iVBORw=="}]}`, map[string]int{
		"prompt_tokens": 50, "completion_tokens": 4160, "total_tokens": 4210, "original_usage.input_tokens": 50, "original_usage.output_tokens": 4160,
		"original_usage.total_tokens": 4210, "original_usage.input_tokens_details.text_tokens": 10, "original_usage.input_tokens_details.image_tokens": 40,
	})
	w.Metadata["size"] = "1024x1024"
	sdk.Run(t, func(ctx context.Context, api images, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.Generate(ctx, openai.ImageGenerateParams{Prompt: "a bridge", Model: "gpt-image-1", Size: "1024x1024"})
	}, loopback.Case{Name: "generate", Answer: answer, Want: w}, failedCall(w))
}

func TestImageStream(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Events: loopback.Typed(
		`{"type":"image_generation.partial_image","b64_json":"AAAA","partial_image_index":0}`,
		`{"type":"image_generation.completed","b64_json":"iVBORw==","usage":{"input_tokens":50,"output_tokens":4160,"total_tokens":4210}}`)})
	client := newClient(server.URL)
	w := want("ImageService.GenerateStreaming", "gpt-image-1", `{"prompt":"a bridge"}`, `{"b64_json":"iVBORw=="}`, map[string]int{
		"prompt_tokens": 50, "completion_tokens": 4160, "total_tokens": 4210,
		"original_usage.input_tokens": 50, "original_usage.output_tokens": 4160, "original_usage.total_tokens": 4210,
	})
	rec := opiktest.New(t)
	stream := wrapped.TrackImageService(&client.Images).GenerateStreaming(rec.Context(), openai.ImageGenerateParams{Prompt: "a bridge", Model: "gpt-image-1"})
	events, err := loopback.Next(stream, loopback.How{}, nil)
	require.NoError(t, err)
	assert.Len(t, events, 2)
	w.Check(t, rec)

	rec = opiktest.New(t)
	edited := wrapped.TrackImageService(&client.Images).EditStreaming(rec.Context(), openai.ImageEditParams{
		Prompt: "a bridge", Model: "gpt-image-1", Image: openai.ImageEditParamsImageUnion{OfFile: strings.NewReader("PNG")},
	})
	_, err = loopback.Next(edited, loopback.How{}, nil)
	require.NoError(t, err)
	w.Name = "ImageService.EditStreaming"
	w.Check(t, rec)
}

// TestLargeImage becomes an attachment.
func TestLargeImage(t *testing.T) {
	image := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 300_000)...)
	server := loopback.New(t, loopback.Answer{Body: `{"created":1,"data":[{"b64_json":"` + base64.StdEncoding.EncodeToString(image) + `"}]}`})
	client := newClient(server.URL)
	rec := opiktest.New(t)
	_, err := wrapped.TrackImageService(&client.Images).Generate(rec.Context(), openai.ImageGenerateParams{Prompt: "a bridge"})
	require.NoError(t, err)
	span := rec.Traces()[0].Spans[0]
	require.Len(t, span.Attachments, 1)
	assert.Equal(t, image, span.Attachments[0].Data)
	assert.Equal(t, []any{map[string]any{"b64_json": "[" + span.Attachments[0].FileName + "]"}}, span.Output["data"])
}

func TestImageEdit(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: `{"created":1,"data":[{"url":"http://example.com/1.png"}]}`})
	client := newClient(server.URL)
	rec := opiktest.New(t)
	_, err := wrapped.TrackImageService(&client.Images).Edit(rec.Context(), openai.ImageEditParams{
		Prompt: "a bridge", Model: "gpt-image-1", Image: openai.ImageEditParamsImageUnion{OfFile: strings.NewReader("PNG")},
	})
	require.NoError(t, err)
	want("ImageService.Edit", "gpt-image-1", `{"prompt":"a bridge"}`, `{"data":[{"url":"http://example.com/1.png"}]}`, nil).Check(t, rec)
	assert.Contains(t, server.Requests()[0].Body, "PNG", "the reader was left to the SDK")
}

func TestSpeech(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Type: "audio/mpeg", Body: "sound"}, serverError)
	client := newClient(server.URL)
	tracked := wrapped.TrackAudioSpeechService(&client.Audio.Speech)
	params := openai.AudioSpeechNewParams{Model: "tts-1", Input: "Olá!", Voice: openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("alloy")}, Speed: openai.Float(2)}
	w := want("AudioSpeechService.New", "tts-1", `{"input":"Olá!","voice":"alloy"}`, `{"content_length":5}`, map[string]int{
		"prompt_tokens": 4, "completion_tokens": 0, "total_tokens": 4, "input_characters": 4,
		"original_usage.prompt_tokens": 4, "original_usage.completion_tokens": 0, "original_usage.total_tokens": 4, "original_usage.input_characters": 4,
	})
	w.Metadata["speed"] = 2

	rec := opiktest.New(t)
	response, err := tracked.New(rec.Context(), params)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	sound, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, "sound", string(sound), "the body was left to the caller")
	w.Check(t, rec)

	rec = opiktest.New(t)
	response, err = tracked.New(rec.Context(), params)
	require.Error(t, err)
	require.NoError(t, response.Body.Close())
	failedCall(w).Want.Check(t, rec)
}

func TestTranscriptions(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: `{"text":"Hello","usage":{"type":"tokens","input_tokens":14,"output_tokens":45,"total_tokens":59,` +
		`"input_token_details":{"text_tokens":0,"audio_tokens":14}}}`}, loopback.Answer{Body: `{"text":"Hello","usage":{"type":"duration","seconds":3}}`})
	client := newClient(server.URL)
	tracked := wrapped.TrackAudioTranscriptionService(&client.Audio.Transcriptions)
	params := func() openai.AudioTranscriptionNewParams {
		return openai.AudioTranscriptionNewParams{Model: "gpt-4o-transcribe", File: strings.NewReader("sound"), Prompt: openai.String("A greeting."), Language: openai.String("en")}
	}
	w := want("AudioTranscriptionService.New", "gpt-4o-transcribe", `{"prompt":"A greeting."}`, `{"text":"Hello"}`, map[string]int{
		"prompt_tokens": 14, "completion_tokens": 45, "total_tokens": 59, "original_usage.input_tokens": 14, "original_usage.output_tokens": 45,
		"original_usage.total_tokens": 59, "original_usage.input_token_details.audio_tokens": 14,
	})
	w.Metadata["language"], w.Metadata["file"] = "en", nil
	rec := opiktest.New(t)
	response, err := tracked.New(rec.Context(), params())
	require.NoError(t, err)
	assert.Equal(t, "Hello", response.Text)
	w.Check(t, rec)

	rec = opiktest.New(t)
	_, err = tracked.New(rec.Context(), params())
	require.NoError(t, err)
	w.With(func(w *loopback.Want) { w.Usage = map[string]int{"seconds": 3} }).Check(t, rec)
	assert.Contains(t, server.Requests()[1].Body, "sound", "the reader was left to the SDK")
}

func TestTranscriptionStream(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Events: loopback.Typed(
		`{"type":"transcript.text.delta","delta":"Hel"}`, `{"type":"transcript.text.delta","delta":"lo"}`,
		`{"type":"transcript.text.done","text":"Hello","usage":{"type":"tokens","input_tokens":14,"output_tokens":45,"total_tokens":59}}`)})
	client := newClient(server.URL)
	rec := opiktest.New(t)
	stream := wrapped.TrackAudioTranscriptionService(&client.Audio.Transcriptions).NewStreaming(rec.Context(), openai.AudioTranscriptionNewParams{
		Model: "gpt-4o-transcribe", File: strings.NewReader("sound"),
	})
	events, err := loopback.Next(stream, loopback.How{}, nil)
	require.NoError(t, err)
	assert.Len(t, events, 3)
	want("AudioTranscriptionService.NewStreaming", "gpt-4o-transcribe", `null`, `{"text":"Hello"}`, map[string]int{
		"prompt_tokens": 14, "completion_tokens": 45, "total_tokens": 59,
		"original_usage.input_tokens": 14, "original_usage.output_tokens": 45, "original_usage.total_tokens": 59,
	}).Check(t, rec)
}

func TestTranslations(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: `{"text":"Hello"}`})
	client := newClient(server.URL)
	rec := opiktest.New(t)
	_, err := wrapped.TrackAudioTranslationService(&client.Audio.Translations).New(rec.Context(), openai.AudioTranslationNewParams{
		Model: "whisper-1", File: strings.NewReader("sound"),
	})
	require.NoError(t, err)
	want("AudioTranslationService.New", "whisper-1", `null`, `{"text":"Hello"}`, nil).Check(t, rec)
}

// TestAzure has the same types as OpenAI, and another key and address.
func TestAzure(t *testing.T) {
	sdk := loopback.SDK[chat]{
		Client: func(url string) chat {
			client := openai.NewClient(azure.WithEndpoint(url, "2024-06-01"), azure.WithAPIKey(loopback.Key), azure.WithUnsafeAllowHTTP(), option.WithMaxRetries(0))
			return &client.Chat.Completions
		},
		Track: func(client chat) chat {
			return wrapped.TrackAzureChatCompletionService(client.(*openai.ChatCompletionService))
		},
	}
	sdk.Run(t, func(ctx context.Context, api chat, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, chatParams)
	}, loopback.Case{
		Name:   "text",
		Answer: loopback.Answer{Body: chatHead + textChoice + `,"usage":` + chatUsage + `}`},
		Want:   chatWant.With(func(w *loopback.Want) { w.Provider = "azure" }),
	})
}

// TestOpenRouter says what a call cost.
func TestOpenRouter(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: chatHead + textChoice + `,"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"cost":0.00125}}`})
	client := newClient(server.URL)
	rec := opiktest.New(t)
	_, err := wrapped.TrackChatCompletionService(&client.Chat.Completions).New(rec.Context(), chatParams)
	require.NoError(t, err)
	span := rec.Traces()[0].Spans[0]
	require.NotNil(t, span.TotalCost)
	assert.Equal(t, 0.00125, *span.TotalCost)
}

// TestIncludeUsage asks for the counts, and keeps the chunk to itself that the server sends for it.
func TestIncludeUsage(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Events: loopback.SSE(textChunks...)})
	client := newClient(server.URL)
	params := chatParams
	params.StreamOptions = openai.ChatCompletionStreamOptionsParam{}
	rec := opiktest.New(t)
	chunks, err := loopback.Next(wrapped.TrackCounted(&client.Chat.Completions).NewStreaming(rec.Context(), params), loopback.How{}, nil)
	require.NoError(t, err)
	assert.Len(t, chunks, 4)
	assert.Contains(t, server.Requests()[0].Body, `"stream_options":{"include_usage":true}`)
	chatWant.With(func(w *loopback.Want) {
		w.Name, w.Metadata = "ChatCompletionService.NewStreaming", map[string]any{"stream": loopback.Ended(5, "")}
	}).Check(t, rec)
}

// TestNoResponseIntoAnother is for an option by which the SDK returns no response and no error.
func TestNoResponseIntoAnother(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: chatHead + textChoice + `}`})
	client := newClient(server.URL)
	rec := opiktest.New(t)
	var raw *http.Response
	response, err := wrapped.TrackChatCompletionService(&client.Chat.Completions).New(rec.Context(), chatParams, option.WithResponseBodyInto(&raw))
	require.NoError(t, err)
	assert.Nil(t, response)
	require.NoError(t, raw.Body.Close())
	chatWant.With(func(w *loopback.Want) { w.Output, w.Usage, w.Model, w.Metadata = "", nil, "gpt-4o-mini", nil }).Check(t, rec)
}
