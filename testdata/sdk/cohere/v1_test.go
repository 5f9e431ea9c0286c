package cohere_test

import (
	"context"
	"testing"

	cohere "github.com/cohere-ai/cohere-go/v2"
	"github.com/cohere-ai/cohere-go/v2/client"
	"github.com/cohere-ai/cohere-go/v2/core"
	"github.com/cohere-ai/cohere-go/v2/option"

	wrapped "github.com/opikgen/opikgen/testdata/sdk/cohere"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

// olderV1 are the methods of the older API that are no chats.
type olderV1 interface {
	Embed(ctx context.Context, request *cohere.EmbedRequest, opts ...option.RequestOption) (*cohere.EmbedResponse, error)
	Rerank(ctx context.Context, request *cohere.RerankRequest, opts ...option.RequestOption) (*cohere.RerankResponse, error)
	Classify(ctx context.Context, request *cohere.ClassifyRequest, opts ...option.RequestOption) (*cohere.ClassifyResponse, error)
	Generate(ctx context.Context, request *cohere.GenerateRequest, opts ...option.RequestOption) (*cohere.Generation, error)
	GenerateStream(ctx context.Context, request *cohere.GenerateStreamRequest, opts ...option.RequestOption) (*core.Stream[cohere.GenerateStreamedResponse], error)
	Summarize(ctx context.Context, request *cohere.SummarizeRequest, opts ...option.RequestOption) (*cohere.SummarizeResponse, error)
}

var olderSDK = loopback.SDK[olderV1]{
	Client: func(url string) olderV1 {
		return client.NewClient(option.WithBaseURL(url), option.WithToken(loopback.Key), option.WithMaxAttempts(1))
	},
	Track: func(plain olderV1) olderV1 { return wrapped.TrackClientV1(plain.(*client.Client)) },
}

// older is what the span of a call says.
func older(name, model, input, output string) loopback.Want {
	return loopback.Want{
		Name: "Client." + name, Model: model, Provider: "cohere", Tags: []string{"cohere"}, Input: input, Output: output, Metadata: map[string]any{"created_from": "cohere"},
	}
}

var billed = map[string]int{
	"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "original_usage.billed_units.input_tokens": 9,
}

func TestEmbedV1(t *testing.T) {
	call := func(types ...cohere.EmbeddingType) loopback.Call[olderV1] {
		return func(ctx context.Context, c olderV1, _ loopback.How, _ context.CancelFunc) (any, error) {
			return c.Embed(ctx, &cohere.EmbedRequest{Model: pointer("embed-v3"), Texts: []string{"a", "b"}, EmbeddingTypes: types})
		}
	}
	want := older("Embed", "embed-v3", `{"texts":["a","b"]}`, `{"embeddings":2,"dimensions":3}`)
	want.Usage = billed
	olderSDK.Run(t, call(), loopback.Case{
		Name: "floats", Want: want,
		Answer: loopback.Answer{Body: `{"id":"e1","response_type":"embeddings_floats","embeddings":[[0.1,0.2,0.3],[0.1,0.2,0.3]],"texts":["a","b"],"meta":{"billed_units":{"input_tokens":9}}}`},
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: want.With(func(w *loopback.Want) { w.Error, w.Usage, w.Output = "*api.NotFoundError", nil, "" }),
	})
	olderSDK.Run(t, call(cohere.EmbeddingTypeInt8), loopback.Case{
		Name:   "by type",
		Answer: loopback.Answer{Body: `{"id":"e1","response_type":"embeddings_by_type","embeddings":{"int8":[[1,2],[3,4]]},"texts":["a","b"],"meta":{"billed_units":{"input_tokens":9}}}`},
		Want:   want.With(func(w *loopback.Want) { w.Output = `{"embeddings":2}` }),
	})
}

func TestRankV1(t *testing.T) {
	want := older("Rerank", "rerank-v3", `{"query":"Where is Lisbon?","documents":["In Portugal."]}`, `{"results":[{"index":0,"relevance_score":0.9}]}`)
	want.Metadata["id"], want.Metadata["top_n"], want.Metadata["billed_units"] = "r1", 1, map[string]any{"search_units": 1}
	olderSDK.Run(t, func(ctx context.Context, c olderV1, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Rerank(ctx, &cohere.RerankRequest{
			Model: pointer("rerank-v3"), Query: "Where is Lisbon?", Documents: []*cohere.RerankRequestDocumentsItem{{String: "In Portugal."}}, TopN: pointer(1),
		})
	}, loopback.Case{
		Name: "one", Want: want, Answer: loopback.Answer{Body: `{"id":"r1","results":[{"index":0,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":1}}}`},
	})
}

func TestClassifyV1(t *testing.T) {
	found := `[{"id":"c1","input":"Olá!","prediction":"pt","predictions":["pt"],"confidence":0.9,"confidences":[0.9],"labels":{},"classification_type":"single-label"}]`
	want := older("Classify", "embed-v3", `{"inputs":["Olá!"],"examples":[{"text":"Bom dia","label":"pt"}]}`, `{"classifications":`+found+`}`)
	want.Metadata["id"], want.Metadata["billed_units"] = "k1", map[string]any{"classifications": 1}
	olderSDK.Run(t, func(ctx context.Context, c olderV1, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Classify(ctx, &cohere.ClassifyRequest{
			Model: pointer("embed-v3"), Inputs: []string{"Olá!"}, Examples: []*cohere.ClassifyExample{{Text: pointer("Bom dia"), Label: pointer("pt")}},
		})
	}, loopback.Case{
		Name: "one", Want: want, Answer: loopback.Answer{Body: `{"id":"k1","classifications":` + found + `,"meta":{"billed_units":{"classifications":1}}}`},
	})
}

func TestGenerateV1(t *testing.T) {
	generations := `[{"id":"g2","text":"In Portugal."}]`
	want := older("Generate", "command", `{"prompt":"Where is Lisbon?"}`, `{"generations":`+generations+`}`)
	want.Metadata["id"], want.Metadata["max_tokens"] = "g1", 100
	want.Usage = map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14,
		"original_usage.billed_units.input_tokens": 9, "original_usage.billed_units.output_tokens": 5,
	}
	olderSDK.Run(t, func(ctx context.Context, c olderV1, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Generate(ctx, &cohere.GenerateRequest{Model: pointer("command"), Prompt: "Where is Lisbon?", MaxTokens: pointer(100)})
	}, loopback.Case{
		Name: "one", Want: want,
		Answer: loopback.Answer{Body: `{"id":"g1","prompt":"Where is Lisbon?","generations":` + generations + `,"meta":{"billed_units":{"input_tokens":9,"output_tokens":5}}}`},
	})
}

func TestGenerateStreamV1(t *testing.T) {
	lines := loopback.Lines(`{"event_type":"text-generation","text":"In ","is_finished":false}`, `{"event_type":"text-generation","text":"Portugal.","is_finished":false}`,
		`{"event_type":"stream-end","is_finished":true,"finish_reason":"COMPLETE","response":{"id":"g1","generations":[{"id":"g2","text":"In Portugal."}]}}`)
	answer := func(a loopback.Answer, lines ...string) loopback.Answer {
		a.Type, a.Events = "application/stream+json", lines
		return a
	}
	want := older("GenerateStream", "command", `{"prompt":"Where is Lisbon?"}`, `{"text":"In Portugal."}`)
	want.Metadata["id"], want.Metadata["finish_reason"], want.Metadata["stream"] = "g1", "COMPLETE", map[string]any{"elements": 3}
	olderSDK.Run(t, func(ctx context.Context, c olderV1, h loopback.How, cancel context.CancelFunc) (any, error) {
		s, err := c.GenerateStream(ctx, &cohere.GenerateStreamRequest{Model: pointer("command"), Prompt: "Where is Lisbon?"})
		if err != nil {
			return nil, err
		}
		return elements(loopback.Recv(s, h, cancel))
	}, loopback.Case{
		Name: "text", Answer: answer(loopback.Answer{}, lines...), Want: want,
	}, loopback.Case{
		Name: "left early", Answer: answer(loopback.Answer{Hang: true}, lines[:2]...), How: loopback.How{Break: 2},
		Want: want.With(func(w *loopback.Want) {
			w.Metadata = map[string]any{"id": nil, "stream": map[string]any{"elements": 2, "ended": "closed"}}
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want),
	})
}

func TestSummarizeV1(t *testing.T) {
	want := older("Summarize", "command", `{"text":"A long story."}`, `{"summary":"A story."}`)
	want.Metadata["id"], want.Usage = "s1", billed
	olderSDK.Run(t, func(ctx context.Context, c olderV1, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Summarize(ctx, &cohere.SummarizeRequest{Model: pointer("command"), Text: "A long story."})
	}, loopback.Case{
		Name: "one", Want: want, Answer: loopback.Answer{Body: `{"id":"s1","summary":"A story.","meta":{"billed_units":{"input_tokens":9}}}`},
	})
}
