package streams

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
)

// answers is a transport that gives every request the same answer, without a network.
type answers struct{ contentType, body string }

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {a.contentType}}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

// recorded returns a context within a trace, whose spans are delivered to nobody.
func recorded(tb testing.TB) context.Context {
	tb.Helper()
	client, err := opik.New(opik.Options{
		Isolated: true, URL: "http://localhost/api", HTTPClient: &http.Client{Transport: answers{"application/json", "{}"}},
		Delivery: opik.Delivery{NoSpool: true, Block: true},
	})
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = client.Close(context.Background()) })
	return opik.WithClient(context.Background(), client)
}

// contestants are the ways in which elements come, each with what reads an answer, bare and traced.
func contestants() []contestant {
	client, messages := openAI(), claude()
	return []contestant{
		{"iterator", readSeq(fake{}), readSeq(TrackModel(fake{}))},
		{"callback", readFunc(fake{}), readFunc(TrackModel(fake{}))},
		{"channel", readChan(fake{}), readChan(TrackModel(fake{}))},
		{"Recv", readRecv(fake{}), readRecv(TrackModel(fake{}))},
		{"Next", readNext(fake{}), readNext(TrackModel(fake{}))},
		{"openai-go", readOpenAI(client), readOpenAI(TrackOpenAI(client))},
		{"anthropic-sdk-go", readClaude(messages), readClaude(TrackAnthropic(messages))},
	}
}

type contestant struct {
	name         string
	bare, traced read
}

// read reads an answer to its end and returns how many elements it had.
type read func(ctx context.Context) (int, error)

func readSeq(m Model) read {
	return func(ctx context.Context) (n int, err error) {
		for _, err := range m.Seq(ctx, "p") {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}
}

func readFunc(m Model) read {
	return func(ctx context.Context) (n int, err error) {
		err = m.Func(ctx, "p", func(Chunk) error { n++; return nil })
		return n, err
	}
}

func readChan(m Model) read {
	return func(ctx context.Context) (n int, err error) {
		c, err := m.Chan(ctx, "p")
		for range c {
			n++
		}
		return n, err
	}
}

func readRecv(m Model) read {
	return func(ctx context.Context) (n int, err error) {
		r, err := m.Recv(ctx, "p")
		for ; err == nil; n++ {
			_, err = r.Recv()
		}
		if errors.Is(err, io.EOF) {
			return n - 1, nil
		}
		return n, err
	}
}

func readNext(m Model) read {
	return func(ctx context.Context) (n int, err error) {
		it, err := m.Next(ctx, "p")
		for err == nil && it.Next() {
			_ = it.Current()
			n++
		}
		return n, err
	}
}

// openAI answers with events as OpenAI sends them.
func openAI() *openai.ChatCompletionService {
	one := `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default",` +
		`"system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"word "},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x7Kq"}` + "\n\n"
	client := openai.NewClient(openaioption.WithBaseURL("http://127.0.0.1"), openaioption.WithAPIKey("none"),
		openaioption.WithHTTPClient(&http.Client{Transport: answers{"text/event-stream", strings.Repeat(one, elements) + "data: [DONE]\n\n"}}))
	return &client.Chat.Completions
}

type openAIStreamer interface {
	NewStreaming(ctx context.Context, body openai.ChatCompletionNewParams, opts ...openaioption.RequestOption) *openaiStream
}

func readOpenAI(m openAIStreamer) read {
	params := openai.ChatCompletionNewParams{Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hi")}}
	return func(ctx context.Context) (n int, err error) {
		stream := m.NewStreaming(ctx, params)
		for stream.Next() {
			_ = stream.Current()
			n++
		}
		return n, stream.Err()
	}
}

// claude answers with events as Anthropic sends them.
func claude() *anthropic.MessageService {
	event := func(name, data string) string { return "event: " + name + "\ndata: " + data + "\n\n" }
	body := event("message_start", `{"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"claude-x","content":[],"usage":{"input_tokens":5,"output_tokens":1}}}`) +
		event("content_block_start", `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`) +
		strings.Repeat(event("content_block_delta", `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word "}}`), elements-4) +
		event("message_delta", `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1000}}`) +
		event("message_stop", `{"type":"message_stop"}`)
	client := anthropic.NewClient(anthropicoption.WithBaseURL("http://127.0.0.1"), anthropicoption.WithAPIKey("none"),
		anthropicoption.WithHTTPClient(&http.Client{Transport: answers{"text/event-stream", body}}))
	return &client.Messages
}

type claudeStreamer interface {
	NewStreaming(ctx context.Context, body anthropic.MessageNewParams, opts ...anthropicoption.RequestOption) *claudeStream
}

func readClaude(m claudeStreamer) read {
	params := anthropic.MessageNewParams{Model: "claude-x", MaxTokens: 100, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Hi"))}}
	return func(ctx context.Context) (n int, err error) {
		stream := m.NewStreaming(ctx, params)
		for stream.Next() {
			_ = stream.Current()
			n++
		}
		return n, stream.Err()
	}
}

// BenchmarkStream reads answers of a thousand elements, bare and traced, and reports what one element costs: processor
// time, with that of the delivery, and allocations. A span of its own is a thousandth part of each.
func BenchmarkStream(b *testing.B) {
	ctx := recorded(b)
	for _, c := range contestants() {
		b.Run(c.name+"/bare", func(b *testing.B) { benchmark(ctx, b, c.bare) })
		b.Run(c.name+"/traced", func(b *testing.B) { benchmark(ctx, b, c.traced) })
	}
}

func benchmark(ctx context.Context, b *testing.B, read read) {
	b.Helper()
	b.ReportAllocs()
	start := processorTime(b)
	for b.Loop() {
		if n, err := read(ctx); n != elements || err != nil {
			b.Fatalf("%d elements: %v", n, err)
		}
	}
	b.ReportMetric(float64(processorTime(b)-start)/float64(b.N)/elements, "cpu-ns/element")
}

// processorTime returns how many nanoseconds of processor time the process has taken.
func processorTime(b *testing.B) int64 {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// TestElementsCostNothing holds that an element of an iterator, a callback or a channel costs no allocation: what there
// is, is that of the span, and of the text that grows.
func TestElementsCostNothing(t *testing.T) {
	ctx := recorded(t)
	for _, c := range contestants()[:5] {
		t.Run(c.name, func(t *testing.T) {
			bare := testing.AllocsPerRun(20, func() { _, _ = c.bare(ctx) })
			traced := testing.AllocsPerRun(20, func() { _, _ = c.traced(ctx) })
			require.Less(t, traced-bare, 0.1*elements)
		})
	}
}
