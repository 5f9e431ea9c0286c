package mistral_test

import (
	"testing"
	"time"

	"github.com/gage-technologies/mistral-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/mistral"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type client interface {
	Chat(model string, messages []mistral.ChatMessage, params *mistral.ChatRequestParams) (*mistral.ChatCompletionResponse, error)
	ChatStream(model string, messages []mistral.ChatMessage, params *mistral.ChatRequestParams) (<-chan mistral.ChatCompletionStreamResponse, error)
	Embeddings(model string, input []string) (*mistral.EmbeddingResponse, error)
	FIM(params *mistral.FIMRequestParams) (*mistral.FIMCompletionResponse, error)
}

// record makes a client the one that calls without a context are recorded with.
func record(t *testing.T, c *opik.Client) {
	t.Helper()
	before := opik.SetDefault(c)
	t.Cleanup(func() { opik.SetDefault(before) })
}

// run makes each call three times, as [loopback.SDK] does.
func run(t *testing.T, call func(client) (any, error), cases ...loopback.Case) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			server := loopback.New(t, c.Answer)
			plain := mistral.NewMistralClient(loopback.Key, server.URL, 1, 10*time.Second)
			want, wantErr := call(plain)
			assert.Equal(t, c.Fails, wantErr != nil, wantErr)

			rec := opiktest.New(t)
			record(t, rec.Client)
			got, err := call(wrapped.TrackClient(plain))
			assert.Equal(t, want, got)
			assert.Equal(t, wantErr, err)
			c.Want.Check(t, rec)

			off, err := opik.New(opik.Options{Disabled: true})
			require.NoError(t, err)
			record(t, off)
			got, err = call(wrapped.TrackClient(plain))
			assert.Equal(t, want, got)
			assert.Equal(t, wantErr, err)
			require.Len(t, server.Requests(), 3)
		})
	}
}

var question = []mistral.ChatMessage{{Role: mistral.RoleUser, Content: "Where is Lisbon?"}}

var params = &mistral.ChatRequestParams{Temperature: 0.5, MaxTokens: 100}

const counts = `"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}`

const toolCall = `{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}}`

var usage = map[string]int{
	"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5, "original_usage.total_tokens": 14,
}

var want = loopback.Want{
	Name: "MistralClient.Chat", Model: "mistral-small-2409", Provider: "mistral", Tags: []string{"mistral"}, Usage: usage,
	Input:    `{"messages":[{"role":"user","content":"Where is Lisbon?"}]}`,
	Output:   `{"choices":[{"index":0,"message":{"role":"assistant","content":"In Portugal."},"finish_reason":"stop"}]}`,
	Metadata: map[string]any{"created_from": "mistral", "id": "c1", "finish_reason": "stop", "temperature": 0.5, "max_tokens": 100},
}

var serverError = loopback.Answer{Status: 400, Body: `{"message":"no such model"}`}

func failed(want loopback.Want) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Model, w.Error, w.Output, w.Usage, w.Metadata = "mistral-small", "*errors.errorString", "", nil, map[string]any{"finish_reason": nil}
	})
}

func TestChat(t *testing.T) {
	call := func(c client) (any, error) { return c.Chat("mistral-small", question, params) }
	body := func(message, finish string) string {
		return `{"id":"c1","object":"chat.completion","model":"mistral-small-2409","choices":[{"index":0,"message":` + message + `,"finish_reason":"` + finish + `"}],` + counts + `}`
	}
	run(t, call, loopback.Case{
		Name: "text", Answer: loopback.Answer{Body: body(`{"role":"assistant","content":"In Portugal."}`, "stop")}, Want: want,
	}, loopback.Case{
		Name: "tools", Answer: loopback.Answer{Body: body(`{"role":"assistant","content":"","tool_calls":[`+toolCall+`]}`, "tool_calls")},
		Want: want.With(func(w *loopback.Want) {
			w.Output = `{"choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[` + toolCall + `]},"finish_reason":"tool_calls"}]}`
			w.Metadata["finish_reason"] = "tool_calls"
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want),
	})
}

func piece(delta, rest string) string {
	return `{"id":"c1","object":"chat.completion.chunk","model":"mistral-small-2409","choices":[{"index":0,"delta":` + delta + rest + `}`
}

var pieces = []string{
	piece(`{"role":"assistant","content":"In "}`, "}]"), piece(`{"content":"Portugal."}`, "}]"),
	piece(`{"content":""}`, `,"finish_reason":"stop"}],`+counts), "[DONE]",
}

// TestChatStream reads all streams to their ends: the SDK has no other way to end one.
func TestChatStream(t *testing.T) {
	call := func(c client) (any, error) {
		s, err := c.ChatStream("mistral-small", question, params)
		if err != nil {
			return nil, err
		}
		var all []mistral.ChatCompletionStreamResponse
		for element := range s {
			all = append(all, element)
		}
		return all, nil
	}
	want := want.With(func(w *loopback.Want) {
		w.Name, w.Metadata["stream"] = "MistralClient.ChatStream", map[string]any{"elements": 3}
		w.Output = `{"choices":[{"index":0,"message":{"role":"assistant","content":"In Portugal.","tool_calls":null},"finish_reason":"stop"}]}`
	})
	run(t, call, loopback.Case{
		Name: "text", Answer: loopback.Answer{Events: loopback.SSE(pieces...)}, Want: want,
	}, loopback.Case{
		Name:   "tools",
		Answer: loopback.Answer{Events: loopback.SSE(piece(`{"role":"assistant","content":"","tool_calls":[`+toolCall+`]}`, `,"finish_reason":"tool_calls"}],`+counts), "[DONE]")},
		Want: want.With(func(w *loopback.Want) {
			w.Output = `{"choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[` + toolCall + `]},"finish_reason":"tool_calls"}]}`
			w.Metadata["finish_reason"], w.Metadata["stream"] = "tool_calls", map[string]any{"elements": 1}
		}),
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true, Want: failed(want),
	}, loopback.Case{
		Name: "error in the stream", Answer: loopback.Answer{Events: loopback.SSE(pieces[0], "{")},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Usage, w.Error = `{"choices":[{"index":0,"message":{"role":"assistant","content":"In ","tool_calls":null}}]}`, nil, "*json.SyntaxError"
			w.Metadata = map[string]any{"finish_reason": nil}
		}),
	})
}

func TestRest(t *testing.T) {
	run(t, func(c client) (any, error) { return c.Embeddings("mistral-embed", []string{"a", "b"}) }, loopback.Case{
		Name:   "embeddings",
		Answer: loopback.Answer{Body: `{"id":"e1","object":"list","model":"mistral-embed","data":[{"embedding":[0.1,0.2,0.3],"index":0},{"embedding":[0.1,0.2,0.3],"index":1}],` + counts + `}`},
		Want: loopback.Want{
			Name: "MistralClient.Embeddings", Model: "mistral-embed", Provider: "mistral", Tags: want.Tags, Input: `{"input":["a","b"]}`, Output: `{"embeddings":2,"dimensions":3}`, Usage: usage,
		},
	})
	fim := func(c client) (any, error) {
		return c.FIM(&mistral.FIMRequestParams{Model: "codestral", Prompt: "func main() {", Suffix: "}"})
	}
	run(t, fim, loopback.Case{
		Name:   "code",
		Answer: loopback.Answer{Body: `{"id":"c1","model":"codestral-2405","choices":[{"index":0,"message":{"role":"assistant","content":"return"},"finish_reason":"stop"}],` + counts + `}`},
		Want: loopback.Want{
			Name: "MistralClient.FIM", Model: "codestral-2405", Provider: "mistral", Tags: want.Tags, Input: `{"prompt":"func main() {","suffix":"}"}`,
			Output: `{"choices":[{"index":0,"message":{"role":"assistant","content":"return"},"finish_reason":"stop"}]}`, Usage: usage,
		},
	})
}
