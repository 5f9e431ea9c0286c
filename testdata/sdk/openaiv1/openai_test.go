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
	"github.com/opikgen/opikgen/testdata/sdk/older"
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

func TestChat(t *testing.T) {
	sdk.Run(t, func(ctx context.Context, api chat, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, params)
	}, older.Chat)
}

func TestChatStream(t *testing.T) {
	sdk.Run(t, func(ctx context.Context, api chat, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, params), h, cancel)
	}, older.ChatStream)
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
	}, older.Variation)
}
