package streams

import (
	"github.com/anthropics/anthropic-sdk-go"
	anthropicsse "github.com/anthropics/anthropic-sdk-go/packages/ssestream"
	"github.com/openai/openai-go/v3"
	openaisse "github.com/openai/openai-go/v3/packages/ssestream"
)

type (
	openaiStream = openaisse.Stream[openai.ChatCompletionChunk]
	claudeStream = anthropicsse.Stream[anthropic.MessageStreamEventUnion]
)
