package genkit_test

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"testing"

	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/core/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/genkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestWrappersAreUpToDate generates everything anew and compares.
func TestWrappersAreUpToDate(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "tool", "opikgen", "-check", "./...").CombinedOutput()
	require.NoError(t, err, "run go tool opikgen ./... in this folder")
	assert.Empty(t, string(output))
}

var errBroken = errors.New("no connection")

// model answers, in pieces too if somebody listens, and fails on the way if it is told to.
func model(broken bool, answer *ai.Message) ai.Model {
	return ai.NewModel("googleai/gemini-2.5-flash", nil, func(ctx context.Context, req *ai.ModelRequest, cb ai.ModelStreamCallback) (*ai.ModelResponse, error) {
		for _, piece := range []string{"In ", "Portugal."} {
			if cb == nil {
				break
			}
			if err := cb(ctx, &ai.ModelResponseChunk{Content: []*ai.Part{ai.NewTextPart(piece)}}); err != nil {
				return nil, err
			}
		}
		if broken {
			return nil, errBroken
		}
		return &ai.ModelResponse{
			Message: answer, FinishReason: ai.FinishReasonStop, Request: req,
			Usage: &ai.GenerationUsage{InputTokens: 9, OutputTokens: 5, TotalTokens: 17, ThoughtsTokens: 3, CachedContentTokens: 4},
		}, nil
	})
}

var said = ai.NewModelTextMessage("In Portugal.")

func request() *ai.ModelRequest {
	return &ai.ModelRequest{Messages: []*ai.Message{ai.NewUserTextMessage("Where is Lisbon?")}, Config: map[string]any{"temperature": 0.5}}
}

// heard is what a caller gets of a call.
type heard struct {
	pieces []string
	answer *ai.ModelResponse
	err    error
}

// call makes a call that is streamed, or stops after some pieces, or not.
func call(ctx context.Context, m ai.Model, streamed bool, stop int) (h heard) {
	var cb ai.ModelStreamCallback
	if streamed {
		cb = func(_ context.Context, chunk *ai.ModelResponseChunk) error {
			h.pieces = append(h.pieces, chunk.Text())
			if len(h.pieces) == stop {
				return errBroken
			}
			return nil
		}
	}
	h.answer, h.err = m.Generate(ctx, request(), cb)
	if h.answer != nil {
		h.answer.LatencyMs = 0
	}
	return h
}

// generated makes a call three times, and returns the span of the one that is recorded.
func generated(t *testing.T, m ai.Model, streamed bool, stop int) opiktest.Span {
	t.Helper()
	want := call(t.Context(), m, streamed, stop)
	rec := opiktest.New(t)
	assert.Equal(t, want, call(rec.Context(), wrapped.TrackModel(m), streamed, stop))
	assert.Equal(t, want, call(opik.WithClient(t.Context(), nil), wrapped.TrackModel(m), streamed, stop))
	span := only(t, rec)
	assert.Equal(t, "Model.Generate", span.Name)
	assert.Equal(t, "llm", span.Type)
	assert.Equal(t, "googleai/gemini-2.5-flash", span.Model)
	assert.Equal(t, []string{"genkit"}, span.Tags)
	assert.JSONEq(t, `{"messages":[{"role":"user","content":[{"text":"Where is Lisbon?"}]}]}`, text(t, span.Input))
	assert.Equal(t, want.err != nil, span.Error != nil)
	return span
}

func only(t *testing.T, rec *opiktest.Recorder) opiktest.Span {
	t.Helper()
	require.Len(t, rec.Traces(), 1)
	require.Len(t, rec.Traces()[0].Spans, 1)
	return *rec.Traces()[0].Spans[0]
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestGenerate(t *testing.T) {
	for _, streamed := range []bool{false, true} {
		span := generated(t, model(false, said), streamed, 0)
		assert.JSONEq(t, `{"message":{"role":"model","content":[{"text":"In Portugal."}]}}`, text(t, span.Output))
		assert.Equal(t, map[string]int{
			"prompt_tokens": 9, "completion_tokens": 8, "total_tokens": 17, "original_usage.prompt_token_count": 9, "original_usage.candidates_token_count": 5,
			"original_usage.total_token_count": 17, "original_usage.cached_content_token_count": 4, "original_usage.thoughts_token_count": 3,
		}, span.Usage)
		assert.Equal(t, "stop", span.Metadata["finish_reason"])
		assert.Equal(t, map[string]any{"temperature": 0.5}, span.Metadata["config"])
		if streamed {
			assert.Equal(t, map[string]any{"elements": 2.0}, span.Metadata["stream"])
		}
	}
}

func TestTools(t *testing.T) {
	asked := ai.NewModelMessage(ai.NewToolRequestPart(&ai.ToolRequest{Name: "weather", Input: map[string]any{"city": "Lisbon"}}))
	span := generated(t, model(false, asked), false, 0)
	assert.JSONEq(t, `{"message":{"role":"model","content":[{"toolRequest":{"name":"weather","input":{"city":"Lisbon"}}}]}}`, text(t, span.Output))
}

func TestErrors(t *testing.T) {
	cases := map[string]struct {
		broken, streamed bool
		stop             int
	}{
		"plain":              {broken: true},
		"in the stream":      {broken: true, streamed: true},
		"the callback stops": {streamed: true, stop: 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			span := generated(t, model(c.broken, said), c.streamed, c.stop)
			assert.Nil(t, span.Output)
			assert.Nil(t, span.Usage)
		})
	}
}

func TestRest(t *testing.T) {
	embedder := ai.NewEmbedder("googleai/embedding", nil, func(context.Context, *ai.EmbedRequest) (*ai.EmbedResponse, error) {
		return &ai.EmbedResponse{Embeddings: []*ai.Embedding{{Embedding: []float32{1, 2, 3}}}}, nil
	})
	rec := opiktest.New(t)
	_, err := wrapped.TrackEmbedder(embedder).Embed(rec.Context(), &ai.EmbedRequest{Input: []*ai.Document{ai.DocumentFromText("Lisbon", nil)}})
	require.NoError(t, err)
	span := only(t, rec)
	assert.Equal(t, "googleai/embedding", span.Model)
	assert.JSONEq(t, `{"embeddings":1,"dimensions":3}`, text(t, span.Output))

	retriever := ai.NewRetriever("cities", nil, func(context.Context, *ai.RetrieverRequest) (*ai.RetrieverResponse, error) {
		return &ai.RetrieverResponse{Documents: []*ai.Document{ai.DocumentFromText("Lisbon is in Portugal.", nil)}}, nil
	})
	rec = opiktest.New(t)
	_, err = wrapped.TrackRetriever(retriever).Retrieve(rec.Context(), &ai.RetrieverRequest{Query: ai.DocumentFromText("Lisbon", nil)})
	require.NoError(t, err)
	span = only(t, rec)
	assert.Equal(t, "tool", span.Type)
	assert.JSONEq(t, `{"documents":[{"content":[{"text":"Lisbon is in Portugal."}]}]}`, text(t, span.Output))
}

// TestTool runs a tool both ways. Its spans have its name.
func TestTool(t *testing.T) {
	tool := wrapped.TrackTool(ai.NewTool("weather", "Tells the weather.", func(_ *ai.ToolContext, city string) (string, error) { return "sunny in " + city, nil }))
	rec := opiktest.New(t)
	said, err := tool.RunRaw(rec.Context(), "Lisbon")
	require.NoError(t, err)
	assert.Equal(t, "sunny in Lisbon", said)
	span := only(t, rec)
	assert.Equal(t, "weather", span.Name)
	assert.Equal(t, "tool", span.Type)
	assert.JSONEq(t, `{"input":"Lisbon"}`, text(t, span.Input))
	assert.JSONEq(t, `{"output":"sunny in Lisbon"}`, text(t, span.Output))

	rec = opiktest.New(t)
	_, err = tool.RunRawMultipart(rec.Context(), "Lisbon")
	require.NoError(t, err)
	span = only(t, rec)
	assert.Equal(t, "weather", span.Name)
	assert.JSONEq(t, `{"output":"sunny in Lisbon"}`, text(t, span.Output))
}

// registry takes whatever is registered.
type registry struct{ api.Registry }

func (registry) RegisterAction(string, api.Action) {}

// TestRegisteringIsNoSpan registers what is wrapped, as programs do when they start.
func TestRegisteringIsNoSpan(t *testing.T) {
	rec := opiktest.New(t)
	previous := opik.SetDefault(rec.Client)
	defer opik.SetDefault(previous)
	wrapped.TrackModel(model(false, said)).Register(registry{})
	assert.Empty(t, rec.Traces())
}
