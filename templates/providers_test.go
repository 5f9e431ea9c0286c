package templates_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/templates"
)

var update = flag.Bool("update", false, "write PROVIDERS.md anew")

// sdk is a section of PROVIDERS.md.
type sdk struct {
	title, path, major string
	notes              string
}

var sdks = []sdk{
	{
		"OpenAI, Azure OpenAI and all that speak like them: openai-go", "github.com/openai/openai-go", "/v3",
		"All major versions (tested: v1.12, v2.7, v3.95). Services are fields of the client: `TrackChatCompletion(&client.Chat.Completions)`. " +
			"The provider is `openai`; say `provider=azure`, or `.WithProvider(\"azure\")`, for another one. Streams of chat completions have no counts unless the request asks " +
			"for them, or the directive does with `stream.include_usage=true`; the chunk that comes of that is kept back. A cost in the usage, as OpenRouter " +
			"sends it, is taken. From v3.80 on, elements of streams are handed on as they are; before that they are decoded a second time. A stream that only continues " +
			"another answer (`GetStreaming`) and connections over a websocket are not followed.",
	},
	{
		"OpenAI: sashabaranov/go-openai", "github.com/sashabaranov/go-openai", "",
		"Tested with v1.43; streams need v1.36. A stream that is traced is replayed by a client that answers itself, without a network.",
	},
	{
		"Anthropic: anthropic-sdk-go", "github.com/anthropics/anthropic-sdk-go", "",
		"Tested with v1.84. Tokens read from and written to the cache are part of the prompt tokens. `CountTokens` is no call of a model. " +
			"What the SDK's tool runner calls cannot be seen from outside.",
	},
	{
		"Google: google.golang.org/genai", "google.golang.org/genai", "",
		"Tested with v1.77. The provider is `google_ai`; say `provider=google_vertexai` for Vertex AI. Thoughts count as completion tokens. " +
			"Each range over a stream is a call of its own, and so a span. Of embeddings Vertex AI counts the tokens, the Gemini API does not. " +
			"What `Chats.Create` returns is wrapped by `TrackChat`; live sessions are not followed.",
	},
	{
		"Ollama: github.com/ollama/ollama/api", "github.com/ollama/ollama/api", "",
		"Tested with v0.17. A callback that is nil stays nil. The SDK does not report that its connection broke, so that the span cannot either.",
	},
	{
		"Amazon Bedrock: aws-sdk-go-v2", "github.com/aws/aws-sdk-go-v2/service/bedrockruntime", "",
		"Tested with v1.63. Messages are written as the Converse API has them. Answers do not name a model, so that it is the `ModelId` of the request, which " +
			"may be an ARN. Streams are seen by a middleware that is added to the call's options; the SDK tells a program that closes one nothing of an error behind it. " +
			"Of models that are invoked the counts are read from the bodies of Anthropic, Meta, Mistral, Amazon and those who follow OpenAI. Bidirectional streams are not followed.",
	},
	{
		"Cohere: cohere-go", "github.com/cohere-ai/cohere-go/v*/v2", "/v2",
		"Tested with v2.15; `client.V2` is the client. Prompt tokens are those that the model saw; those that Cohere bills are beside them. " +
			"A stream that is traced is made anew from its elements, without a network.",
	},
	{
		"Cohere, its older API", "github.com/cohere-ai/cohere-go/v*/client", "/v2",
		"Tested with v2.15. What `GenerateStream` brings counts nothing.",
	},
	{
		"Mistral: gage-technologies/mistral-go", "github.com/gage-technologies/mistral-go", "",
		"Tested with v1.1. Its calls take no context, so that each starts a trace. A channel that is not read to its end is never closed, as without tracing.",
	},
	{
		"langchaingo", "github.com/tmc/langchaingo", "",
		"Tested with v0.1.14 and its models of OpenAI and Anthropic. Say `provider=` what the model is of, without which there is no cost. The model is known if an option names it, or the directive: `model=gpt-4o`. " +
			"Counts are read from the first choice. Pieces of both callbacks, `WithStreamingFunc` and `WithStreamingReasoningFunc`, count as elements.",
	},
	{
		"eino", "github.com/cloudwego/eino", "",
		"Tested with v0.7. `model.ToolCallingChatModel` has the methods of `BaseChatModel`, and what its `WithTools` returns is wrapped, too. Say `provider=` what the model is of, and `model=` which it is. " +
			"A stream that is traced has a goroutine; that its reader has closed it is seen when the next piece comes. Spans of tools have the tool's name, for which `Info` is asked.",
	},
	{
		"Firebase Genkit", "github.com/firebase/genkit/go", "",
		"Tested with v1.4. `genkit.Generate` calls the models that are registered, and not wrappers of them: its spans come by OpenTelemetry, see `runtime/otel`.",
	},
	{
		"Tools of MCP servers: modelcontextprotocol/go-sdk", "github.com/modelcontextprotocol/go-sdk", "",
		"Tested with v1.8. Spans are named after the tools. A tool that says in its result that it failed has an error.",
	},
	{
		"Tools of MCP servers: mark3labs/mcp-go", "github.com/mark3labs/mcp-go", "",
		"Tested with v1.2. As above.",
	},
	{
		"Qdrant", "github.com/qdrant/go-client", "",
		"Tested with v1.17, by `Query`, `Upsert` and `Scroll`.",
	},
	{
		"Pinecone", "github.com/pinecone-io/go-pinecone", "/v5",
		"Tested with v5.2, by `QueryByVectorValues`, `UpsertVectors` and `FetchVectors`. What `WithNamespace` returns is not traced: wrap it again.",
	},
	{
		"Weaviate", "github.com/weaviate/weaviate-go-client", "/v5",
		"Tested with v5.5, by `GetBuilder`. Wrap the builder when it is complete: `TrackGetBuilder(client.GraphQL().Get().WithClassName(name)).Do(ctx)`. What it asks for cannot be read from it.",
	},
}

// preset is what a file says.
type preset struct {
	name, doc string
	keys      []string
	values    map[string]string
	matches   []string
}

func readPreset(t *testing.T, file string) preset {
	t.Helper()
	text, err := fs.ReadFile(templates.FS, file)
	require.NoError(t, err)
	p := preset{name: strings.TrimSuffix(file, ".preset"), values: map[string]string{}}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		key, value, _ := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "#") && p.matches == nil:
			p.doc = strings.TrimSpace(p.doc + strings.TrimPrefix(line, "#"))
		case strings.HasPrefix(line, "#"):
		case key == "match":
			p.matches = append(p.matches, value)
		default:
			p.keys = append(p.keys, key)
			p.values[key] = value
		}
	}
	return p
}

// under returns the names of a family of keys.
func (p preset) under(family string) string {
	var names []string
	for _, key := range p.keys {
		if name, ok := strings.CutPrefix(key, family); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (p preset) counts() string {
	switch {
	case p.values["usage"] != "":
		return "all"
	case p.under("usage.") != "":
		return p.under("usage.")
	default:
		return "none"
	}
}

// call splits a match into the type, with its path, and the method.
func call(match string) (target, method string) {
	target, method, _ = strings.Cut(strings.Replace(strings.Replace(match, ".(*", ".", 1), ").", "\x00", 1), "\x00")
	if method == "" {
		i := strings.LastIndexByte(target, '.')
		target, method = target[:i], target[i+1:]
	}
	return target, method
}

func (s sdk) write(b *bytes.Buffer, presets []preset) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", s.title, s.notes)
	var lines, rows []string
	for _, p := range presets {
		for _, match := range p.matches {
			target, method := call(match)
			if !strings.HasPrefix(target, s.path) {
				continue
			}
			name := target[strings.LastIndexByte(target, '.')+1:]
			if slices.Contains(p.keys, "ignore") {
				rows = append(rows, fmt.Sprintf("| `%s.%s` | no span | | | %s | %s |\n", name, method, p.doc, p.name))
				continue
			}
			lines = append(lines, fmt.Sprintf("    //opik:wrap %s as=%s\n", strings.Replace(target, "/v*", s.major, 1), strings.TrimSuffix(name, "Service")))
			rows = append(rows, fmt.Sprintf("| `%s.%s` | %s | %s | %s | %s | %s |\n", name, method, p.under("input."),
				strings.Trim(p.under("output.")+", "+p.under("stream.output."), ", "), p.counts(), p.doc, p.name))
		}
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(slices.Compact(lines), ""))
	b.WriteString("\n| call | input | output | counts | | preset |\n|---|---|---|---|---|---|\n")
	b.WriteString(strings.Join(rows, ""))
}

const providersHead = `# Providers

The calls that opikgen has a preset for, made from the presets themselves: run ` + "`go test ./templates -update`" + ` after a change. A directive to
copy stands over each table; for an interface of yours with methods of these names and signatures ` + "`//opik:track`" + ` is enough.

Every call records the model that was asked for, until the one that answered is known, the provider, the error, the fields of the
request that are no input as metadata, and beside them the id of the response and why it finished. Counts are named as Opik's
Python SDK names them. Streams return the SDK's own type, with the same elements, and record what they added up to however they
end, in ` + "`metadata.stream`" + ` how many elements there were and how it ended, and the time to the first one. Of vectors the number and
the length is recorded, large images and recordings become attachments; keys, headers and cookies never are recorded. The tests with
the real SDKs are in [testdata/sdk](../testdata/sdk).

Where only the program knows whose model a client talks to, it says so to the wrapper, and that wins over preset and directive:
` + "`TrackChatCompletion(&client.Chat.Completions).WithProvider(\"groq\")`" + `. Opik has prices for openai, anthropic,
anthropic_vertexai, google_ai, google_vertexai, groq and bedrock; others cost what the provider itself says they do.
`

// TestProviders holds PROVIDERS.md to the presets.
func TestProviders(t *testing.T) {
	files, err := fs.Glob(templates.FS, "*.preset")
	require.NoError(t, err)
	var presets []preset
	for _, file := range files {
		presets = append(presets, readPreset(t, file))
	}
	b := bytes.NewBufferString(providersHead)
	for _, s := range sdks {
		s.write(b, presets)
	}
	for _, p := range presets {
		assert.Contains(t, b.String(), "| "+p.name+" |", "the SDK of %s has no section", p.name)
	}
	if *update {
		require.NoError(t, os.WriteFile("PROVIDERS.md", b.Bytes(), 0o600))
	}
	old, err := os.ReadFile("PROVIDERS.md")
	require.NoError(t, err)
	assert.Equal(t, b.String(), string(old), "PROVIDERS.md is out of date: run go test ./templates -update")
}
