package openai_test

import (
	"context"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/openai"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(url string) openai.Client {
	return openai.NewClient(option.WithBaseURL(url), option.WithAPIKey(loopback.Key), option.WithMaxRetries(0))
}

// chat is what the service of chat completions and its wrapper have in common.
type chat interface {
	New(ctx context.Context, body openai.ChatCompletionNewParams, opts ...option.RequestOption) (*openai.ChatCompletion, error)
	NewStreaming(ctx context.Context, body openai.ChatCompletionNewParams, opts ...option.RequestOption) *ssestream.Stream[openai.ChatCompletionChunk]
}

var chatSDK = loopback.SDK[chat]{
	Client: func(url string) chat { client := newClient(url); return &client.Chat.Completions },
	Track: func(client chat) chat {
		return wrapped.TrackChatCompletionService(client.(*openai.ChatCompletionService))
	},
}

var chatParams = openai.ChatCompletionNewParams{
	Model:               "gpt-4o-mini",
	Messages:            []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Where is Lisbon?")},
	Temperature:         openai.Float(0.5),
	MaxCompletionTokens: openai.Int(100),
	Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
		Name: "weather", Parameters: openai.FunctionParameters{"type": "object"},
	})},
	StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
}

const (
	chatUsage = `{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},` +
		`"completion_tokens_details":{"reasoning_tokens":3}}`
	chatHead   = `{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini-2024-07-18","choices":`
	textChoice = `[{"index":0,"message":{"role":"assistant","content":"In Portugal.","refusal":null},"logprobs":null,"finish_reason":"stop"}]`
	toolChoice = `[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[` +
		`{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}},` +
		`{"id":"call_2","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Porto\"}"}}]},` +
		`"logprobs":null,"finish_reason":"tool_calls"}]`
)

// chatWant is what the span of a call that went well says.
var chatWant = loopback.Want{
	Name: "ChatCompletionService.New", Model: "gpt-4o-mini-2024-07-18", Provider: "openai", Tags: []string{"openai"},
	Input:  `{"messages":[{"role":"user","content":"Where is Lisbon?"}]}`,
	Output: `{"choices":` + textChoice + `}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14,
		"original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5, "original_usage.total_tokens": 14,
		"original_usage.prompt_tokens_details.cached_tokens": 4, "original_usage.prompt_tokens_details.audio_tokens": 0,
		"original_usage.completion_tokens_details.reasoning_tokens": 3,
	},
	Metadata: map[string]any{
		"created_from": "openai", "id": "chatcmpl-1", "finish_reason": "stop", "model": "gpt-4o-mini", "temperature": 0.5, "max_completion_tokens": 100,
		"tools":    []any{map[string]any{"type": "function", "function": map[string]any{"name": "weather", "parameters": map[string]any{"type": "object"}}}},
		"messages": nil, "top_p": nil,
	},
}

// failed is what the span of a call says that got no answer.
func failed(want loopback.Want, failure string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Metadata = failure, "", nil, map[string]any{"id": nil, "finish_reason": nil, "created_from": "openai"}
		w.Model = "gpt-4o-mini"
	})
}

func TestChat(t *testing.T) {
	call := func(ctx context.Context, api chat, _ loopback.How, cancel context.CancelFunc) (any, error) {
		return api.New(ctx, chatParams)
	}
	chatSDK.Run(t, call, loopback.Case{
		Name:   "text",
		Answer: loopback.Answer{Body: chatHead + textChoice + `,"usage":` + chatUsage + `}`},
		Want:   chatWant,
	}, loopback.Case{
		Name:   "tools",
		Answer: loopback.Answer{Body: chatHead + toolChoice + `,"usage":` + chatUsage + `}`},
		Want: chatWant.With(func(w *loopback.Want) {
			w.Output, w.Metadata = `{"choices":`+toolChoice+`}`, map[string]any{"finish_reason": "tool_calls"}
		}),
	}, loopback.Case{
		Name:   "without usage",
		Answer: loopback.Answer{Body: chatHead + textChoice + `}`},
		Want:   chatWant.With(func(w *loopback.Want) { w.Usage = nil }),
	}, loopback.Case{
		Name:   "without choices",
		Answer: loopback.Answer{Body: chatHead + `[]}`},
		Want: chatWant.With(func(w *loopback.Want) {
			w.Usage, w.Output, w.Metadata = nil, `{"choices":[]}`, map[string]any{"finish_reason": nil}
		}),
	}, loopback.Case{
		Name:   "server error",
		Answer: loopback.Answer{Status: 500, Body: `{"error":{"message":"overloaded","type":"server_error"}}`},
		Fails:  true,
		Want:   failed(chatWant, "*apierror.Error"),
	}, loopback.Case{
		Name:   "the answer breaks off",
		Answer: loopback.Answer{Type: "application/json", Events: []string{chatHead}, Cut: true},
		Fails:  true,
		Want:   failed(chatWant, "*errors.errorString"),
	})
}

func chunk(choices, rest string) string {
	return `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini-2024-07-18","choices":` + choices + rest + `}`
}

var textChunks = []string{
	chunk(`[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]`, `,"usage":null`),
	chunk(`[{"index":0,"delta":{"content":"In "},"logprobs":null,"finish_reason":null}]`, `,"usage":null,"obfuscation":"abc"`),
	chunk(`[{"index":0,"delta":{"content":"Portugal."},"logprobs":null,"finish_reason":null}]`, `,"usage":null`),
	chunk(`[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]`, `,"usage":null`),
	chunk(`[]`, `,"usage":`+chatUsage),
	`[DONE]`,
}

var toolChunks = []string{
	chunk(`[{"index":0,"delta":{"role":"assistant","content":null},"logprobs":null,"finish_reason":null}]`, ``),
	chunk(`[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]`, ``),
	chunk(`[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]`, ``),
	chunk(`[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Lisbon\"}"}}]},"finish_reason":null}]`, ``),
	chunk(`[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Porto\"}"}}]},"finish_reason":null}]`, ``),
	chunk(`[{"index":0,"delta":{},"finish_reason":"tool_calls"}]`, ``),
	chunk(`[]`, `,"usage":`+chatUsage),
	`[DONE]`,
}

func TestChatStream(t *testing.T) {
	call := func(ctx context.Context, api chat, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, chatParams), h, cancel)
	}
	want := chatWant.With(func(w *loopback.Want) { w.Name = "ChatCompletionService.NewStreaming" })
	partial := func(text, how string) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Output = `{"choices":[{"index":0,"message":{"role":"assistant","content":"` + text + `","refusal":null},"logprobs":null,"finish_reason":null}]}`
			w.Usage, w.Metadata = nil, map[string]any{"stream": loopback.Ended(2, how), "id": "chatcmpl-1", "finish_reason": nil}
		})
	}
	chatSDK.Run(t, call, loopback.Case{
		Name:   "text",
		Answer: loopback.Answer{Events: loopback.SSE(textChunks...)},
		Want:   want,
	}, loopback.Case{
		Name:   "tools",
		Answer: loopback.Answer{Events: loopback.SSE(toolChunks...)},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Metadata = `{"choices":`+toolChoice+`}`, map[string]any{"finish_reason": "tool_calls", "stream": loopback.Ended(7, "")}
		}),
	}, loopback.Case{
		Name:   "left early",
		Answer: loopback.Answer{Events: loopback.SSE(textChunks[:2]...), Hang: true},
		How:    loopback.How{Break: 2},
		Want:   partial("In ", "closed"),
	}, loopback.Case{
		Name:   "left after the finish reason",
		Answer: loopback.Answer{Events: loopback.SSE(textChunks...)},
		How:    loopback.How{Break: 4},
		Want: want.With(func(w *loopback.Want) {
			w.Usage, w.Metadata = nil, map[string]any{"stream": loopback.Ended(4, "closed"), "finish_reason": "stop"}
		}),
	}, loopback.Case{
		Name:   "cancelled",
		Answer: loopback.Answer{Events: loopback.SSE(textChunks[:2]...), Hang: true},
		How:    loopback.How{Cancel: 2},
		Fails:  true,
		Want:   partial("In ", "error").With(func(w *loopback.Want) { w.Error = "*errors.errorString" }),
	}, loopback.Case{
		Name:   "abandoned",
		Answer: loopback.Answer{Events: loopback.SSE(textChunks[:2]...), Hang: true},
		How:    loopback.How{Abandon: 2},
		Want:   partial("In ", "abandoned"),
	}, loopback.Case{
		Name:   "error before the stream",
		Answer: loopback.Answer{Status: 401, Body: `{"error":{"message":"no key","code":"invalid_api_key"}}`},
		Fails:  true,
		Want:   failed(want, "*apierror.Error"),
	}, loopback.Case{
		Name:   "error in the stream",
		Answer: loopback.Answer{Events: loopback.SSE(append(textChunks[:2:2], `{"error":{"message":"overloaded","type":"server_error"}}`)...)},
		Fails:  true,
		Want:   partial("In ", "error").With(func(w *loopback.Want) { w.Error = "*ssestream.StreamError" }),
	}, loopback.Case{
		Name:   "the connection breaks",
		Answer: loopback.Answer{Events: loopback.SSE(textChunks[:2]...), Cut: true},
		Fails:  true,
		Want:   partial("In ", "error").With(func(w *loopback.Want) { w.Error = "*errors.errorString" }),
	})
}
