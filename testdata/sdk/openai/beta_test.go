package openai_test

import (
	"context"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/pagination"
	"github.com/openai/openai-go/v3/packages/ssestream"

	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/openai"
)

type betaResponses interface {
	oneShot[openai.BetaResponseNewParams, *openai.BetaResponse]
	NewStreaming(ctx context.Context, params openai.BetaResponseNewParams, opts ...option.RequestOption) *ssestream.Stream[openai.BetaResponseStreamEventUnion]
	Compact(ctx context.Context, params openai.BetaResponseCompactParams, opts ...option.RequestOption) (*openai.BetaCompactedResponse, error)
}

var betaSDK = loopback.SDK[betaResponses]{
	Client: func(url string) betaResponses { client := newClient(url); return &client.Beta.Responses },
	Track: func(client betaResponses) betaResponses {
		return wrapped.TrackBetaResponseService(client.(*openai.BetaResponseService))
	},
}

var betaParams = openai.BetaResponseNewParams{
	Model: "gpt-5", Input: openai.BetaResponseNewParamsInputUnion{OfString: openai.String("Where is Lisbon?")},
	Instructions: openai.String("Be brief."), MaxOutputTokens: openai.Int(100), Betas: []string{"canary-header"},
}

// betaWant is responsesWant without the tools.
func betaWant(name string) loopback.Want {
	return responsesWant.With(func(w *loopback.Want) {
		w.Name = name
		delete(w.Metadata, "tools")
	})
}

func TestBetaResponses(t *testing.T) {
	want := betaWant("BetaResponseService.New")
	betaSDK.Run(t, func(ctx context.Context, api betaResponses, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, betaParams)
	}, loopback.Case{
		Name: "completed", Answer: loopback.Answer{Body: responseBody}, Want: want,
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: responsesFailed(want),
	})
	betaSDK.Run(t, func(ctx context.Context, api betaResponses, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.Compact(ctx, openai.BetaResponseCompactParams{
			Model: "gpt-5", Input: openai.BetaResponseCompactParamsInputUnion{OfString: openai.String("Where is Lisbon?")}, Instructions: openai.String("Be brief."),
		})
	}, loopback.Case{
		Name:   "compact",
		Answer: loopback.Answer{Body: `{"id":"resp_2","object":"response.compaction","created_at":1,"output":[` + messageItem + `],"usage":` + responseUsage + `}`},
		Want: want.With(func(w *loopback.Want) {
			w.Name, w.Model, w.Output, w.Metadata = "BetaResponseService.Compact", "gpt-5", `{"output":[`+messageItem+`]}`, map[string]any{"id": "resp_2"}
		}),
	})
}

func TestBetaResponsesStream(t *testing.T) {
	want := betaWant("BetaResponseService.NewStreaming")
	partial := func(how, failure string) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Output = `{"output":[{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[{"type":"output_text","text":"In ","annotations":[]}]}]}`
			w.Usage, w.Error, w.Metadata = nil, failure, map[string]any{"stream": loopback.Ended(4, how), "id": "resp_1", "status": "in_progress"}
		})
	}
	begun := loopback.Typed(responseEvents[:4]...)
	betaSDK.Run(t, func(ctx context.Context, api betaResponses, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, betaParams), h, cancel)
	}, loopback.Case{
		Name: "completed", Answer: loopback.Answer{Events: loopback.Typed(responseEvents...)},
		Want: want.With(func(w *loopback.Want) { w.Metadata["stream"] = loopback.Ended(7, "") }),
	}, loopback.Case{
		Name: "left early", Answer: loopback.Answer{Events: begun, Hang: true}, How: loopback.How{Break: 4}, Want: partial("closed", ""),
	}, loopback.Case{
		Name: "cancelled", Answer: loopback.Answer{Events: begun, Hang: true}, How: loopback.How{Cancel: 4}, Fails: true,
		Want: partial("error", "*errors.errorString"),
	}, loopback.Case{
		Name: "error before the stream", Answer: serverError, Fails: true, Want: responsesFailed(want),
	}, loopback.Case{
		Name: "the connection breaks", Answer: loopback.Answer{Events: begun, Cut: true}, Fails: true, Want: partial("error", "*errors.errorString"),
	})
}

func TestDecisions(t *testing.T) {
	params := func() openai.DecisionNewParams {
		return openai.DecisionNewParams{Model: "gpt-6-luna", Input: openai.DecisionNewParamsInputUnion{OfString: openai.String("Olá!")}, PromptCacheKey: openai.String("k")}
	}
	service := func(c *openai.Client) *openai.DecisionService { return &c.Decisions }
	w := want("DecisionService.New", "gpt-6-luna-2026", `{"input":"Olá!"}`, `{"answers":[{"type":"predicate","value":true}]}`, map[string]int{
		"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, "original_usage.input_tokens": 9, "original_usage.output_tokens": 1, "original_usage.total_tokens": 10,
	})
	w.Metadata["prompt_cache_key"] = "k"
	runOnce(t, service, wrapped.TrackDecisionService, params, loopback.Case{
		Name: "one", Want: w, Answer: loopback.Answer{Body: `{"model":"gpt-6-luna-2026","answers":[{"type":"predicate","value":true}],"usage":{"input_tokens":9,"output_tokens":1,"total_tokens":10}}`},
	}, failedCall(w.With(func(w *loopback.Want) { w.Model = "gpt-6-luna" })))
}

type searches interface {
	Search(ctx context.Context, vectorStoreID string, body openai.VectorStoreSearchParams, opts ...option.RequestOption) (*pagination.Page[openai.VectorStoreSearchResponse], error)
}

func TestSearch(t *testing.T) {
	sdk := loopback.SDK[searches]{
		Client: func(url string) searches { client := newClient(url); return &client.VectorStores },
		Track: func(client searches) searches {
			return wrapped.TrackVectorStoreService(client.(*openai.VectorStoreService))
		},
	}
	found := `[{"file_id":"f1","filename":"cities.txt","score":0.9,"attributes":null,"content":[{"type":"text","text":"Lisbon is in Portugal."}]}]`
	sdk.Run(t, func(ctx context.Context, api searches, _ loopback.How, _ context.CancelFunc) (any, error) {
		page, err := api.Search(ctx, "vs_1", openai.VectorStoreSearchParams{
			Query: openai.VectorStoreSearchParamsQueryUnion{OfString: openai.String("Lisbon")}, MaxNumResults: openai.Int(3),
		})
		if err != nil {
			return nil, err
		}
		return page.Data, nil
	}, loopback.Case{
		Name: "one", Answer: loopback.Answer{Body: `{"object":"vector_store.search_results.page","data":` + found + `,"has_more":false}`},
		Want: loopback.Want{
			Type: "tool", Name: "VectorStoreService.Search", Tags: []string{"openai"}, Input: `{"query":"Lisbon","limit":3}`, Output: `{"documents":` + found + `}`,
			Metadata: map[string]any{"vector_store_id": "vs_1"},
		},
	})
}

type variations interface {
	NewVariation(ctx context.Context, body openai.ImageNewVariationParams, opts ...option.RequestOption) (*openai.ImagesResponse, error)
}

func TestImageVariation(t *testing.T) {
	sdk := loopback.SDK[variations]{
		Client: func(url string) variations { client := newClient(url); return &client.Images },
		Track: func(client variations) variations {
			return wrapped.TrackImageService(client.(*openai.ImageService))
		},
	}
	w := want("ImageService.NewVariation", "dall-e-2", `{"n":2,"size":"256x256"}`, `{"data":[{"url":"http://example.com/1.png"}]}`, map[string]int{
		"prompt_tokens": 50, "completion_tokens": 4160, "total_tokens": 4210,
		"original_usage.input_tokens": 50, "original_usage.output_tokens": 4160, "original_usage.total_tokens": 4210,
	})
	w.Metadata["response_format"], w.Metadata["image"] = "url", nil
	answer := loopback.Answer{Body: `{"created":1,"data":[{"url":"http://example.com/1.png"}],"usage":{"input_tokens":50,"output_tokens":4160,"total_tokens":4210}}`}
	sdk.Run(t, func(ctx context.Context, api variations, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.NewVariation(ctx, openai.ImageNewVariationParams{
			Model: "dall-e-2", Image: strings.NewReader("PNG"), N: openai.Int(2), Size: "256x256", ResponseFormat: "url",
		})
	}, loopback.Case{Name: "two", Answer: answer, Want: w}, failedCall(w))
}
