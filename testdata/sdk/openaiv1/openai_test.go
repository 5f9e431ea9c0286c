package openaiv1_test

import (
	"context"
	"strings"
	"testing"

	"github.com/openai/openai-go"
	"github.com/openai/openai-go/option"
	"github.com/openai/openai-go/packages/ssestream"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/openaiv1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// chat is what the service of chat completions and its wrapper have in common.
type chat interface {
	New(ctx context.Context, body openai.ChatCompletionNewParams, opts ...option.RequestOption) (*openai.ChatCompletion, error)
	NewStreaming(ctx context.Context, body openai.ChatCompletionNewParams, opts ...option.RequestOption) *ssestream.Stream[openai.ChatCompletionChunk]
}

var sdk = loopback.SDK[chat]{
	Client: func(url string) chat {
		client := openai.NewClient(option.WithBaseURL(url), option.WithAPIKey(loopback.Key), option.WithMaxRetries(0))
		return &client.Chat.Completions
	},
	Track: func(client chat) chat {
		return wrapped.TrackChatCompletionService(client.(*openai.ChatCompletionService))
	},
}

var params = openai.ChatCompletionNewParams{
	Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Where is Lisbon?")}, Temperature: openai.Float(0.5),
}

const usage = `{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4}}`

var want = loopback.Want{
	Name: "ChatCompletionService.New", Model: "gpt-4o-mini-2024-07-18", Provider: "openai", Tags: []string{"openai"},
	Input:  `{"messages":[{"role":"user","content":"Where is Lisbon?"}]}`,
	Output: `{"choices":[{"index":0,"message":{"role":"assistant","content":"In Portugal."},"finish_reason":"stop"}]}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5,
		"original_usage.total_tokens": 14, "original_usage.prompt_tokens_details.cached_tokens": 4,
	},
	Metadata: map[string]any{"id": "chatcmpl-1", "finish_reason": "stop", "temperature": 0.5},
}

func TestChat(t *testing.T) {
	sdk.Run(t, func(ctx context.Context, api chat, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, params)
	}, loopback.Case{
		Name: "text", Want: want,
		Answer: loopback.Answer{Body: `{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[` +
			`{"index":0,"message":{"role":"assistant","content":"In Portugal."},"finish_reason":"stop"}],"usage":` + usage + `}`},
	})
}

func chunk(choices, rest string) string {
	return `{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":` + choices + rest + `}`
}

func TestChatStream(t *testing.T) {
	sdk.Run(t, func(ctx context.Context, api chat, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, params), h, cancel)
	}, loopback.Case{
		Name: "text", Want: want.With(func(w *loopback.Want) { w.Name += "Streaming" }),
		Answer: loopback.Answer{Events: loopback.SSE(
			chunk(`[{"index":0,"delta":{"role":"assistant","content":"In "}}]`, ``), chunk(`[{"index":0,"delta":{"content":"Portugal."}}]`, ``),
			chunk(`[{"index":0,"delta":{},"finish_reason":"stop"}]`, ``), chunk(`[]`, `,"usage":`+usage), "[DONE]")},
	})
}

type variations interface {
	NewVariation(ctx context.Context, body openai.ImageNewVariationParams, opts ...option.RequestOption) (*openai.ImagesResponse, error)
}

func TestImageVariation(t *testing.T) {
	sdk := loopback.SDK[variations]{
		Client: func(url string) variations {
			client := openai.NewClient(option.WithBaseURL(url), option.WithAPIKey(loopback.Key), option.WithMaxRetries(0))
			return &client.Images
		},
		Track: func(client variations) variations {
			return wrapped.TrackImageService(client.(*openai.ImageService))
		},
	}
	sdk.Run(t, func(ctx context.Context, api variations, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.NewVariation(ctx, openai.ImageNewVariationParams{Model: "dall-e-2", Image: strings.NewReader("PNG"), N: openai.Int(2), Size: "256x256"})
	}, loopback.Case{
		Name: "two", Answer: loopback.Answer{Body: `{"created":1,"data":[{"url":"http://example.com/1.png"}]}`},
		Want: loopback.Want{
			Name: "ImageService.NewVariation", Model: "dall-e-2", Provider: "openai", Tags: []string{"openai"},
			Input: `{"n":2,"size":"256x256"}`, Output: `{"data":[{"url":"http://example.com/1.png"}]}`, Metadata: map[string]any{"image": nil},
		},
	})
}
