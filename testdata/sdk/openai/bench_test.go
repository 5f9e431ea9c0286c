package openai_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/openai"
)

// inMemory answers without a network.
type inMemory struct{ contentType, body string }

func (a inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {a.contentType}}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

// BenchmarkChat makes a call that is not streamed. Streams are measured in the module bench.
func BenchmarkChat(b *testing.B) {
	answer := inMemory{"application/json", chatHead + textChoice + `,"usage":` + chatUsage + `}`}
	client := openai.NewClient(option.WithBaseURL("http://127.0.0.1"), option.WithAPIKey("none"), option.WithHTTPClient(&http.Client{Transport: answer}))
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()
	for name, api := range map[string]chat{"plain": &client.Chat.Completions, "tracked": wrapped.TrackChatCompletionService(&client.Chat.Completions)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := api.New(rec.Context(), chatParams); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
