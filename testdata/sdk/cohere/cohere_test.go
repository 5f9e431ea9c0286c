package cohere_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	cohere "github.com/cohere-ai/cohere-go/v2"
	"github.com/cohere-ai/cohere-go/v2/client"
	"github.com/cohere-ai/cohere-go/v2/core"
	"github.com/cohere-ai/cohere-go/v2/option"
	v2 "github.com/cohere-ai/cohere-go/v2/v2"
	"go.uber.org/goleak"

	wrapped "github.com/opikgen/opikgen/testdata/sdk/cohere"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type api interface {
	Chat(ctx context.Context, request *cohere.V2ChatRequest, opts ...option.RequestOption) (*cohere.V2ChatResponse, error)
	ChatStream(ctx context.Context, request *cohere.V2ChatStreamRequest, opts ...option.RequestOption) (*core.Stream[cohere.V2ChatStreamResponse], error)
	Embed(ctx context.Context, request *cohere.V2EmbedRequest, opts ...option.RequestOption) (*cohere.EmbedByTypeResponse, error)
	Rerank(ctx context.Context, request *cohere.V2RerankRequest, opts ...option.RequestOption) (*cohere.V2RerankResponse, error)
}

var sdk = loopback.SDK[api]{
	Client: func(url string) api {
		return v2.NewClient(option.WithBaseURL(url), option.WithToken(loopback.Key), option.WithMaxAttempts(1))
	},
	Track: func(plain api) api { return wrapped.TrackClient(plain.(*v2.Client)) },
}

const (
	usage    = `{"billed_units":{"input_tokens":4,"output_tokens":3},"tokens":{"input_tokens":9,"output_tokens":5}}`
	toolCall = `{"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}}`
)

var want = loopback.Want{
	Name: "Client.Chat", Model: "command-a", Provider: "cohere", Tags: []string{"cohere"},
	Input:  `{"messages":[{"role":"user","content":"Where is Lisbon?"}]}`,
	Output: `{"message":{"role":"assistant","content":[{"type":"text","text":"In Portugal."}]}}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.tokens.input_tokens": 9, "original_usage.tokens.output_tokens": 5,
		"original_usage.billed_units.input_tokens": 4, "original_usage.billed_units.output_tokens": 3,
	},
	Metadata: map[string]any{"created_from": "cohere", "id": "c1", "finish_reason": "COMPLETE", "model": "command-a", "temperature": 0.5, "messages": nil},
}

var serverError = loopback.Answer{Status: 404, Body: `{"message":"no such model"}`}

func failed(want loopback.Want) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Metadata = "*api.NotFoundError", "", nil, map[string]any{"finish_reason": nil}
	})
}

func messages() cohere.ChatMessages {
	return cohere.ChatMessages{{Role: "user", User: &cohere.UserMessageV2{Content: &cohere.UserMessageV2Content{String: "Where is Lisbon?"}}}}
}

func pointer[T any](v T) *T { return &v }

func TestChat(t *testing.T) {
	call := func(ctx context.Context, c api, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Chat(ctx, &cohere.V2ChatRequest{Model: "command-a", Messages: messages(), Temperature: pointer(0.5)})
	}
	sdk.Run(t, call, loopback.Case{
		Name: "text", Want: want,
		Answer: loopback.Answer{Body: `{"id":"c1","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"In Portugal."}]},"usage":` + usage + `}`},
	}, loopback.Case{
		Name:   "tools",
		Answer: loopback.Answer{Body: `{"id":"c1","finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_plan":"Look.","tool_calls":[` + toolCall + `]},"usage":` + usage + `}`},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Metadata["finish_reason"] = `{"message":{"role":"assistant","tool_plan":"Look.","tool_calls":[`+toolCall+`]}}`, "TOOL_CALL"
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want),
	})
}

// elements are compared by their JSON: the SDK keeps the very bytes beside it.
func elements[T any](all []T, err error) (any, error) {
	text, _ := json.Marshal(all)
	return string(text), err
}

var whole = []string{
	`{"type":"message-start","id":"c1","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}`,
	`{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}`,
	`{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"In "}}}}`,
	`{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Portugal."}}}}`,
	`{"type":"content-end","index":0}`,
	`{"type":"message-end","id":"c1","delta":{"finish_reason":"COMPLETE","usage":` + usage + `}}`,
}

// events writes events at once. The SDK takes the empty line behind one for an element, and fails, if nothing has come
// after it.
func events(all ...string) []string {
	return []string{strings.TrimSuffix(strings.Join(loopback.Typed(all...), ""), "\n")}
}

func TestChatStream(t *testing.T) {
	call := func(ctx context.Context, c api, h loopback.How, cancel context.CancelFunc) (any, error) {
		s, err := c.ChatStream(ctx, &cohere.V2ChatStreamRequest{Model: "command-a", Messages: messages(), Temperature: pointer(0.5)})
		if err != nil {
			return nil, err
		}
		return elements(loopback.Recv(s, h, cancel))
	}
	want := want.With(func(w *loopback.Want) {
		w.Name, w.Metadata["stream"] = "Client.ChatStream", map[string]any{"elements": 6}
	})
	left := func(ended, failure string) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Output, w.Usage, w.Error = `{"message":{"role":"assistant","content":[{"type":"text","text":"In "}]}}`, nil, failure
			w.Metadata = map[string]any{"finish_reason": nil, "stream": map[string]any{"elements": 3, "ended": ended}}
		})
	}
	sdk.Run(t, call, loopback.Case{
		Name: "text", Answer: loopback.Answer{Events: events(whole...)}, Want: want,
	}, loopback.Case{
		Name: "tools",
		Answer: loopback.Answer{Events: events(whole[0],
			`{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"Lo"}}}`,
			`{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"ok."}}}`,
			`{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"t1","type":"function","function":{"name":"weather","arguments":""}}}}}`,
			`{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"city\":"}}}}}`,
			`{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"\"Lisbon\"}"}}}}}`,
			`{"type":"tool-call-end","index":0}`, whole[5])},
		Want: want.With(func(w *loopback.Want) {
			w.Output = `{"message":{"role":"assistant","tool_plan":"Look.","tool_calls":[` + toolCall + `]}}`
			w.Metadata["stream"] = map[string]any{"elements": 8}
		}),
	}, loopback.Case{
		Name:   "an event that the SDK does not know",
		Answer: loopback.Answer{Events: events(append([]string{`{"type":"weather-start","index":0}`}, whole...)...)},
		Want:   want.With(func(w *loopback.Want) { w.Metadata["stream"] = map[string]any{"elements": 7} }),
	}, loopback.Case{
		Name: "left early", Answer: loopback.Answer{Events: events(whole[:3]...), Hang: true}, How: loopback.How{Break: 3}, Want: left("closed", ""),
	}, loopback.Case{
		Name: "cancelled", Answer: loopback.Answer{Events: events(whole[:3]...), Hang: true}, How: loopback.How{Cancel: 3}, Fails: true, Want: left("error", "*errors.errorString"),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want),
	}, loopback.Case{
		Name: "the connection breaks", Answer: loopback.Answer{Events: events(whole[:3]...), Cut: true}, Fails: true, Want: left("error", "*errors.errorString"),
	})
}

func TestEmbed(t *testing.T) {
	call := func(ctx context.Context, c api, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Embed(ctx, &cohere.V2EmbedRequest{Model: "embed-v4.0", Texts: []string{"a", "b"}, InputType: cohere.EmbedInputTypeSearchQuery})
	}
	sdk.Run(t, call, loopback.Case{
		Name:   "two",
		Answer: loopback.Answer{Body: `{"id":"e1","embeddings":{"float":[[0.1,0.2,0.3],[0.1,0.2,0.3]]},"texts":["a","b"],"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":9}}}`},
		Want: loopback.Want{
			Name: "Client.Embed", Model: "embed-v4.0", Provider: "cohere", Tags: []string{"cohere"}, Input: `{"texts":["a","b"]}`, Output: `{"embeddings":2,"dimensions":3}`,
			Usage: map[string]int{"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "original_usage.billed_units.input_tokens": 9},
		},
	})
}

func TestRerank(t *testing.T) {
	call := func(ctx context.Context, c api, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Rerank(ctx, &cohere.V2RerankRequest{Model: "rerank-v3.5", Query: "Where is Lisbon?", Documents: []string{"In Spain.", "In Portugal."}, TopN: pointer(1)})
	}
	sdk.Run(t, call, loopback.Case{
		Name:   "two",
		Answer: loopback.Answer{Body: `{"id":"r1","results":[{"index":1,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":1}}}`},
		Want: loopback.Want{
			Name: "Client.Rerank", Model: "rerank-v3.5", Provider: "cohere", Tags: []string{"cohere"},
			Input: `{"query":"Where is Lisbon?","documents":["In Spain.","In Portugal."]}`, Output: `{"results":[{"index":1,"relevance_score":0.9}]}`,
			Metadata: map[string]any{"id": "r1", "billed_units": map[string]any{"search_units": 1}, "top_n": 1},
		},
	})
}

type apiV1 interface {
	Chat(ctx context.Context, request *cohere.ChatRequest, opts ...option.RequestOption) (*cohere.NonStreamedChatResponse, error)
	ChatStream(ctx context.Context, request *cohere.ChatStreamRequest, opts ...option.RequestOption) (*core.Stream[cohere.StreamedChatResponse], error)
}

var sdkV1 = loopback.SDK[apiV1]{
	Client: func(url string) apiV1 {
		return client.NewClient(option.WithBaseURL(url), option.WithToken(loopback.Key), option.WithMaxAttempts(1))
	},
	Track: func(plain apiV1) apiV1 { return wrapped.TrackClientV1(plain.(*client.Client)) },
}

var wantV1 = want.With(func(w *loopback.Want) {
	w.Input, w.Output = `{"message":"Where is Lisbon?","chat_history":[{"role":"USER","message":"Hello"}],"preamble":"Be brief."}`, `{"text":"In Portugal."}`
	w.Metadata = map[string]any{"created_from": "cohere", "id": "g1", "finish_reason": "COMPLETE", "chat_history": nil}
})

const answerV1 = `{"text":"In Portugal.","generation_id":"g1","finish_reason":"COMPLETE","meta":` + usage + `}`

func TestChatV1(t *testing.T) {
	call := func(ctx context.Context, c apiV1, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Chat(ctx, &cohere.ChatRequest{
			Model: pointer("command-a"), Message: "Where is Lisbon?", Preamble: pointer("Be brief."), ChatHistory: []*cohere.Message{{Role: "USER", User: &cohere.ChatMessage{Message: "Hello"}}},
		})
	}
	sdkV1.Run(t, call, loopback.Case{
		Name: "text", Answer: loopback.Answer{Body: answerV1}, Want: wantV1,
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(wantV1),
	})
}

func TestChatStreamV1(t *testing.T) {
	call := func(ctx context.Context, c apiV1, h loopback.How, cancel context.CancelFunc) (any, error) {
		s, err := c.ChatStream(ctx, &cohere.ChatStreamRequest{
			Model: pointer("command-a"), Message: "Where is Lisbon?", Preamble: pointer("Be brief."), ChatHistory: []*cohere.Message{{Role: "USER", User: &cohere.ChatMessage{Message: "Hello"}}},
		})
		if err != nil {
			return nil, err
		}
		return elements(loopback.Recv(s, h, cancel))
	}
	lines := loopback.Lines(`{"event_type":"stream-start","generation_id":"g1","is_finished":false}`, `{"event_type":"text-generation","text":"In ","is_finished":false}`,
		`{"event_type":"text-generation","text":"Portugal.","is_finished":false}`, `{"event_type":"stream-end","finish_reason":"COMPLETE","is_finished":true,"response":`+answerV1+`}`)
	want := wantV1.With(func(w *loopback.Want) {
		w.Name, w.Metadata["stream"] = "Client.ChatStream", map[string]any{"elements": 4}
	})
	answer := func(a loopback.Answer, lines ...string) loopback.Answer {
		a.Type, a.Events = "application/stream+json", lines
		return a
	}
	sdkV1.Run(t, call, loopback.Case{
		Name: "text", Answer: answer(loopback.Answer{}, lines...), Want: want,
	}, loopback.Case{
		Name: "left early", Answer: answer(loopback.Answer{Hang: true}, lines[:2]...), How: loopback.How{Break: 2},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Usage, w.Metadata = `{"text":"In "}`, nil, map[string]any{"finish_reason": nil, "stream": map[string]any{"elements": 2, "ended": "closed"}}
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want),
	})
}
