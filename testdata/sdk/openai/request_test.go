package openai_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"

	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/openai"
)

// TestRequestsThatAreSentOtherwise records what the server gets, and not the fields of the request.
func TestRequestsThatAreSentOtherwise(t *testing.T) {
	sent := `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Where is Lisbon?"}],"top_k":5}`
	answer := loopback.Answer{Body: chatHead + textChoice + `,"usage":` + chatUsage + `}`}
	w := chatWant.With(func(w *loopback.Want) {
		w.Metadata = map[string]any{"created_from": "openai", "model": "gpt-4o-mini", "top_k": 5, "messages": nil}
	})
	for name, params := range map[string]func() openai.ChatCompletionNewParams{
		"overridden": func() openai.ChatCompletionNewParams {
			return param.Override[openai.ChatCompletionNewParams](json.RawMessage(sent))
		},
		"set as JSON": func() openai.ChatCompletionNewParams {
			params := openai.ChatCompletionNewParams{Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("ignored")}}
			param.SetJSON([]byte(sent), &params)
			return params
		},
		"extended": func() openai.ChatCompletionNewParams {
			params := openai.ChatCompletionNewParams{Model: "gpt-4o-mini", Messages: chatParams.Messages}
			params.SetExtraFields(map[string]any{"top_k": 5})
			return params
		},
	} {
		call := func(ctx context.Context, api chat, _ loopback.How, _ context.CancelFunc) (any, error) {
			return api.New(ctx, params())
		}
		chatSDK.Run(t, call, loopback.Case{Name: name, Answer: answer, Want: w})
	}
}

func TestResponsesThatAreSentOtherwise(t *testing.T) {
	params := func() responses.ResponseNewParams {
		return param.Override[responses.ResponseNewParams](json.RawMessage(`{"model":"gpt-5","input":"Hi","instructions":"Be kind.","previous_response_id":"r"}`))
	}
	service := func(c *openai.Client) *responses.ResponseService { return &c.Responses }
	w := want("ResponseService.New", "gpt-5", `{"input":"Hi","instructions":"Be kind."}`, "", nil)
	w.Metadata["previous_response_id"] = "r"
	runOnce(t, service, wrapped.TrackResponseService, params, failedCall(w))
}

// TestProviderOfTheProgramsChoice wins over the preset, for plain calls and for streams.
func TestProviderOfTheProgramsChoice(t *testing.T) {
	sdk := chatSDK
	sdk.Track = func(client chat) chat {
		return wrapped.TrackChatCompletionService(client.(*openai.ChatCompletionService)).WithProvider("groq")
	}
	call := func(ctx context.Context, api chat, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, chatParams)
	}
	sdk.Run(t, call, loopback.Case{
		Name: "plain", Answer: loopback.Answer{Body: chatHead + textChoice + `,"usage":` + chatUsage + `}`},
		Want: chatWant.With(func(w *loopback.Want) { w.Provider = "groq" }),
	})
	streamed := func(ctx context.Context, api chat, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, chatParams), h, cancel)
	}
	sdk.Run(t, streamed, loopback.Case{
		Name: "streamed", Answer: loopback.Answer{Events: loopback.SSE(textChunks...)},
		Want: chatWant.With(func(w *loopback.Want) { w.Name, w.Provider = "ChatCompletionService.NewStreaming", "groq" }),
	})
}
