package anthropic_test

import (
	"context"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/ssestream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/anthropic"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(url string) anthropic.Client {
	return anthropic.NewClient(option.WithBaseURL(url), option.WithAPIKey(loopback.Key), option.WithMaxRetries(0))
}

// messages is what the service of messages and its wrapper have in common, also that of beta messages.
type messages[P, M, E any] interface {
	New(ctx context.Context, params P, opts ...option.RequestOption) (*M, error)
	NewStreaming(ctx context.Context, params P, opts ...option.RequestOption) *ssestream.Stream[E]
}

type (
	plainMessages = messages[anthropic.MessageNewParams, anthropic.Message, anthropic.MessageStreamEventUnion]
	betaMessages  = messages[anthropic.BetaMessageNewParams, anthropic.BetaMessage, anthropic.BetaRawMessageStreamEventUnion]
)

var plainSDK = loopback.SDK[plainMessages]{
	Client: func(url string) plainMessages { client := newClient(url); return &client.Messages },
	Track: func(client plainMessages) plainMessages {
		return wrapped.TrackMessageService(client.(*anthropic.MessageService))
	},
}

var betaSDK = loopback.SDK[betaMessages]{
	Client: func(url string) betaMessages { client := newClient(url); return &client.Beta.Messages },
	Track: func(client betaMessages) betaMessages {
		return wrapped.TrackBetaMessageService(client.(*anthropic.BetaMessageService))
	},
}

var plainParams = anthropic.MessageNewParams{
	Model: "claude-sonnet-4-5", MaxTokens: 100, Temperature: anthropic.Float(0.5),
	System:   []anthropic.TextBlockParam{{Text: "Be brief."}},
	Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Where is Lisbon?"))},
	Tools: []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{
		Name: "weather", InputSchema: anthropic.ToolInputSchemaParam{Properties: map[string]any{"city": map[string]any{"type": "string"}}},
	}}},
}

var betaParams = anthropic.BetaMessageNewParams{
	Model: "claude-sonnet-4-5", MaxTokens: 100, Temperature: anthropic.Float(0.5),
	System:   []anthropic.BetaTextBlockParam{{Text: "Be brief."}},
	Messages: []anthropic.BetaMessageParam{anthropic.NewBetaUserMessage(anthropic.NewBetaTextBlock("Where is Lisbon?"))},
	MCPServers: []anthropic.BetaRequestMCPServerURLDefinitionParam{{
		Name: "maps", URL: "http://mcp.example.com", AuthorizationToken: anthropic.String("canary-token"),
	}},
}

const (
	usage = `{"input_tokens":9,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,` +
		`"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":0},"output_tokens":15,"service_tier":"standard"}`
	thinking = `{"type":"thinking","thinking":"Hmm","signature":"abc"}`
	textPart = `{"type":"text","text":"In Portugal."}`
	toolPart = `{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Lisbon"}}`
)

func body(content, stop, usage string) string {
	return `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[` + content +
		`],"stop_reason":"` + stop + `","stop_sequence":null,"usage":` + usage + `}`
}

var plainWant = loopback.Want{
	Name: "MessageService.New", Model: "claude-sonnet-4-5-20250929", Provider: "anthropic", Tags: []string{"anthropic"},
	Input: `{"messages":[{"role":"user","content":[{"type":"text","text":"Where is Lisbon?"}]}],"system":[{"type":"text","text":"Be brief."}],
		"tools":[{"name":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]}`,
	Output: `{"content":[` + thinking + `,` + textPart + `]}`,
	Usage: map[string]int{
		"prompt_tokens": 129, "completion_tokens": 15, "total_tokens": 144,
		"original_usage.input_tokens": 9, "original_usage.output_tokens": 15,
		"original_usage.cache_read_input_tokens": 100, "original_usage.cache_creation_input_tokens": 20,
		"original_usage.cache_creation.ephemeral_5m_input_tokens": 20, "original_usage.cache_creation.ephemeral_1h_input_tokens": 0,
	},
	Metadata: map[string]any{
		"created_from": "anthropic", "id": "msg_1", "stop_reason": "end_turn", "model": "claude-sonnet-4-5", "max_tokens": 100, "temperature": 0.5,
		"tools": nil, "top_k": nil,
	},
}

var betaWant = plainWant.With(func(w *loopback.Want) {
	w.Name = "BetaMessageService.New"
	w.Input = `{"messages":[{"role":"user","content":[{"type":"text","text":"Where is Lisbon?"}]}],"system":[{"type":"text","text":"Be brief."}]}`
	w.Metadata = map[string]any{
		"id": "msg_1", "stop_reason": "end_turn", "betas": nil,
		"mcp_servers": []any{map[string]any{"name": "maps", "type": "url", "url": "http://mcp.example.com", "authorization_token": "[redacted]"}},
	}
})

func failed(want loopback.Want, failure string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Metadata = failure, "", nil, map[string]any{"id": nil, "stop_reason": nil}
		w.Model = "claude-sonnet-4-5"
	})
}

var overloaded = loopback.Answer{Status: 529, Body: `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`}

func testMessages[P, M, E any](t *testing.T, sdk loopback.SDK[messages[P, M, E]], params P, want loopback.Want) {
	call := func(ctx context.Context, api messages[P, M, E], _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, params)
	}
	sdk.Run(t, call, loopback.Case{
		Name:   "text",
		Answer: loopback.Answer{Body: body(thinking+`,`+textPart, "end_turn", usage)},
		Want:   want,
	}, loopback.Case{
		Name:   "tools",
		Answer: loopback.Answer{Body: body(toolPart, "tool_use", usage)},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Metadata = `{"content":[`+toolPart+`]}`, map[string]any{"stop_reason": "tool_use"}
		}),
	}, loopback.Case{
		Name:   "the least",
		Answer: loopback.Answer{Body: body(textPart, "max_tokens", `{"input_tokens":9,"output_tokens":15}`)},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Metadata = `{"content":[`+textPart+`]}`, map[string]any{"stop_reason": "max_tokens"}
			w.Usage = map[string]int{
				"prompt_tokens": 9, "completion_tokens": 15, "total_tokens": 24, "original_usage.input_tokens": 9, "original_usage.output_tokens": 15,
			}
		}),
	}, loopback.Case{
		Name:   "after a compaction",
		Answer: loopback.Answer{Body: body(textPart, "end_turn", `{"input_tokens":9,"output_tokens":15,"iterations":[{"type":"compaction","input_tokens":100,"output_tokens":50},{"type":"message","input_tokens":9,"output_tokens":15}]}`)},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Metadata = `{"content":[`+textPart+`]}`, nil
			w.Usage = map[string]int{
				"prompt_tokens": 109, "completion_tokens": 65, "total_tokens": 174, "original_usage.input_tokens": 9, "original_usage.output_tokens": 15,
			}
		}),
	}, loopback.Case{
		Name: "server error", Answer: overloaded, Fails: true, Want: failed(want, "*apierror.Error"),
	})
}

func TestMessages(t *testing.T)     { testMessages(t, plainSDK, plainParams, plainWant) }
func TestBetaMessages(t *testing.T) { testMessages(t, betaSDK, betaParams, betaWant) }

var events = []string{
	`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,` +
		`"stop_sequence":null,"usage":{"input_tokens":9,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,` +
		`"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"standard"}}}`,
	`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
	`{"type":"ping"}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hmm"}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"abc"}}`,
	`{"type":"content_block_stop","index":0}`,
	`{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"In "}}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Portugal."}}`,
	`{"type":"content_block_stop","index":1}`,
	`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}`,
	`{"type":"message_stop"}`,
}

var toolEvents = []string{
	events[0],
	`{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\"Lisbon\"}"}}`,
	`{"type":"content_block_stop","index":0}`,
	`{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":9,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":15}}`,
	events[11],
}

// left is what the span of a stream says whose end did not come.
func left(want loopback.Want, how, failure string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Output = `{"content":[` + thinking + `,{"type":"text","text":"In "}]}`
		w.Metadata = map[string]any{"stream": loopback.Ended(7, how), "id": "msg_1", "stop_reason": nil}
		w.Usage = map[string]int{
			"prompt_tokens": 129, "completion_tokens": 1, "total_tokens": 130,
			"original_usage.input_tokens": 9, "original_usage.output_tokens": 1,
			"original_usage.cache_read_input_tokens": 100, "original_usage.cache_creation_input_tokens": 20,
			"original_usage.cache_creation.ephemeral_5m_input_tokens": 20, "original_usage.cache_creation.ephemeral_1h_input_tokens": 0,
		}
		w.Error = failure
	})
}

func testStreams[P, M, E any](t *testing.T, sdk loopback.SDK[messages[P, M, E]], params P, want loopback.Want) {
	call := func(ctx context.Context, api messages[P, M, E], h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, params), h, cancel)
	}
	want.Name += "Streaming"
	sdk.Run(t, call, loopback.Case{
		Name:   "text",
		Answer: loopback.Answer{Events: loopback.Typed(events...)},
		Want:   want,
	}, loopback.Case{
		Name:   "tools",
		Answer: loopback.Answer{Events: loopback.Typed(toolEvents...)},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Metadata = `{"content":[`+toolPart+`]}`, map[string]any{"stop_reason": "tool_use", "stream": loopback.Ended(8, "")}
		}),
	}, loopback.Case{
		Name:   "left early",
		Answer: loopback.Answer{Events: loopback.Typed(events[:8]...), Hang: true},
		How:    loopback.How{Break: 7},
		Want:   left(want, "closed", ""),
	}, loopback.Case{
		Name:   "cancelled",
		Answer: loopback.Answer{Events: loopback.Typed(events[:8]...), Hang: true},
		How:    loopback.How{Cancel: 7},
		Fails:  true,
		Want:   left(want, "error", "*errors.errorString"),
	}, loopback.Case{
		Name:   "abandoned",
		Answer: loopback.Answer{Events: loopback.Typed(events[:8]...), Hang: true},
		How:    loopback.How{Abandon: 7},
		Want:   left(want, "abandoned", ""),
	}, loopback.Case{
		Name: "error before the stream", Answer: overloaded, Fails: true, Want: failed(want, "*apierror.Error"),
	}, loopback.Case{
		Name:   "error in the stream",
		Answer: loopback.Answer{Events: loopback.Typed(append(events[:8:8], `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`)...)},
		Fails:  true,
		Want:   left(want, "error", "*apierror.Error"),
	}, loopback.Case{
		Name:   "the connection breaks",
		Answer: loopback.Answer{Events: loopback.Typed(events[:8]...), Cut: true},
		Fails:  true,
		Want:   left(want, "error", "*errors.errorString"),
	})
}

func TestMessagesStream(t *testing.T)     { testStreams(t, plainSDK, plainParams, plainWant) }
func TestBetaMessagesStream(t *testing.T) { testStreams(t, betaSDK, betaParams, betaWant) }

// TestCountTokens is no call of a model.
func TestCountTokens(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: `{"input_tokens":9}`})
	client := newClient(server.URL)
	rec := opiktest.New(t)
	_, err := wrapped.TrackMessageService(&client.Messages).CountTokens(rec.Context(), anthropic.MessageCountTokensParams{Model: "claude-sonnet-4-5"})
	require.NoError(t, err)
	span := rec.Traces()[0].Spans[0]
	assert.Equal(t, "general", span.Type)
	assert.Empty(t, span.Usage)
}
