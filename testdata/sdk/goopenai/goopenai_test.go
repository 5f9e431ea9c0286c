package goopenai_test

import (
	"context"
	"io"
	"testing"

	openai "github.com/sashabaranov/go-openai"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/goopenai"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(url string) *openai.Client {
	config := openai.DefaultConfig(loopback.Key)
	config.BaseURL = url
	return openai.NewClientWithConfig(config)
}

// client is what the client and its wrapper have in common.
type client interface {
	others
	CreateChatCompletion(ctx context.Context, request openai.ChatCompletionRequest) (openai.ChatCompletionResponse, error)
	CreateChatCompletionStream(ctx context.Context, request openai.ChatCompletionRequest) (*openai.ChatCompletionStream, error)
	CreateResponse(ctx context.Context, request openai.CreateResponseRequest) (openai.CreateResponseResponse, error)
	CreateResponseStream(ctx context.Context, request openai.CreateResponseRequest) (*openai.ResponseStream, error)
	CreateEmbeddings(ctx context.Context, conv openai.EmbeddingRequestConverter) (openai.EmbeddingResponse, error)
	CreateImage(ctx context.Context, request openai.ImageRequest) (openai.ImageResponse, error)
	CreateSpeech(ctx context.Context, request openai.CreateSpeechRequest) (openai.RawResponse, error)
}

var sdk = loopback.SDK[client]{
	Client: func(url string) client { return newClient(url) },
	Track:  func(plain client) client { return wrapped.TrackClient(plain.(*openai.Client)) },
}

var chatRequest = openai.ChatCompletionRequest{
	Model: "gpt-4o-mini", Temperature: 0.5, MaxCompletionTokens: 100,
	Messages: []openai.ChatCompletionMessage{{Role: "user", Content: "Where is Lisbon?"}},
}

const (
	head      = `{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini-2024-07-18","choices":`
	chatUsage = `{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}`
	filters   = `"content_filter_results":{"hate":{"filtered":false},"self_harm":{"filtered":false},"sexual":{"filtered":false},"violence":{"filtered":false},` +
		`"jailbreak":{"filtered":false,"detected":false},"profanity":{"filtered":false,"detected":false}}`
	toolCalls = `[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}}]`
)

func chatWant(name string) loopback.Want {
	return loopback.Want{
		Name: name, Model: "gpt-4o-mini-2024-07-18", Provider: "openai", Tags: []string{"openai"},
		Input:  `{"messages":[{"role":"user","content":"Where is Lisbon?"}]}`,
		Output: `{"choices":[{"index":0,"message":{"role":"assistant","content":"In Portugal."},"finish_reason":"stop",` + filters + `}]}`,
		Usage: map[string]int{
			"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14,
			"original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5, "original_usage.total_tokens": 14,
			"original_usage.prompt_tokens_details.cached_tokens": 4, "original_usage.completion_tokens_details.reasoning_tokens": 3,
		},
		Metadata: map[string]any{"created_from": "openai", "id": "chatcmpl-1", "finish_reason": "stop", "temperature": 0.5, "max_completion_tokens": 100, "messages": nil},
	}
}

func failed(want loopback.Want, model string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Model = "*openai.APIError", "", nil, model
		w.Metadata = map[string]any{"finish_reason": nil, "created_from": "openai"}
	})
}

var serverError = loopback.Answer{Status: 500, Body: `{"error":{"message":"overloaded","type":"server_error"}}`}

func TestChat(t *testing.T) {
	call := func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateChatCompletion(ctx, chatRequest)
	}
	want := chatWant("Client.CreateChatCompletion")
	sdk.Run(t, call, loopback.Case{
		Name: "text", Want: want,
		Answer: loopback.Answer{Body: head + `[{"index":0,"message":{"role":"assistant","content":"In Portugal."},"finish_reason":"stop"}],"usage":` + chatUsage + `}`},
	}, loopback.Case{
		Name:   "tools",
		Answer: loopback.Answer{Body: head + `[{"index":0,"message":{"role":"assistant","tool_calls":` + toolCalls + `},"finish_reason":"tool_calls"}],"usage":` + chatUsage + `}`},
		Want: want.With(func(w *loopback.Want) {
			w.Output = `{"choices":[{"index":0,"message":{"role":"assistant","tool_calls":` + toolCalls + `},"finish_reason":"tool_calls",` + filters + `}]}`
			w.Metadata["finish_reason"] = "tool_calls"
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "gpt-4o-mini"),
	})
}

func chunk(choices, rest string) string {
	return `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini-2024-07-18","choices":` + choices + rest + `}`
}

var chunks = []string{
	chunk(`[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]`, ``),
	chunk(`[{"index":0,"delta":{"content":"In "},"finish_reason":null}]`, ``),
	chunk(`[{"index":0,"delta":{"content":"Portugal."},"finish_reason":null}]`, ``),
	chunk(`[{"index":0,"delta":{},"finish_reason":"stop"}]`, ``),
	chunk(`[]`, `,"usage":`+chatUsage),
	`[DONE]`,
}

func TestChatStream(t *testing.T) {
	call := func(ctx context.Context, c client, h loopback.How, cancel context.CancelFunc) (any, error) {
		stream, err := c.CreateChatCompletionStream(ctx, chatRequest)
		if err != nil {
			return stream, err
		}
		id := stream.Header().Get("X-Request-Id")
		all, err := loopback.Recv(stream, h, cancel)
		return []any{id, all}, err
	}
	want := chatWant("Client.CreateChatCompletionStream")
	left := func(how, failure string) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Output = `{"choices":[{"index":0,"message":{"role":"assistant","content":"In "},"finish_reason":null,` + filters + `}]}`
			w.Usage, w.Error, w.Metadata = nil, failure, map[string]any{"stream": loopback.Ended(2, how), "finish_reason": nil, "id": "chatcmpl-1"}
		})
	}
	sdk.Run(t, call, loopback.Case{
		Name: "text", Answer: loopback.Answer{Events: loopback.SSE(chunks...)}, Want: want,
	}, loopback.Case{
		Name: "left early", Answer: loopback.Answer{Events: loopback.SSE(chunks[:2]...), Hang: true}, How: loopback.How{Break: 2},
		Want: left("closed", ""),
	}, loopback.Case{
		Name: "cancelled", Answer: loopback.Answer{Events: loopback.SSE(chunks[:2]...), Hang: true}, How: loopback.How{Cancel: 2}, Fails: true,
		Want: left("error", "*errors.errorString"),
	}, loopback.Case{
		Name: "abandoned", Answer: loopback.Answer{Events: loopback.SSE(chunks[:2]...), Hang: true}, How: loopback.How{Abandon: 2},
		Want: left("abandoned", ""),
	}, loopback.Case{
		Name: "error before the stream", Answer: serverError, Fails: true, Want: failed(want, "gpt-4o-mini"),
	}, loopback.Case{
		Name: "error in the stream", Fails: true,
		Answer: loopback.Answer{Events: loopback.SSE(append(chunks[:2:2], `{"error":{"message":"overloaded","type":"server_error"}}`)...)},
		Want:   left("error", "*openai.APIError"),
	}, loopback.Case{
		Name: "the connection breaks", Answer: loopback.Answer{Events: loopback.SSE(chunks[:2]...), Cut: true}, Fails: true,
		Want: left("error", "*errors.errorString"),
	})
}

const (
	responseUsage = `{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":14}`
	responseItem  = `{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"In Portugal."}]}`
	responseBody  = `{"id":"resp_1","object":"response","model":"gpt-5-2025","status":"completed","output":[` + responseItem + `],"usage":` + responseUsage + `}`
)

func responsesWant(name string) loopback.Want {
	return loopback.Want{
		Name: name, Model: "gpt-5-2025", Provider: "openai", Tags: []string{"openai"},
		Input: `{"input":"Where is Lisbon?","instructions":"Be brief."}`, Output: `{"output":[` + responseItem + `]}`,
		Usage: map[string]int{
			"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "cache_read_input_tokens": 4,
			"original_usage.input_tokens": 9, "original_usage.output_tokens": 5, "original_usage.total_tokens": 14,
			"original_usage.input_tokens_details.cached_tokens": 4, "original_usage.output_tokens_details.reasoning_tokens": 3,
		},
		Metadata: map[string]any{"id": "resp_1", "status": "completed", "max_output_tokens": 100},
	}
}

var responseRequest = openai.CreateResponseRequest{Model: "gpt-5", Input: "Where is Lisbon?", Instructions: "Be brief.", MaxOutputTokens: 100}

func TestResponses(t *testing.T) {
	want := responsesWant("Client.CreateResponse")
	sdk.Run(t, func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateResponse(ctx, responseRequest)
	}, loopback.Case{Name: "completed", Answer: loopback.Answer{Body: responseBody}, Want: want},
		loopback.Case{Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "gpt-5")})
}

var responseEvents = []string{
	`{"type":"response.created","response":{"id":"resp_1","object":"response","model":"gpt-5-2025","status":"in_progress","output":[]}}`,
	`{"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}}`,
	`{"type":"response.content_part.added","output_index":0,"content_index":0,"part":{"type":"output_text","text":""}}`,
	`{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"In "}`,
	`{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Portugal."}`,
	`{"type":"response.completed","response":` + responseBody + `}`,
}

func TestResponsesStream(t *testing.T) {
	want := responsesWant("Client.CreateResponseStream")
	sdk.Run(t, func(ctx context.Context, c client, h loopback.How, cancel context.CancelFunc) (any, error) {
		stream, err := c.CreateResponseStream(ctx, responseRequest)
		if err != nil {
			return stream, err
		}
		return loopback.Recv(stream, h, cancel)
	}, loopback.Case{
		Name: "completed", Answer: loopback.Answer{Events: loopback.Typed(responseEvents...)}, Want: want,
	}, loopback.Case{
		Name: "left early", Answer: loopback.Answer{Events: loopback.Typed(responseEvents[:4]...), Hang: true}, How: loopback.How{Break: 4},
		Want: want.With(func(w *loopback.Want) {
			w.Output = `{"output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"In "}]}]}`
			w.Usage, w.Metadata = nil, map[string]any{"stream": loopback.Ended(4, "closed"), "status": "in_progress"}
		}),
	}, loopback.Case{
		Name: "error before the stream", Answer: serverError, Fails: true, Want: failed(want, "gpt-5"),
	})
}

func TestEmbeddings(t *testing.T) {
	want := loopback.Want{
		Name: "Client.CreateEmbeddings", Model: "text-embedding-3-small", Provider: "openai", Tags: []string{"openai"},
		Input: `{"input":["a","b"]}`, Output: `{"embeddings":1,"dimensions":3}`,
		Usage: map[string]int{"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "original_usage.prompt_tokens": 9, "original_usage.total_tokens": 9},
	}
	sdk.Run(t, func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateEmbeddings(ctx, openai.EmbeddingRequestStrings{Model: "text-embedding-3-small", Input: []string{"a", "b"}})
	}, loopback.Case{
		Name: "one", Want: want,
		Answer: loopback.Answer{Body: `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2,0.3]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":9,"total_tokens":9}}`},
	}, loopback.Case{Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "text-embedding-3-small")})
}

func TestImages(t *testing.T) {
	want := loopback.Want{
		Name: "Client.CreateImage", Model: "gpt-image-1", Provider: "openai", Tags: []string{"openai"},
		Input: `{"prompt":"a bridge"}`, Output: `{"data":[{"url":"http://example.com/1.png"}]}`,
		Usage: map[string]int{
			"prompt_tokens": 50, "completion_tokens": 4160, "total_tokens": 4210,
			"original_usage.input_tokens": 50, "original_usage.output_tokens": 4160, "original_usage.total_tokens": 4210,
		},
		Metadata: map[string]any{"size": "1024x1024"},
	}
	sdk.Run(t, func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.CreateImage(ctx, openai.ImageRequest{Model: "gpt-image-1", Prompt: "a bridge", Size: "1024x1024"})
	}, loopback.Case{
		Name: "one", Want: want,
		Answer: loopback.Answer{Body: `{"created":1,"data":[{"url":"http://example.com/1.png"}],"usage":{"input_tokens":50,"output_tokens":4160,"total_tokens":4210}}`},
	}, loopback.Case{Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "gpt-image-1")})
}

func TestSpeech(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Type: "audio/mpeg", Body: "sound"})
	rec := opiktest.New(t)
	response, err := wrapped.TrackClient(newClient(server.URL)).CreateSpeech(rec.Context(), openai.CreateSpeechRequest{Model: "tts-1", Input: "Olá!", Voice: "alloy", Speed: 2})
	require.NoError(t, err)
	sound, err := io.ReadAll(response)
	require.NoError(t, err)
	require.NoError(t, response.Close())
	assert.Equal(t, "sound", string(sound), "the body was left to the caller")
	loopback.Want{
		Name: "Client.CreateSpeech", Model: "tts-1", Provider: "openai", Tags: []string{"openai"},
		Input: `{"input":"Olá!","voice":"alloy"}`, Metadata: map[string]any{"speed": 2},
		Usage: map[string]int{
			"prompt_tokens": 4, "completion_tokens": 0, "total_tokens": 4, "input_characters": 4, "original_usage.prompt_tokens": 4, "original_usage.completion_tokens": 0,
			"original_usage.total_tokens": 4, "original_usage.input_characters": 4,
		},
	}.Check(t, rec)
}
