package langchain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
	"github.com/tmc/langchaingo/llms/openai"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/tools"
	"github.com/tmc/langchaingo/vectorstores"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/langchain"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func track(plain llms.Model) llms.Model { return wrapped.TrackModel(plain) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var openAI = loopback.SDK[llms.Model]{Track: track, Client: func(url string) llms.Model {
	return must(openai.New(openai.WithBaseURL(url), openai.WithToken(loopback.Key), openai.WithModel("gpt-4o-mini")))
}}

var claude = loopback.SDK[llms.Model]{Track: track, Client: func(url string) llms.Model {
	return must(anthropic.New(anthropic.WithBaseURL(url), anthropic.WithToken(loopback.Key)))
}}

const counts = `"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}`

const toolCall = `{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}}`

var want = loopback.Want{
	Name: "Model.GenerateContent", Model: "gpt-4o", Tags: []string{"langchaingo"},
	Input: `{"messages":[{"role":"human","text":"Where is Lisbon?"}]}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5, "original_usage.total_tokens": 14,
		"original_usage.prompt_tokens_details.cached_tokens": 4, "original_usage.completion_tokens_details.reasoning_tokens": 3,
	},
	Metadata: map[string]any{"created_from": "langchaingo", "temperature": 0.5, "finish_reason": "stop", "stream": nil},
}

// content makes a call, streamed or not. Its result is what came back and what the callback got.
func content(streamed bool) loopback.Call[llms.Model] {
	return func(ctx context.Context, m llms.Model, h loopback.How, cancel context.CancelFunc) (any, error) {
		var pieces []string
		options := []llms.CallOption{llms.WithModel("gpt-4o"), llms.WithTemperature(0.5)}
		if streamed {
			options = append(options, llms.WithStreamingFunc(func(_ context.Context, piece []byte) error {
				return loopback.Func(&pieces, h, cancel)(string(piece))
			}))
		}
		out, err := m.GenerateContent(ctx, []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "Where is Lisbon?")}, options...)
		return []any{out, pieces}, err
	}
}

// outputs compares the texts of the choices only: beside them is all that the provider said.
func outputs(t *testing.T, rec *opiktest.Recorder) string {
	t.Helper()
	output := rec.Traces()[0].Spans[0].Output
	var all []string
	for _, choice := range output["choices"].([]any) {
		all = append(all, choice.(map[string]any)["Content"].(string))
	}
	return strings.Join(all, "|")
}

func failed(want loopback.Want, failure string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Metadata = failure, "", nil, map[string]any{"finish_reason": nil}
	})
}

func chatted(message, finish string) loopback.Answer {
	return loopback.Answer{Body: `{"id":"c1","model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":` + message + `,"finish_reason":"` + finish + `"}],` + counts + `}`}
}

func choices(text, finish, calls string) string {
	return `{"choices":[{"Content":"` + text + `","StopReason":"` + finish + `","FuncCall":null,"ToolCalls":` + calls + `,"ReasoningContent":"",
		"GenerationInfo":{"CompletionAcceptedPredictionTokens":0,"CompletionAudioTokens":0,"CompletionReasoningTokens":3,"CompletionRejectedPredictionTokens":0,
		"CompletionTokens":5,"PromptAudioTokens":0,"PromptCachedTokens":4,"PromptTokens":9,"ReasoningTokens":3,"ThinkingContent":"","ThinkingTokens":3,"TotalTokens":14}}]}`
}

var serverError = loopback.Answer{Status: 400, Body: `{"error":{"message":"no such model","type":"invalid_request_error"}}`}

func TestGenerate(t *testing.T) {
	openAI.Run(t, content(false), loopback.Case{
		Name: "text", Answer: chatted(`{"role":"assistant","content":"In Portugal."}`, "stop"),
		Want: want.With(func(w *loopback.Want) { w.Output = choices("In Portugal.", "stop", "null") }),
	}, loopback.Case{
		Name: "tools", Answer: chatted(`{"role":"assistant","content":"","tool_calls":[`+toolCall+`]}`, "tool_calls"),
		Want: want.With(func(w *loopback.Want) {
			w.Output = strings.Replace(choices("", "tool_calls", `[{"type":"tool_call","tool_call":`+toolCall+`}]`), `"FuncCall":null`, `"FuncCall":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}`, 1)
			w.Metadata["finish_reason"] = "tool_calls"
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "*errors.errorString"),
	})
}

func piece(delta string) string {
	return `{"id":"c1","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":` + delta + `}]}`
}

var pieces = []string{
	piece(`{"role":"assistant","content":"In "}`), piece(`{"content":"Portugal."}`),
	`{"id":"c1","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
	`{"id":"c1","model":"gpt-4o-2024-08-06","choices":[],` + counts + `}`, `[DONE]`,
}

func TestGenerateStreamed(t *testing.T) {
	want := want.With(func(w *loopback.Want) { w.Metadata["stream"] = map[string]any{"elements": 3} })
	openAI.Run(t, content(true), loopback.Case{
		Name: "text", Answer: loopback.Answer{Events: loopback.SSE(pieces...)},
		Want: want.With(func(w *loopback.Want) { w.Output = choices("In Portugal.", "stop", "null") }),
	}, loopback.Case{
		Name: "the callback stops", Answer: loopback.Answer{Events: loopback.SSE(pieces[0])}, How: loopback.How{Break: 1}, Fails: true,
		Want: failed(want, "*errors.errorString"),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "*errors.errorString"),
	})
}

// thinking are callbacks for what a model thinks, and for what it says: those that are asked for.
func thinking(both bool, got *[]string) []llms.CallOption {
	options := []llms.CallOption{llms.WithStreamingReasoningFunc(func(_ context.Context, thought, piece []byte) error {
		*got = append(*got, string(thought)+"|"+string(piece))
		return nil
	})}
	if both {
		options = append(options, llms.WithStreamingFunc(func(_ context.Context, piece []byte) error {
			*got = append(*got, string(piece))
			return nil
		}))
	}
	return options
}

// TestReasoningStreamed follows both callbacks: each piece of each is an element.
func TestReasoningStreamed(t *testing.T) {
	want := want.With(func(w *loopback.Want) {
		w.Output = strings.Replace(choices("In Portugal.", "stop", "null"), `"ReasoningContent":""`, `"ReasoningContent":"Hm."`, 1)
		w.Output = strings.Replace(w.Output, `"ThinkingContent":""`, `"ThinkingContent":"Hm."`, 1)
	})
	events := loopback.SSE(append([]string{piece(`{"role":"assistant","reasoning_content":"Hm."}`)}, pieces...)...)
	for both, elements := range map[bool]int{false: 4, true: 8} {
		openAI.Run(t, func(ctx context.Context, m llms.Model, _ loopback.How, _ context.CancelFunc) (any, error) {
			var got []string
			options := append(thinking(both, &got), llms.WithModel("gpt-4o"), llms.WithTemperature(0.5))
			out, err := m.GenerateContent(ctx, []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "Where is Lisbon?")}, options...)
			return []any{out, got}, err
		}, loopback.Case{
			Name: fmt.Sprintf("both %t", both), Answer: loopback.Answer{Events: events},
			Want: want.With(func(w *loopback.Want) { w.Metadata["stream"] = map[string]any{"elements": elements} }),
		})
	}
}

// TestCancelled does not compare answers: whether it sees an error, depends in the SDK on which goroutine is first.
func TestCancelled(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Events: loopback.SSE(pieces[0]), Hang: true})
	rec := opiktest.New(t)
	ctx, cancel := context.WithCancel(rec.Context())
	_, err := content(true)(ctx, track(openAI.Client(server.URL)), loopback.How{Cancel: 1}, cancel)
	<-server.Left
	span := rec.Traces()[0].Spans[0]
	assert.False(t, span.End.IsZero())
	assert.Equal(t, err != nil, span.Error != nil)
}

// TestCountsOfBlocks has an answer of which every block repeats the counts.
func TestCountsOfBlocks(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: `{"id":"msg_1","type":"message","role":"assistant","model":"claude-3-opus","content":[{"type":"text","text":"Let me look."},
		{"type":"tool_use","id":"t1","name":"weather","input":{"city":"Lisbon"}}],"stop_reason":"tool_use","usage":{"input_tokens":9,"output_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":2}}`})
	rec := opiktest.New(t)
	_, err := content(false)(rec.Context(), track(claude.Client(server.URL)), loopback.How{}, nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{
		"prompt_tokens": 18, "completion_tokens": 5, "total_tokens": 23, "original_usage.input_tokens": 9, "original_usage.output_tokens": 5,
		"original_usage.cache_read_input_tokens": 7, "original_usage.cache_creation_input_tokens": 2,
	}, rec.Traces()[0].Spans[0].Usage)
	assert.Equal(t, "Let me look.|", outputs(t, rec))
}

func TestCall(t *testing.T) {
	call := func(ctx context.Context, m llms.Model, _ loopback.How, _ context.CancelFunc) (any, error) {
		return m.Call(ctx, "Where is Lisbon?", llms.WithModel("gpt-4o")) //nolint:staticcheck // deprecated, and in use
	}
	openAI.Run(t, call, loopback.Case{
		Name: "text", Answer: chatted(`{"role":"assistant","content":"In Portugal."}`, "stop"),
		Want: loopback.Want{Name: "Model.Call", Model: "gpt-4o", Tags: want.Tags, Input: `{"prompt":"Where is Lisbon?"}`, Output: `{"text":"In Portugal."}`},
	})
}

// memory is a vector store, an embedder and a tool.
type memory struct{ err error }

func (m memory) AddDocuments(context.Context, []schema.Document, ...vectorstores.Option) ([]string, error) {
	return nil, m.err
}

func (m memory) SimilaritySearch(context.Context, string, int, ...vectorstores.Option) ([]schema.Document, error) {
	return []schema.Document{{PageContent: "Lisbon is in Portugal.", Score: 0.5}}, m.err
}

func (m memory) EmbedDocuments(context.Context, []string) ([][]float32, error) {
	return [][]float32{{1, 2, 3}, {4, 5, 6}}, m.err
}

func (m memory) EmbedQuery(context.Context, string) ([]float32, error) {
	return []float32{1, 2, 3}, m.err
}
func (m memory) Name() string        { return "weather" }
func (m memory) Description() string { return "" }

func (m memory) Call(context.Context, string) (string, error) { return "sunny", m.err }

var (
	_ tools.Tool               = memory{}
	_ embeddings.Embedder      = memory{}
	_ vectorstores.VectorStore = memory{}
)

const documents = `{"documents":[{"PageContent":"Lisbon is in Portugal.","Metadata":null,"Score":0.5}]}`

// TestRest makes the calls that are not to models, or ask for vectors.
func TestRest(t *testing.T) {
	m := memory{}
	cases := map[string]struct {
		call func(ctx context.Context) (any, error)
		want loopback.Want
	}{
		"embed documents": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackEmbedder(m).EmbedDocuments(ctx, []string{"a", "b"})
			},
			loopback.Want{Name: "Embedder.EmbedDocuments", Input: `{"texts":["a","b"]}`, Output: `{"embeddings":2,"dimensions":3}`},
		},
		"embed query": {
			func(ctx context.Context) (any, error) { return wrapped.TrackEmbedder(m).EmbedQuery(ctx, "a") },
			loopback.Want{Name: "Embedder.EmbedQuery", Input: `{"text":"a"}`, Output: `{"dimensions":3}`},
		},
		"search": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackVectorStore(m).SimilaritySearch(ctx, "Lisbon", 3)
			},
			loopback.Want{Type: "tool", Name: "VectorStore.SimilaritySearch", Input: `{"query":"Lisbon","limit":3}`, Output: documents},
		},
		"retrieve": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackRetriever(vectorstores.ToRetriever(m, 3)).GetRelevantDocuments(ctx, "Lisbon")
			},
			loopback.Want{Type: "tool", Name: "Retriever.GetRelevantDocuments", Input: `{"query":"Lisbon"}`, Output: documents},
		},
		"tool": {
			func(ctx context.Context) (any, error) { return wrapped.TrackTool(m).Call(ctx, "Lisbon") },
			loopback.Want{Type: "tool", Name: "weather", Input: `{"input":"Lisbon"}`, Output: `{"output":"sunny"}`},
		},
		"tool that fails": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackTool(memory{errors.New("no connection")}).Call(ctx, "Lisbon")
			},
			loopback.Want{Type: "tool", Name: "weather", Input: `{"input":"Lisbon"}`, Output: `{"output":"sunny"}`, Error: "*errors.errorString"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			_, err := c.call(rec.Context())
			assert.Equal(t, c.want.Error != "", err != nil)
			c.want.Tags, c.want.Metadata = want.Tags, map[string]any{"created_from": "langchaingo"}
			c.want.Check(t, rec)
		})
	}
}
