package genai_test

import (
	"context"
	"iter"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/genai"

	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/genai"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("go.opencensus.io/stats/view.(*worker).start"))
}

func newClient(url string) *genai.Client {
	client, err := genai.NewClient(context.Background(), &genai.ClientConfig{
		APIKey: loopback.Key, Backend: genai.BackendGeminiAPI, HTTPClient: http.DefaultClient,
		HTTPOptions: genai.HTTPOptions{BaseURL: url, Headers: http.Header{"X-Secret": {"canary-header"}}},
	})
	if err != nil {
		panic(err)
	}
	return client
}

// models is what the service of models and its wrapper have in common.
type models interface {
	GenerateContent(ctx context.Context, model string, contents []*genai.Content, config *genai.GenerateContentConfig) (*genai.GenerateContentResponse, error)
	GenerateContentStream(ctx context.Context, model string, contents []*genai.Content, config *genai.GenerateContentConfig) iter.Seq2[*genai.GenerateContentResponse, error]
	EmbedContent(ctx context.Context, model string, contents []*genai.Content, config *genai.EmbedContentConfig) (*genai.EmbedContentResponse, error)
	GenerateImages(ctx context.Context, model string, prompt string, config *genai.GenerateImagesConfig) (*genai.GenerateImagesResponse, error)
}

var sdk = loopback.SDK[models]{
	Client: func(url string) models { return newClient(url).Models },
	Track:  func(client models) models { return wrapped.TrackModels(client.(*genai.Models)) },
}

// config is made anew for every call, because the SDK writes into it.
func config() *genai.GenerateContentConfig {
	return &genai.GenerateContentConfig{
		Temperature: genai.Ptr[float32](0.5), MaxOutputTokens: 100,
		SystemInstruction: genai.NewContentFromText("Be brief.", genai.RoleUser),
		HTTPOptions:       &genai.HTTPOptions{Headers: http.Header{"X-Secret": {"canary-header"}}},
	}
}

const (
	usage = `{"promptTokenCount":9,"candidatesTokenCount":2,"thoughtsTokenCount":5,"cachedContentTokenCount":4,"totalTokenCount":16,` +
		`"promptTokensDetails":[{"modality":"TEXT","tokenCount":9}]}`
	thought  = `{"text":"Hmm","thought":true}`
	toolPart = `{"functionCall":{"args":{"city":"Lisbon"},"name":"weather"}}`
)

func response(parts, finish, usage string) string {
	if finish != "" {
		finish = `,"finishReason":"` + finish + `"`
	}
	return `{"candidates":[{"content":{"parts":[` + parts + `],"role":"model"}` + finish +
		`}],"modelVersion":"models/gemini-2.5-flash-001","responseId":"r1","usageMetadata":` + usage + `}`
}

func output(parts, finish string) string {
	if finish != "" {
		finish = `,"finishReason":"` + finish + `"`
	}
	return `{"candidates":[{"content":{"parts":[` + parts + `],"role":"model"}` + finish + `}]}`
}

var contentWant = loopback.Want{
	Name: "Models.GenerateContent", Model: "gemini-2.5-flash-001", Provider: "google_ai", Tags: []string{"genai"},
	Input: `{"contents":[{"parts":[{"text":"Where is Lisbon?"}],"role":"user"}],"config":{"temperature":0.5,"maxOutputTokens":100,
		"systemInstruction":{"parts":[{"text":"Be brief."}],"role":"user"},"httpOptions":{}}}`,
	Output: output(thought+`,{"text":"In Portugal."}`, "STOP"),
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16,
		"original_usage.prompt_token_count": 9, "original_usage.candidates_token_count": 2, "original_usage.total_token_count": 16,
		"original_usage.thoughts_token_count": 5, "original_usage.cached_content_token_count": 4,
	},
	Metadata: map[string]any{"created_from": "genai", "id": "r1", "finish_reason": "STOP"},
}

func failed(want loopback.Want, failure string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Model, w.Metadata = failure, "", nil, "gemini-2.5-flash", map[string]any{"id": nil, "finish_reason": nil}
	})
}

var serverError = loopback.Answer{Status: 400, Body: `{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}`}

func TestGenerateContent(t *testing.T) {
	call := func(ctx context.Context, api models, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.GenerateContent(ctx, "gemini-2.5-flash", genai.Text("Where is Lisbon?"), config())
	}
	sdk.Run(t, call, loopback.Case{
		Name:   "text",
		Answer: loopback.Answer{Body: response(thought+`,{"text":"In Portugal."}`, "STOP", usage)},
		Want:   contentWant,
	}, loopback.Case{
		Name:   "tools",
		Answer: loopback.Answer{Body: response(toolPart, "STOP", usage)},
		Want:   contentWant.With(func(w *loopback.Want) { w.Output = output(toolPart, "STOP") }),
	}, loopback.Case{
		Name:   "tool use counts as input",
		Answer: loopback.Answer{Body: response(toolPart, "STOP", `{"promptTokenCount":9,"candidatesTokenCount":2,"toolUsePromptTokenCount":3,"totalTokenCount":14}`)},
		Want: contentWant.With(func(w *loopback.Want) {
			w.Output = output(toolPart, "STOP")
			w.Usage = map[string]int{
				"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 14,
				"original_usage.prompt_token_count": 9, "original_usage.candidates_token_count": 2, "original_usage.total_token_count": 14,
				"original_usage.tool_use_prompt_token_count": 3,
			}
		}),
	}, loopback.Case{
		Name:   "blocked",
		Answer: loopback.Answer{Body: `{"promptFeedback":{"blockReason":"SAFETY"},"modelVersion":"gemini-2.5-flash-001"}`},
		Want: contentWant.With(func(w *loopback.Want) {
			w.Output, w.Usage, w.Metadata = "", nil, map[string]any{"finish_reason": nil}
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(contentWant, "genai.APIError"),
	})
}

var chunks = []string{
	response(thought, "", `{"promptTokenCount":9,"totalTokenCount":9}`),
	response(`{"text":"In "}`, "", `{"promptTokenCount":9,"candidatesTokenCount":1,"thoughtsTokenCount":5,"totalTokenCount":15}`),
	response(`{"text":"Portugal."}`, "STOP", usage),
}

// left is what the span of a stream says whose end did not come.
func left(want loopback.Want, how, failure string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Output, w.Error = output(thought+`,{"text":"In "}`, ""), failure
		w.Metadata = map[string]any{"stream": loopback.Ended(2, how), "finish_reason": nil}
		w.Usage = map[string]int{
			"prompt_tokens": 9, "completion_tokens": 6, "total_tokens": 15,
			"original_usage.prompt_token_count": 9, "original_usage.candidates_token_count": 1, "original_usage.total_token_count": 15,
			"original_usage.thoughts_token_count": 5,
		}
	})
}

// streams are the cases of calls that are streamed.
func streams(want loopback.Want) []loopback.Case {
	return []loopback.Case{{
		Name: "text", Answer: loopback.Answer{Events: loopback.SSE(chunks...)},
		Want: want.With(func(w *loopback.Want) { w.Metadata["stream"] = loopback.Ended(3, "") }),
	}, {
		Name:   "tools",
		Answer: loopback.Answer{Events: loopback.SSE(response(toolPart, "", `{"promptTokenCount":9}`), response(toolPart, "STOP", usage))},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Metadata = output(toolPart+`,`+toolPart, "STOP"), map[string]any{"stream": loopback.Ended(2, "")}
		}),
	}, {
		Name: "left early", Answer: loopback.Answer{Events: loopback.SSE(chunks[:2]...), Hang: true}, How: loopback.How{Break: 2},
		Want: left(want, "closed", ""),
	}, {
		Name: "cancelled", Answer: loopback.Answer{Events: loopback.SSE(chunks[:2]...), Hang: true}, How: loopback.How{Cancel: 2}, Fails: true,
		Want: left(want, "error", "*errors.errorString"),
	}, {
		Name: "error before the stream", Answer: serverError, Fails: true, Want: failed(want, "genai.APIError"),
	}, {
		Name: "error in the stream", Fails: true,
		Answer: loopback.Answer{Events: append(loopback.SSE(chunks[:2]...), `{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}`+"\n\n")},
		Want:   left(want, "error", "genai.APIError"),
	}, {
		Name: "the connection breaks", Answer: loopback.Answer{Events: loopback.SSE(chunks[:2]...), Cut: true}, Fails: true,
		Want: left(want, "error", "*errors.errorString"),
	}}
}

func TestGenerateContentStream(t *testing.T) {
	sdk.Run(t, func(ctx context.Context, api models, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Seq2(api.GenerateContentStream(ctx, "gemini-2.5-flash", genai.Text("Where is Lisbon?"), config()), h, cancel)
	}, streams(contentWant.With(func(w *loopback.Want) { w.Name = "Models.GenerateContentStream" }))...)
}

// TestEveryRangeIsACall is as the SDK has it: each range over the sequence asks the model again.
func TestEveryRangeIsACall(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Events: loopback.SSE(chunks...)})
	rec := opiktest.New(t)
	seq := wrapped.TrackModels(newClient(server.URL).Models).GenerateContentStream(rec.Context(), "gemini-2.5-flash", genai.Text("Where is Lisbon?"), config())
	for range 2 {
		all, err := loopback.Seq2(seq, loopback.How{}, nil)
		require.NoError(t, err)
		assert.Len(t, all, 3)
	}
	assert.Len(t, server.Requests(), 2)
	spans := 0
	for _, trace := range rec.Traces() {
		spans += len(trace.Spans)
	}
	assert.Equal(t, 2, spans)
}

// chats is what a chat and its wrapper have in common.
type chats interface {
	Send(ctx context.Context, parts ...*genai.Part) (*genai.GenerateContentResponse, error)
	SendStream(ctx context.Context, parts ...*genai.Part) iter.Seq2[*genai.GenerateContentResponse, error]
}

// turn is a chat that is new for each call: a chat remembers what was said.
type turn struct{ chat func() chats }

func (c turn) Send(ctx context.Context, parts ...*genai.Part) (*genai.GenerateContentResponse, error) {
	return c.chat().Send(ctx, parts...)
}

func (c turn) SendStream(ctx context.Context, parts ...*genai.Part) iter.Seq2[*genai.GenerateContentResponse, error] {
	return c.chat().SendStream(ctx, parts...)
}

var chatSDK = loopback.SDK[chats]{
	Client: func(url string) chats {
		return turn{func() chats {
			chat, err := newClient(url).Chats.Create(context.Background(), "gemini-2.5-flash", config(), genai.Text("Hi"))
			if err != nil {
				panic(err)
			}
			return chat
		}}
	},
	Track: func(client chats) chats {
		return turn{func() chats { return wrapped.TrackChat(client.(turn).chat().(*genai.Chat)) }}
	},
}

var chatWant = contentWant.With(func(w *loopback.Want) {
	w.Name, w.Input = "Chat.Send", `{"contents":[{"text":"Where is Lisbon?"}],"history":[{"parts":[{"text":"Hi"}],"role":"user"}]}`
})

func TestChat(t *testing.T) {
	call := func(ctx context.Context, api chats, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.Send(ctx, genai.NewPartFromText("Where is Lisbon?"))
	}
	chatSDK.Run(t, call, loopback.Case{
		Name:   "text",
		Answer: loopback.Answer{Body: response(thought+`,{"text":"In Portugal."}`, "STOP", usage)},
		Want:   chatWant,
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true,
		Want: failed(chatWant, "genai.APIError").With(func(w *loopback.Want) { w.Model = "" }),
	})
}

func TestChatStream(t *testing.T) {
	cases := streams(chatWant.With(func(w *loopback.Want) { w.Name = "Chat.SendStream" }))
	for i := range cases {
		if cases[i].Name == "error before the stream" {
			cases[i].Want.Model = ""
		}
	}
	chatSDK.Run(t, func(ctx context.Context, api chats, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Seq2(api.SendStream(ctx, genai.NewPartFromText("Where is Lisbon?")), h, cancel)
	}, cases...)
}

func TestEmbedContent(t *testing.T) {
	want := loopback.Want{
		Name: "Models.EmbedContent", Model: "gemini-embedding-001", Provider: "google_ai", Tags: []string{"genai"},
		Input:  `{"contents":[{"parts":[{"text":"a"}],"role":"user"}]}`,
		Output: `{"embeddings":1,"dimensions":3}`,
	}
	sdk.Run(t, func(ctx context.Context, api models, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.EmbedContent(ctx, "gemini-embedding-001", genai.Text("a"), nil)
	}, loopback.Case{
		Name: "one", Answer: loopback.Answer{Body: `{"embeddings":[{"values":[0.1,0.2,0.3]}]}`}, Want: want,
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: want.With(func(w *loopback.Want) { w.Output, w.Error = "", "genai.APIError" }),
	})
}

// TestVertex names its provider in the directive.
func TestVertex(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: response(`{"text":"In Portugal."}`, "STOP", usage)})
	rec := opiktest.New(t)
	_, err := wrapped.TrackVertexModels(newClient(server.URL).Models).GenerateContent(rec.Context(), "gemini-2.5-flash", genai.Text("Where is Lisbon?"), nil)
	require.NoError(t, err)
	assert.Equal(t, "google_vertexai", rec.Traces()[0].Spans[0].Provider)
}
