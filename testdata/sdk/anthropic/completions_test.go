package anthropic_test

import (
	"context"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/ssestream"

	wrapped "github.com/opikgen/opikgen/testdata/sdk/anthropic"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

type completions interface {
	New(ctx context.Context, params anthropic.CompletionNewParams, opts ...option.RequestOption) (*anthropic.Completion, error)
	NewStreaming(ctx context.Context, params anthropic.CompletionNewParams, opts ...option.RequestOption) *ssestream.Stream[anthropic.Completion]
}

var completionsSDK = loopback.SDK[completions]{
	Client: func(url string) completions { client := newClient(url); return &client.Completions },
	Track: func(client completions) completions {
		return wrapped.TrackCompletionService(client.(*anthropic.CompletionService))
	},
}

var completionParams = anthropic.CompletionNewParams{Model: "claude-2.1", MaxTokensToSample: 100, Prompt: "Human: Hi", Betas: []anthropic.AnthropicBeta{"canary-beta"}}

func completion(text, reason string) string {
	return `{"type":"completion","id":"compl_1","completion":"` + text + `","stop_reason":` + reason + `,"model":"claude-2.1-x"}`
}

var completionWant = loopback.Want{
	Name: "CompletionService.New", Model: "claude-2.1-x", Provider: "anthropic", Tags: []string{"anthropic"},
	Input: `{"prompt":"Human: Hi"}`, Output: `{"completion":"Hello"}`,
	Metadata: map[string]any{"created_from": "anthropic", "id": "compl_1", "stop_reason": "stop_sequence", "max_tokens_to_sample": 100},
}

func completionFailed(want loopback.Want) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Model, w.Metadata = "*apierror.Error", "", "claude-2.1", map[string]any{"id": nil, "stop_reason": nil}
	})
}

func TestCompletions(t *testing.T) {
	completionsSDK.Run(t, func(ctx context.Context, api completions, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, completionParams)
	}, loopback.Case{
		Name: "text", Answer: loopback.Answer{Body: completion("Hello", `"stop_sequence"`)}, Want: completionWant,
	}, loopback.Case{
		Name: "server error", Answer: overloaded, Fails: true, Want: completionFailed(completionWant),
	})
}

func TestCompletionsStream(t *testing.T) {
	want := completionWant.With(func(w *loopback.Want) { w.Name = "CompletionService.NewStreaming" })
	events := loopback.Typed(completion("Hel", "null"), completion("lo", "null"), completion("", `"stop_sequence"`))
	left := func(how, failure string) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Output, w.Error = `{"completion":"Hel"}`, failure
			w.Metadata = map[string]any{"stream": map[string]any{"elements": 1, "ended": how}, "stop_reason": nil}
		})
	}
	completionsSDK.Run(t, func(ctx context.Context, api completions, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, completionParams), h, cancel)
	}, loopback.Case{
		Name: "text", Answer: loopback.Answer{Events: events}, Want: want.With(func(w *loopback.Want) { w.Metadata["stream"] = map[string]any{"elements": 3} }),
	}, loopback.Case{
		Name: "left early", Answer: loopback.Answer{Events: events[:1], Hang: true}, How: loopback.How{Break: 1}, Want: left("closed", ""),
	}, loopback.Case{
		Name: "cancelled", Answer: loopback.Answer{Events: events[:1], Hang: true}, How: loopback.How{Cancel: 1}, Fails: true, Want: left("error", "*errors.errorString"),
	}, loopback.Case{
		Name: "server error", Answer: overloaded, Fails: true, Want: completionFailed(want),
	})
}
