package sdk_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	wrappedanthropic "github.com/opikgen/opikgen/testdata/sdk/anthropic"
	wrappedopenai "github.com/opikgen/opikgen/testdata/sdk/openai"
)

// serve answers every request with server-sent events, and tells the body of the last request.
func serve(t *testing.T, events ...string) (url string, body *string) {
	t.Helper()
	body = new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		*body = string(sent)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, event := range events {
			_, _ = io.WriteString(w, event+"\n\n")
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, body
}

var chatEvents = []string{
	`data: {"id":"c1","model":"gpt-4o-mini-2024","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}`,
	`data: {"id":"c1","model":"gpt-4o-mini-2024","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}`,
	`data: {"id":"c1","model":"gpt-4o-mini-2024","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9,"prompt_tokens_details":{"cached_tokens":4}}}`,
	`data: [DONE]`,
}

// chunks reads a stream to its end.
func chunks[T interface{ RawJSON() string }](t *testing.T, stream interface {
	Next() bool
	Current() T
	Err() error
	Close() error
}) []string {
	t.Helper()
	var all []string
	for stream.Next() {
		all = append(all, stream.Current().RawJSON())
	}
	require.NoError(t, stream.Err())
	require.NoError(t, stream.Close())
	return all
}

func TestOpenAIStream(t *testing.T) {
	url, _ := serve(t, chatEvents...)
	client := openai.NewClient(openaioption.WithBaseURL(url), openaioption.WithAPIKey("none"))
	params := openai.ChatCompletionNewParams{Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hi")}}
	plain := chunks(t, client.Chat.Completions.NewStreaming(t.Context(), params))

	rec := opiktest.New(t)
	tracked := wrappedopenai.TrackChatCompletionService(&client.Chat.Completions)
	assert.Equal(t, plain, chunks(t, tracked.NewStreaming(rec.Context(), params)))
	span := rec.Traces()[0].Spans[0]
	assert.Equal(t, "gpt-4o-mini-2024", span.Model)
	assert.Equal(t, 7, span.Usage["prompt_tokens"])
	assert.Equal(t, 4, span.Usage["original_usage.prompt_tokens_details.cached_tokens"])
	assert.Contains(t, fmt.Sprint(span.Output), "Hello")
	assert.Nil(t, span.Error)

	off := tracked.NewStreaming(opik.WithClient(t.Context(), nil), params)
	assert.Equal(t, plain, chunks(t, off))
}

func TestOpenAIStreamLeftEarly(t *testing.T) {
	url, _ := serve(t, chatEvents...)
	client := openai.NewClient(openaioption.WithBaseURL(url), openaioption.WithAPIKey("none"))
	rec := opiktest.New(t)
	stream := wrappedopenai.TrackChatCompletionService(&client.Chat.Completions).NewStreaming(rec.Context(), openai.ChatCompletionNewParams{})
	require.True(t, stream.Next())
	require.NoError(t, stream.Close())
	span := rec.Traces()[0].Spans[0]
	assert.Equal(t, map[string]any{"elements": 1.0, "ended": "closed"}, span.Metadata["stream"])
	assert.Contains(t, fmt.Sprint(span.Output), "Hel")
}

func TestOpenAIStreamThatFailsToStart(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":{"message":"no such model"}}`, http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	client := openai.NewClient(openaioption.WithBaseURL(server.URL), openaioption.WithAPIKey("none"))
	rec := opiktest.New(t)
	stream := wrappedopenai.TrackChatCompletionService(&client.Chat.Completions).NewStreaming(rec.Context(), openai.ChatCompletionNewParams{})
	var failure *openai.Error
	require.ErrorAs(t, stream.Err(), &failure)
	span := rec.Traces()[0].Spans[0]
	require.NotNil(t, span.Error)
	assert.False(t, span.End.IsZero())
}

func TestOpenAIStreamWithUsage(t *testing.T) {
	url, body := serve(t, chatEvents...)
	client := openai.NewClient(openaioption.WithBaseURL(url), openaioption.WithAPIKey("none"))
	rec := opiktest.New(t)
	opts := make([]openaioption.RequestOption, 0, 4)
	got := chunks(t, wrappedopenai.TrackCounted(&client.Chat.Completions).NewStreaming(rec.Context(), openai.ChatCompletionNewParams{}, opts...))
	assert.Len(t, got, 2, "the chunk with the counts alone is kept back")
	assert.Contains(t, *body, `"include_usage":true`)
	assert.Nil(t, opts[:1][0], "the caller's options stay as they are")
	assert.Equal(t, 9, rec.Traces()[0].Spans[0].Usage["total_tokens"])
}

func TestAnthropicStream(t *testing.T) {
	url, _ := serve(t,
		event("message_start", `{"type":"message_start","message":{"id":"m1","model":"claude-x","role":"assistant","content":[],"usage":{"input_tokens":5,"cache_read_input_tokens":3,"output_tokens":1}}}`),
		event("content_block_start", `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`),
		event("content_block_delta", `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}`),
		event("content_block_stop", `{"type":"content_block_stop","index":0}`),
		event("message_delta", `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":6}}`),
		event("message_stop", `{"type":"message_stop"}`))
	client := anthropic.NewClient(anthropicoption.WithBaseURL(url), anthropicoption.WithAPIKey("none"))
	params := anthropic.MessageNewParams{Model: "claude-x", MaxTokens: 10}
	plain := chunks(t, client.Messages.NewStreaming(t.Context(), params))

	rec := opiktest.New(t)
	assert.Equal(t, plain, chunks(t, wrappedanthropic.TrackMessageService(&client.Messages).NewStreaming(rec.Context(), params)))
	span := rec.Traces()[0].Spans[0]
	assert.Equal(t, "claude-x", span.Model)
	assert.Equal(t, 8, span.Usage["prompt_tokens"])
	assert.Equal(t, 6, span.Usage["completion_tokens"])
	assert.Equal(t, "end_turn", span.Metadata["stop_reason"])
	assert.Contains(t, fmt.Sprint(span.Output), "Hello")
}

func event(name, data string) string {
	return strings.Join([]string{"event: " + name, "data: " + data}, "\n")
}

func TestStreamThatIsAbandoned(t *testing.T) {
	url, _ := serve(t, chatEvents...)
	client := openai.NewClient(openaioption.WithBaseURL(url), openaioption.WithAPIKey("none"))
	rec := opiktest.New(t)
	ctx, cancel := context.WithCancel(rec.Context())
	stream := wrappedopenai.TrackChatCompletionService(&client.Chat.Completions).NewStreaming(ctx, openai.ChatCompletionNewParams{})
	require.True(t, stream.Next())
	cancel()
	require.Eventually(t, func() bool {
		traces := rec.Traces()
		return len(traces) == 1 && !traces[0].Spans[0].End.IsZero()
	}, 5*time.Second, time.Millisecond)
	assert.Equal(t, "abandoned", rec.Traces()[0].Spans[0].Metadata["stream"].(map[string]any)["ended"])
}
