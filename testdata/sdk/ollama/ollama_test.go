package ollama_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/ollama/ollama/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/opiktest"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/ollama"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(address string) *api.Client {
	base, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return api.NewClient(base, http.DefaultClient)
}

// client is what the client and its wrapper have in common.
type client interface {
	Chat(ctx context.Context, req *api.ChatRequest, fn api.ChatResponseFunc) error
	Generate(ctx context.Context, req *api.GenerateRequest, fn api.GenerateResponseFunc) error
	Embed(ctx context.Context, req *api.EmbedRequest) (*api.EmbedResponse, error)
}

var sdk = loopback.SDK[client]{
	Client: func(url string) client { return newClient(url) },
	Track:  func(plain client) client { return wrapped.TrackClient(plain.(*api.Client)) },
}

const (
	head     = `{"model":"llama3.2:latest","created_at":"2026-01-01T00:00:00Z",`
	counts   = `"done":true,"done_reason":"stop","total_duration":5000000000,"eval_duration":3000000000,"prompt_eval_count":9,"eval_count":5}`
	toolCall = `{"id":"call_1","function":{"index":0,"name":"weather","arguments":{"city":"Lisbon"}}}`
)

func piece(message string) string { return head + `"message":` + message + `,"done":false}` }

var pieces = []string{
	piece(`{"role":"assistant","content":"In "}`),
	piece(`{"role":"assistant","content":"Portugal."}`),
	head + `"message":{"role":"assistant","content":""},` + counts,
}

// ndjson is an answer of lines.
func ndjson(a loopback.Answer, lines ...string) loopback.Answer {
	a.Type, a.Events = "application/x-ndjson", loopback.Lines(lines...)
	return a
}

var chatWant = loopback.Want{
	Name: "Client.Chat", Model: "llama3.2:latest", Provider: "ollama", Tags: []string{"ollama"},
	Input:  `{"messages":[{"role":"user","content":"Where is Lisbon?"}]}`,
	Output: `{"message":{"role":"assistant","content":"In Portugal."}}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.prompt_eval_count": 9, "original_usage.eval_count": 5,
		"original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5,
	},
	Metadata: map[string]any{
		"created_from": "ollama", "finish_reason": "stop", "model": "llama3.2", "options": map[string]any{"temperature": 0.5}, "messages": nil,
		"stream": map[string]any{"elements": 3},
	},
}

var serverError = loopback.Answer{Status: 404, Body: `{"error":"model not found"}`}

func failed(want loopback.Want, failure string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Model, w.Metadata = failure, "", nil, "llama3.2", map[string]any{"finish_reason": nil}
	})
}

func left(want loopback.Want, failure string) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage = failure, `{"message":{"role":"assistant","content":"In "}}`, nil
		w.Metadata = map[string]any{"finish_reason": nil, "stream": map[string]any{"elements": 1, "ended": "error"}}
	})
}

// cutOff is what the span says of an answer whose end did not come. The SDK returns no error then.
var cutOff = chatWant.With(func(w *loopback.Want) {
	w.Output, w.Usage = `{"message":{"role":"assistant","content":"In "}}`, nil
	w.Metadata = map[string]any{"finish_reason": nil, "stream": map[string]any{"elements": 1}}
})

func TestChat(t *testing.T) {
	call := func(ctx context.Context, c client, h loopback.How, cancel context.CancelFunc) (any, error) {
		var all []api.ChatResponse
		err := c.Chat(ctx, &api.ChatRequest{
			Model: "llama3.2", Messages: []api.Message{{Role: "user", Content: "Where is Lisbon?"}}, Options: map[string]any{"temperature": 0.5},
		}, loopback.Func(&all, h, cancel))
		return all, err
	}
	sdk.Run(t, call, loopback.Case{
		Name: "streamed", Answer: ndjson(loopback.Answer{}, pieces...), Want: chatWant,
	}, loopback.Case{
		Name: "at once", Answer: ndjson(loopback.Answer{}, head+`"message":{"role":"assistant","content":"In Portugal."},`+counts),
		Want: chatWant.With(func(w *loopback.Want) { w.Metadata["stream"] = map[string]any{"elements": 1} }),
	}, loopback.Case{
		Name:   "tools and thoughts",
		Answer: ndjson(loopback.Answer{}, piece(`{"role":"assistant","content":"","thinking":"Hm"}`), piece(`{"role":"assistant","content":"","thinking":"m"}`), piece(`{"role":"assistant","content":"","tool_calls":[`+toolCall+`]}`), pieces[2]),
		Want: chatWant.With(func(w *loopback.Want) {
			w.Output = `{"message":{"role":"assistant","content":"","thinking":"Hmm","tool_calls":[` + toolCall + `]}}`
			w.Metadata["stream"] = map[string]any{"elements": 4}
		}),
	}, loopback.Case{
		Name: "the callback stops", Answer: ndjson(loopback.Answer{Hang: true}, pieces[:1]...), How: loopback.How{Break: 1}, Fails: true,
		Want: left(chatWant, "*errors.errorString"),
	}, loopback.Case{
		Name: "cancelled", Answer: ndjson(loopback.Answer{Hang: true}, pieces[:1]...), How: loopback.How{Cancel: 1}, Want: cutOff,
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(chatWant, "api.StatusError"),
	}, loopback.Case{
		Name: "error in the stream", Answer: ndjson(loopback.Answer{}, pieces[0], `{"error":"out of memory"}`), Fails: true,
		Want: left(chatWant, "*errors.errorString"),
	}, loopback.Case{
		Name: "the connection breaks", Answer: ndjson(loopback.Answer{Cut: true}, pieces[0]), Want: cutOff,
	})
}

func TestGenerate(t *testing.T) {
	call := func(ctx context.Context, c client, h loopback.How, cancel context.CancelFunc) (any, error) {
		var all []api.GenerateResponse
		err := c.Generate(ctx, &api.GenerateRequest{Model: "llama3.2", Prompt: "Where is Lisbon?", System: "Be brief."}, loopback.Func(&all, h, cancel))
		return all, err
	}
	want := chatWant.With(func(w *loopback.Want) {
		w.Name, w.Input, w.Output = "Client.Generate", `{"prompt":"Where is Lisbon?","system":"Be brief."}`, `{"response":"In Portugal.","thinking":"Hmm"}`
		w.Metadata = map[string]any{"finish_reason": "stop", "suffix": nil, "prompt": nil}
	})
	part := func(response string) string {
		return head + `"response":"` + response + `","thinking":"Hmm","done":false}`
	}
	sdk.Run(t, call, loopback.Case{
		Name: "streamed", Answer: ndjson(loopback.Answer{}, part("In "), head+`"response":"Portugal.",`+counts), Want: want,
	}, loopback.Case{
		Name: "the callback stops", Answer: ndjson(loopback.Answer{Hang: true}, part("In ")), How: loopback.How{Break: 1}, Fails: true,
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Usage, w.Error, w.Metadata = `{"response":"In ","thinking":"Hmm"}`, nil, "*errors.errorString", map[string]any{"finish_reason": nil}
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "api.StatusError"),
	})
	unprompted := func(ctx context.Context, c client, h loopback.How, cancel context.CancelFunc) (any, error) {
		var all []api.GenerateResponse
		err := c.Generate(ctx, &api.GenerateRequest{Model: "llama3.2", Prompt: "Where is Lisbon?"}, loopback.Func(&all, h, cancel))
		return all, err
	}
	sdk.Run(t, unprompted, loopback.Case{
		Name: "no system prompt", Answer: ndjson(loopback.Answer{}, part("In "), head+`"response":"Portugal.",`+counts),
		Want: want.With(func(w *loopback.Want) { w.Input, w.Metadata["system"] = `{"prompt":"Where is Lisbon?"}`, nil }),
	})
}

func TestEmbed(t *testing.T) {
	call := func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		return c.Embed(ctx, &api.EmbedRequest{Model: "llama3.2", Input: []string{"a", "b"}})
	}
	want := loopback.Want{
		Name: "Client.Embed", Model: "all-minilm", Provider: "ollama", Tags: []string{"ollama"},
		Input: `{"input":["a","b"]}`, Output: `{"embeddings":2,"dimensions":3}`,
		Usage: map[string]int{"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "original_usage.prompt_eval_count": 9},
	}
	sdk.Run(t, call, loopback.Case{
		Name: "two", Want: want,
		Answer: loopback.Answer{Body: `{"model":"all-minilm","embeddings":[[0.1,0.2,0.3],[0.1,0.2,0.3]],"total_duration":5000000000,"prompt_eval_count":9}`},
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want, "api.StatusError"),
	})
}

func TestEmbeddings(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: `{"embedding":[0.1,0.2,0.3]}`})
	rec := opiktest.New(t)
	response, err := wrapped.TrackClient(newClient(server.URL)).Embeddings(rec.Context(), &api.EmbeddingRequest{Model: "all-minilm", Prompt: "a"})
	require.NoError(t, err)
	assert.Len(t, response.Embedding, 3)
	loopback.Want{
		Name: "Client.Embeddings", Model: "all-minilm", Provider: "ollama", Tags: []string{"ollama"}, Input: `{"prompt":"a"}`, Output: `{"dimensions":3}`,
	}.Check(t, rec)
}

// TestNilCallback leaves it to the SDK what becomes of a callback that is nil.
func TestNilCallback(t *testing.T) {
	server := loopback.New(t, serverError)
	rec := opiktest.New(t)
	err := wrapped.TrackClient(newClient(server.URL)).Chat(rec.Context(), &api.ChatRequest{Model: "llama3.2"}, nil)
	require.Error(t, err)
	assert.NotNil(t, rec.Traces()[0].Spans[0].Error)
}
