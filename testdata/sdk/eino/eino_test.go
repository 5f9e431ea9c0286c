package eino_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/cloudwego/eino/components/embedding"
	"github.com/cloudwego/eino/components/indexer"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/components/retriever"
	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/eino"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBroken = errors.New("no connection")

// chat is a model that answers in pieces.
type chat struct {
	pieces []*schema.Message
	err    error // of the call
	broken error // after the pieces
	hangs  bool  // after the pieces, until the reader leaves
	tools  int
}

func (c *chat) Generate(_ context.Context, _ []*schema.Message, _ ...model.Option) (*schema.Message, error) {
	if c.err != nil {
		return nil, c.err
	}
	return c.pieces[0], nil
}

func (c *chat) Stream(ctx context.Context, _ []*schema.Message, _ ...model.Option) (*schema.StreamReader[*schema.Message], error) {
	if c.err != nil {
		return nil, c.err
	}
	r, w := schema.Pipe[*schema.Message](0)
	go func() {
		defer w.Close()
		for _, piece := range c.pieces {
			if w.Send(piece, nil) {
				return
			}
		}
		switch {
		case c.broken != nil:
			w.Send(nil, c.broken)
		case c.hangs:
			<-ctx.Done()
			w.Send(nil, ctx.Err())
		}
	}()
	return r, nil
}

func (c *chat) WithTools(tools []*schema.ToolInfo) (model.ToolCallingChatModel, error) {
	with := *c
	with.tools = len(tools)
	return &with, c.err
}

func pointer[T any](v T) *T { return &v }

var usage = &schema.TokenUsage{
	PromptTokens: 9, CompletionTokens: 5, TotalTokens: 14,
	PromptTokenDetails: schema.PromptTokenDetails{CachedTokens: 4}, CompletionTokensDetails: schema.CompletionTokensDetails{ReasoningTokens: 3},
}

func finish(reason string) *schema.Message {
	return &schema.Message{Role: schema.Assistant, ResponseMeta: &schema.ResponseMeta{FinishReason: reason, Usage: usage}}
}

func answered(text string) *schema.Message {
	m := finish("stop")
	m.Content = text
	return m
}

func said(text string) *schema.Message { return schema.AssistantMessage(text, nil) }

func called(id, name, arguments string) *schema.Message {
	return schema.AssistantMessage("", []schema.ToolCall{{Index: pointer(0), ID: id, Type: "function", Function: schema.FunctionCall{Name: name, Arguments: arguments}}})
}

const meta = `"response_meta":{"finish_reason":"stop","usage":{"prompt_tokens":9,"prompt_token_details":{"cached_tokens":4},"completion_tokens":5,"total_tokens":14,"completion_token_details":{"reasoning_tokens":3}}}`

var want = loopback.Want{
	Name: "ToolCallingChatModel.Generate", Model: "gpt-4o", Provider: "openai", Tags: []string{"eino"},
	Input:  `{"messages":[{"role":"user","content":"Where is Lisbon?"}]}`,
	Output: `{"message":{"role":"assistant","content":"In Portugal.",` + meta + `}}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5, "original_usage.total_tokens": 14,
		"original_usage.prompt_tokens_details.cached_tokens": 4, "original_usage.completion_tokens_details.reasoning_tokens": 3,
	},
	Metadata: map[string]any{"created_from": "eino", "temperature": 0.5, "max_tokens": nil, "finish_reason": "stop"},
}

func failed(want loopback.Want) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Metadata["finish_reason"] = "*errors.errorString", "", nil, nil
	})
}

// chatCase is a call of a model and what becomes of it.
type chatCase struct {
	name  string
	model chat
	how   loopback.How
	want  loopback.Want
	err   error
}

type call func(ctx context.Context, m model.ToolCallingChatModel, h loopback.How, cancel context.CancelFunc) (any, error)

// run makes each call three times, as [loopback.SDK] does.
func run(t *testing.T, call call, cases ...chatCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			made := func(ctx context.Context, m model.ToolCallingChatModel) (any, error) {
				ctx, cancel := context.WithCancel(ctx)
				t.Cleanup(cancel)
				return call(ctx, m, c.how, cancel)
			}
			want, err := made(t.Context(), &c.model)
			require.Equal(t, c.err, err)
			rec := opiktest.New(t)
			got, err := made(rec.Context(), wrapped.TrackModel(&c.model))
			assert.Equal(t, c.err, err)
			assert.Equal(t, want, got)
			c.want.Check(t, rec)
			got, err = made(opik.WithClient(t.Context(), nil), wrapped.TrackModel(&c.model))
			assert.Equal(t, c.err, err)
			assert.Equal(t, want, got)
		})
	}
}

var (
	question = []*schema.Message{schema.UserMessage("Where is Lisbon?")}
	options  = []model.Option{model.WithModel("gpt-4o"), model.WithTemperature(0.5)}
)

func TestGenerate(t *testing.T) {
	generate := func(ctx context.Context, m model.ToolCallingChatModel, _ loopback.How, _ context.CancelFunc) (any, error) {
		return m.Generate(ctx, question, options...)
	}
	run(t, generate, chatCase{
		name: "text", model: chat{pieces: []*schema.Message{answered("In Portugal.")}}, want: want,
	}, chatCase{
		name: "error", model: chat{err: errBroken}, err: errBroken, want: failed(want),
	})
}

// read reads a stream and closes it.
func read(r *schema.StreamReader[*schema.Message], h loopback.How, cancel context.CancelFunc) (all []*schema.Message, err error) {
	defer r.Close()
	for {
		piece, err := r.Recv()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, piece)
		if len(all) == h.Cancel {
			cancel()
		}
		if len(all) == h.Break {
			return all, nil
		}
	}
}

func stream(ctx context.Context, m model.ToolCallingChatModel, h loopback.How, cancel context.CancelFunc) (any, error) {
	r, err := m.Stream(ctx, question, options...)
	if err != nil {
		return nil, err
	}
	return read(r, h, cancel)
}

func TestStream(t *testing.T) {
	want := want.With(func(w *loopback.Want) {
		w.Name, w.Metadata["stream"] = "ToolCallingChatModel.Stream", map[string]any{"elements": 3}
	})
	begun := []*schema.Message{said("In ")}
	left := func(ended string) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Output, w.Usage = `{"message":{"role":"assistant","content":"In "}}`, nil
			w.Metadata["finish_reason"], w.Metadata["stream"] = nil, map[string]any{"elements": 1, "ended": ended}
			if ended == "error" {
				w.Error = "*errors.errorString"
			}
		})
	}
	run(t, stream, chatCase{
		name: "text", model: chat{pieces: []*schema.Message{said("In "), said("Portugal."), finish("stop")}}, want: want,
	}, chatCase{
		name: "tools", model: chat{pieces: []*schema.Message{called("t1", "weather", `{"city":`), called("", "", `"Lisbon"}`), finish("stop")}},
		want: want.With(func(w *loopback.Want) {
			w.Output = `{"message":{"role":"assistant","content":"","tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}}],` + meta + `}}`
		}),
	}, chatCase{
		// That the reader has left is seen when the next piece comes.
		name: "left early", model: chat{pieces: []*schema.Message{said("In "), said("Por"), said("tugal.")}}, how: loopback.How{Break: 1},
		want: left("closed").With(func(w *loopback.Want) {
			w.Output, w.Metadata["stream"] = `{"message":{"role":"assistant","content":"In Por"}}`, map[string]any{"elements": 2, "ended": "closed"}
		}),
	}, chatCase{
		name: "cancelled", model: chat{pieces: begun, hangs: true}, how: loopback.How{Cancel: 1}, err: context.Canceled, want: left("error"),
	}, chatCase{
		name: "error", model: chat{err: errBroken}, err: errBroken, want: failed(want).With(func(w *loopback.Want) { w.Metadata["stream"] = nil }),
	}, chatCase{
		name: "error in the stream", model: chat{pieces: begun, broken: errBroken}, err: errBroken, want: left("error"),
	})
}

// TestWithTools sees that the model with the tools is wrapped as well.
func TestWithTools(t *testing.T) {
	m, err := wrapped.TrackModel(&chat{pieces: []*schema.Message{answered("In Portugal.")}}).WithTools([]*schema.ToolInfo{{Name: "weather"}})
	require.NoError(t, err)
	require.IsType(t, &wrapped.TrackedModel{}, m)
	assert.Equal(t, 1, m.(*wrapped.TrackedModel).Unwrap().(*chat).tools)
	rec := opiktest.New(t)
	_, err = m.Generate(rec.Context(), question, options...)
	require.NoError(t, err)
	want.Check(t, rec)
}

// memory is an embedder, a retriever and a tool.
type memory struct{}

func (memory) EmbedStrings(context.Context, []string, ...embedding.Option) ([][]float64, error) {
	return [][]float64{{1, 2, 3}, {4, 5, 6}}, nil
}

func (memory) Retrieve(context.Context, string, ...retriever.Option) ([]*schema.Document, error) {
	return []*schema.Document{vectored()}, nil
}

// vectored is a document with a vector, as indexes want it and may return it.
func vectored() *schema.Document {
	d := &schema.Document{ID: "1", Content: "Lisbon is in Portugal."}
	return d.WithDenseVector(make([]float64, 1536))
}

func (memory) Store(context.Context, []*schema.Document, ...indexer.Option) ([]string, error) {
	return []string{"1"}, nil
}

func (memory) Info(context.Context) (*schema.ToolInfo, error) {
	return &schema.ToolInfo{Name: "weather"}, nil
}

func (memory) InvokableRun(context.Context, string, ...tool.Option) (string, error) {
	return "sunny", nil
}

func (memory) StreamableRun(context.Context, string, ...tool.Option) (*schema.StreamReader[string], error) {
	return schema.StreamReaderFromArray([]string{"sun", "ny"}), nil
}

// camera is a tool that answers with images.
type camera struct{ broken bool }

func (c camera) Info(context.Context) (*schema.ToolInfo, error) {
	if c.broken {
		return nil, errBroken
	}
	return &schema.ToolInfo{Name: "camera"}, nil
}

func (camera) InvokableRun(context.Context, *schema.ToolArgument, ...tool.Option) (*schema.ToolResult, error) {
	return seen("a tower"), nil
}

func (camera) StreamableRun(context.Context, *schema.ToolArgument, ...tool.Option) (*schema.StreamReader[*schema.ToolResult], error) {
	return schema.StreamReaderFromArray([]*schema.ToolResult{seen("a "), {}, seen("tower")}), nil
}

func seen(text string) *schema.ToolResult {
	return &schema.ToolResult{Parts: []schema.ToolOutputPart{{Type: schema.ToolPartTypeText, Text: text}}}
}

// TestRest makes the calls that are not to models, or ask for vectors.
func TestRest(t *testing.T) {
	cases := map[string]struct {
		call func(ctx context.Context) (any, error)
		want loopback.Want
	}{
		"embed": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackEmbedder(memory{}).EmbedStrings(ctx, []string{"a", "b"}, embedding.WithModel("small"))
			},
			loopback.Want{Name: "Embedder.EmbedStrings", Model: "small", Input: `{"texts":["a","b"]}`, Output: `{"embeddings":2,"dimensions":3}`},
		},
		"retrieve": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackRetriever(memory{}).Retrieve(ctx, "Lisbon", retriever.WithTopK(3))
			},
			loopback.Want{Type: "tool", Name: "Retriever.Retrieve", Input: `{"query":"Lisbon","limit":3}`, Output: `{"documents":[{"id":"1","content":"Lisbon is in Portugal.","meta_data":{"_dense_vector":"[1536 numbers]"}}]}`},
		},
		"index": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackIndexer(memory{}).Store(ctx, []*schema.Document{vectored()})
			},
			loopback.Want{
				Type: "tool", Name: "Indexer.Store", Output: `{"ids":["1"]}`,
				Input: `{"documents":[{"id":"1","content":"Lisbon is in Portugal.","meta_data":{"_dense_vector":"[1536 numbers]"}}]}`,
			},
		},
		"tool that shows": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackEnhancedTool(camera{}).InvokableRun(ctx, &schema.ToolArgument{Text: `{"city":"Lisbon"}`})
			},
			loopback.Want{Type: "tool", Name: "camera", Input: `{"arguments":"{\"city\":\"Lisbon\"}"}`, Output: `{"parts":[{"type":"text","text":"a tower"}]}`},
		},
		"tool that does not know itself": {
			func(ctx context.Context) (any, error) {
				return wrapped.TrackEnhancedTool(camera{broken: true}).InvokableRun(ctx, &schema.ToolArgument{Text: `{}`})
			},
			loopback.Want{Type: "tool", Name: "EnhancedInvokableTool.InvokableRun", Input: `{"arguments":"{}"}`, Output: `{"parts":[{"type":"text","text":"a tower"}]}`},
		},
		"tool that shows in pieces": {
			func(ctx context.Context) (any, error) {
				r, err := wrapped.TrackEnhancedStreamableTool(camera{}).StreamableRun(ctx, &schema.ToolArgument{Text: `{}`})
				require.NoError(t, err)
				defer r.Close()
				for range 3 {
					_, err = r.Recv()
					require.NoError(t, err)
				}
				_, err = r.Recv()
				assert.ErrorIs(t, err, io.EOF)
				return nil, nil
			},
			loopback.Want{Type: "tool", Name: "camera", Input: `{"arguments":"{}"}`, Output: `{"output":"a tower"}`},
		},
		"tool": {
			func(ctx context.Context) (any, error) {
				tool := wrapped.TrackTool(memory{})
				info, err := tool.Info(ctx) // which is no span
				require.NoError(t, err)
				assert.Equal(t, "weather", info.Name)
				return tool.InvokableRun(ctx, `{"city":"Lisbon"}`)
			},
			loopback.Want{Type: "tool", Name: "weather", Input: `{"arguments":"{\"city\":\"Lisbon\"}"}`, Output: `{"output":"sunny"}`},
		},
		"tool that streams": {
			func(ctx context.Context) (any, error) {
				r, err := wrapped.TrackStreamableTool(memory{}).StreamableRun(ctx, `{"city":"Lisbon"}`)
				require.NoError(t, err)
				defer r.Close()
				for _, want := range []string{"sun", "ny"} {
					piece, err := r.Recv()
					require.NoError(t, err)
					assert.Equal(t, want, piece)
				}
				_, err = r.Recv()
				assert.ErrorIs(t, err, io.EOF)
				return nil, nil
			},
			loopback.Want{Type: "tool", Name: "weather", Input: `{"arguments":"{\"city\":\"Lisbon\"}"}`, Output: `{"output":"sunny"}`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			_, err := c.call(rec.Context())
			require.NoError(t, err)
			c.want.Tags, c.want.Metadata = want.Tags, map[string]any{"created_from": "eino"}
			c.want.Check(t, rec)
		})
	}
}
