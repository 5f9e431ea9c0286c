package eino_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/cloudwego/eino-ext/components/model/openai"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/schema"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/eino"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

// gpt is the model of eino's own components that speaks to OpenAI.
var gpt = loopback.SDK[model.ToolCallingChatModel]{Client: newGPT, Track: func(plain model.ToolCallingChatModel) model.ToolCallingChatModel { return wrapped.TrackModel(plain) }}

func newGPT(url string) model.ToolCallingChatModel {
	m, err := openai.NewChatModel(context.Background(), &openai.ChatModelConfig{BaseURL: url, APIKey: loopback.Key, Model: "gpt-4o-mini"})
	if err != nil {
		panic(err)
	}
	return m
}

const (
	gptUsage = `,"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}`
	gptTools = `[{"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}}]`
)

func gptAnswer(message, finish string) loopback.Answer {
	return loopback.Answer{Body: `{"id":"c1","model":"gpt-4o-2024","choices":[{"index":0,"message":` + message + `,"finish_reason":"` + finish + `"}]` + gptUsage + `}`}
}

// gptWant is what the span of an answer says. Of a streamed answer the component does not tell the reasoning tokens.
func gptWant(name, message, finish string) loopback.Want {
	details := `{"reasoning_tokens":3}`
	if name == "Stream" {
		details = `{}`
	}
	return want.With(func(w *loopback.Want) {
		w.Name, w.Metadata["finish_reason"], w.Usage = "ToolCallingChatModel."+name, finish, maps.Clone(w.Usage)
		w.Output = `{"message":{"role":"assistant",` + message + `,"response_meta":{"finish_reason":"` + finish + `","usage":{"prompt_tokens":9,"prompt_token_details":{"cached_tokens":4},` +
			`"completion_tokens":5,"total_tokens":14,"completion_token_details":` + details + `}},"extra":{"openai-request-id":"c1"}}}`
		if name == "Stream" {
			delete(w.Usage, "original_usage.completion_tokens_details.reasoning_tokens")
		}
	})
}

// gptFailed is what the span of a call says that got no answer.
func gptFailed(name string) loopback.Want {
	return failed(gptWant(name, "", "")).With(func(w *loopback.Want) { w.Error = "*openai.APIError" })
}

func TestGPT(t *testing.T) {
	gpt.Run(t, func(ctx context.Context, m model.ToolCallingChatModel, _ loopback.How, _ context.CancelFunc) (any, error) {
		return m.Generate(ctx, question, options...)
	}, loopback.Case{
		Name: "text", Answer: gptAnswer(`{"role":"assistant","content":"In Portugal."}`, "stop"),
		Want: gptWant("Generate", `"content":"In Portugal."`, "stop"),
	}, loopback.Case{
		Name: "server error", Answer: loopback.Answer{Status: 400, Body: `{"error":{"message":"no such model"}}`}, Fails: true, Want: gptFailed("Generate"),
	})
}

// weather is a tool that the model may call.
var weather = &schema.ToolInfo{
	Name: "weather", Desc: "Tells the weather.", ParamsOneOf: schema.NewParamsOneOfByParams(map[string]*schema.ParameterInfo{"city": {Type: schema.String}}),
}

// TestGPTWithTools calls the model that WithTools returns, which is wrapped as well.
func TestGPTWithTools(t *testing.T) {
	gpt.Run(t, func(ctx context.Context, m model.ToolCallingChatModel, _ loopback.How, _ context.CancelFunc) (any, error) {
		with, err := m.WithTools([]*schema.ToolInfo{weather})
		if err != nil {
			return nil, err
		}
		return with.Generate(ctx, question, options...)
	}, loopback.Case{
		Name: "tools", Answer: gptAnswer(`{"role":"assistant","content":"","tool_calls":`+gptTools+`}`, "tool_calls"),
		Want: gptWant("Generate", `"content":"","tool_calls":`+gptTools, "tool_calls"),
	})
}

func gptChunk(delta, finish string) string {
	return `{"id":"c1","model":"gpt-4o-2024","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}]}`
}

func TestGPTStream(t *testing.T) {
	events := loopback.SSE(gptChunk(`{"role":"assistant","content":"In "}`, "null"), gptChunk(`{"content":"Portugal."}`, "null"),
		gptChunk(`{}`, `"stop"`), `{"id":"c1","model":"gpt-4o-2024","choices":[]`+gptUsage+`}`, "[DONE]")
	tools := loopback.SSE(gptChunk(`{"role":"assistant","tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"weather","arguments":""}}]}`, "null"),
		gptChunk(`{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}`, "null"), gptChunk(`{"tool_calls":[{"index":0,"function":{"arguments":"\"Lisbon\"}"}}]}`, "null"),
		gptChunk(`{}`, `"tool_calls"`), `{"id":"c1","model":"gpt-4o-2024","choices":[]`+gptUsage+`}`, "[DONE]")
	gpt.Run(t, stream, loopback.Case{
		Name: "text", Answer: loopback.Answer{Events: events}, Want: gptWant("Stream", `"content":"In Portugal."`, "stop"),
	}, loopback.Case{
		Name: "tools", Answer: loopback.Answer{Events: tools}, Want: gptWant("Stream", `"content":"","tool_calls":`+strings.Replace(gptTools, `{"id"`, `{"index":0,"id"`, 1), "tool_calls"),
	}, loopback.Case{
		Name: "cancelled", Answer: loopback.Answer{Events: events[:1], Hang: true}, How: loopback.How{Cancel: 1}, Fails: true,
		Want: gptWant("Stream", "", "").With(func(w *loopback.Want) {
			w.Output = `{"message":{"role":"assistant","content":"In ","response_meta":{},"extra":{"openai-request-id":"c1"}}}`
			w.Error, w.Usage, w.Metadata = "*errors.errorString", nil, map[string]any{"finish_reason": nil}
		}),
	}, loopback.Case{
		Name: "server error", Answer: loopback.Answer{Status: 400, Body: `{"error":{"message":"no such model"}}`}, Fails: true, Want: gptFailed("Stream"),
	})
}

// TestGPTLeftEarly is told of it when the next piece comes, as without tracing.
func TestGPTLeftEarly(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Events: loopback.SSE(gptChunk(`{"content":"In "}`, "null"), gptChunk(`{"content":"Por"}`, "null"), gptChunk(`{"content":"tugal."}`, "null"))})
	rec := opiktest.New(t)
	r, err := gpt.Track(newGPT(server.URL)).Stream(rec.Context(), question, options...)
	require.NoError(t, err)
	all, err := read(r, loopback.How{Break: 1}, nil)
	require.NoError(t, err)
	require.Equal(t, "In ", all[0].Content)
	require.Eventually(t, func() bool { return len(rec.Traces()) > 0 && !rec.Traces()[0].Spans[0].End.IsZero() }, 5e9, 1e6)
	require.Equal(t, "closed", rec.Traces()[0].Spans[0].Metadata["stream"].(map[string]any)["ended"])
}
