package interop_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// response is the answer of a provider, a file in testdata/usage.
type response struct {
	file     string
	provider string
	usage    string // the member that has the counts
	capture  func(t *testing.T, span *opik.Span, body []byte)
	differs  []difference
}

// difference is a count that we send and Opik's Python SDK does not, or the other way round, or that is another one.
// -1 is none.
type difference struct {
	key          string
	ours, python int
	why          string
}

var answers = []response{
	{file: "openai-chat", provider: "openai", usage: "usage", capture: chat},
	{file: "openai-chat-least", provider: "openai", usage: "usage", capture: chat},
	{file: "openai-responses", provider: "openai", usage: "usage", capture: answer, differs: []difference{
		{"cache_read_input_tokens", 1280, -1, "the server does not know input_tokens_details, and takes the full price for cached tokens"},
	}},
	{file: "openai-responses-uncached", provider: "openai", usage: "usage", capture: answer},
	{file: "anthropic-cache", provider: "anthropic", usage: "usage", capture: message},
	{file: "anthropic-least", provider: "anthropic", usage: "usage", capture: message},
	{file: "anthropic-compaction", provider: "anthropic", usage: "usage", capture: message},
	{file: "google-thoughts", provider: "google_ai", usage: "usageMetadata", capture: content},
	{file: "google-tools", provider: "google_ai", usage: "usageMetadata", capture: content},
	{file: "bedrock-converse", provider: "bedrock", usage: "usage", capture: converse},
	{file: "bedrock-converse-cache", provider: "bedrock", usage: "usage", capture: converse, differs: []difference{
		{"prompt_tokens", 9, 1368, "Bedrock's input is taken as it is; what was cached is in the original usage, by which the server prices"},
		{"total_tokens", 59, 1418, "the sum of the two that Opik shows"},
	}},
}

// TestUsageOfResponses gives the bodies of responses to the providers' own SDKs for Go, captures their usage as generated
// code does, and compares the counts that Opik gets with those that Opik's Python SDK makes of the same body.
func TestUsageOfResponses(t *testing.T) {
	files, err := filepath.Glob("testdata/usage/*.json")
	require.NoError(t, err)
	assert.Len(t, files, len(answers), "each file is a case")
	bodies := make([][]byte, len(answers))
	for i, r := range answers {
		bodies[i], err = os.ReadFile(filepath.Join("testdata/usage", r.file+".json"))
		require.NoError(t, err)
	}
	for i, python := range pythonUsage(t, bodies) {
		t.Run(answers[i].file, func(t *testing.T) { answers[i].compare(t, bodies[i], python) })
	}
}

func (r response) compare(t *testing.T, body []byte, python map[string]int) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{Type: opik.TypeLLM})
	r.capture(t, span, body)
	span.End()
	ours := rec.Traces()[0].Spans[0].Usage
	require.NotEmpty(t, ours)
	for _, d := range r.differs {
		require.NotEmpty(t, d.why)
		assert.Equal(t, d.ours, take(ours, d.key), "our %s, which differs: %s", d.key, d.why)
		assert.Equal(t, d.python, take(python, d.key), "Python's %s, which differs: %s", d.key, d.why)
	}
	assert.Equal(t, python, ours)
}

// take removes a count and returns it, or -1 if there is none.
func take(usage map[string]int, key string) int {
	n, ok := usage[key]
	if !ok {
		return -1
	}
	delete(usage, key)
	return n
}

// pythonUsage returns what Opik's Python SDK makes of the usage in each body.
func pythonUsage(t *testing.T, bodies [][]byte) (counts []map[string]int) {
	t.Helper()
	const python = ".venv/bin/python"
	if _, err := os.Stat(filepath.Join("python", python)); err != nil {
		t.Skip("run make interop, which installs Opik's Python SDK: ", err)
	}
	asked := make([]map[string]any, len(bodies))
	for i, body := range bodies {
		members := decode[map[string]json.RawMessage](t, body)
		asked[i] = map[string]any{"provider": answers[i].provider, "usage": members[answers[i].usage]}
	}
	input, err := json.Marshal(asked)
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), python, "usage.py")
	command.Dir, command.Stdin, command.Stderr = "python", bytes.NewReader(input), os.Stderr
	output, err := command.Output()
	require.NoError(t, err)
	counts = decode[[]map[string]int](t, output)
	require.Len(t, counts, len(bodies))
	return counts
}

func decode[T any](t *testing.T, text []byte) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}

// The rest captures usage as the presets have it.

func chat(t *testing.T, span *opik.Span, body []byte) {
	opik.CaptureUsageFields(span, decode[openai.ChatCompletion](t, body).Usage)
}

func answer(t *testing.T, span *opik.Span, body []byte) {
	opik.CaptureUsageFields(span, decode[responses.Response](t, body).Usage)
}

func message(t *testing.T, span *opik.Span, body []byte) {
	opik.CaptureUsageFields(span, decode[anthropic.Message](t, body).Usage)
}

func content(t *testing.T, span *opik.Span, body []byte) {
	opik.CaptureUsageFields(span, decode[genai.GenerateContentResponse](t, body).UsageMetadata)
}

// converse is for Amazon's SDK, whose types are not decoded with encoding/json.
func converse(t *testing.T, span *opik.Span, body []byte) {
	opik.CaptureUsageFields(span, decode[struct {
		Usage *struct {
			InputTokens  *int32 `json:"inputTokens"`
			OutputTokens *int32 `json:"outputTokens"`
			TotalTokens  *int32 `json:"totalTokens"`
			CacheRead    *int32 `json:"cacheReadInputTokens"`
			CacheWrite   *int32 `json:"cacheWriteInputTokens"`
		} `json:"usage"`
	}](t, body).Usage)
}
