package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
)

const completion = `{
	"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-4o-mini-2024-07-18",
	"choices": [{"index": 0, "message": {"role": "assistant", "content": "Lisbon", "refusal": null}, "logprobs": null, "finish_reason": "stop"}],
	"usage": {
		"prompt_tokens": 24, "completion_tokens": 2, "total_tokens": 26,
		"prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
		"completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}
	}
}`

// chunks are what a stream brings. The last of them comes only where it was asked for.
var chunks = []string{
	`{"id":"chatcmpl-2","object":"chat.completion.chunk","created":1767225601,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}`,
	`{"id":"chatcmpl-2","object":"chat.completion.chunk","created":1767225601,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"Ride tram 28"},"finish_reason":null}],"usage":null}`,
	`{"id":"chatcmpl-2","object":"chat.completion.chunk","created":1767225601,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":" to the castle."},"finish_reason":null}],"usage":null}`,
	`{"id":"chatcmpl-2","object":"chat.completion.chunk","created":1767225601,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}`,
	`{"id":"chatcmpl-2","object":"chat.completion.chunk","created":1767225601,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":17,"completion_tokens":9,"total_tokens":26,"prompt_tokens_details":{"cached_tokens":0}}}`,
}

// newServer starts a server on the loopback interface that speaks the chat completions API as far as this program
// needs it.
func newServer() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Stream  bool `json:"stream"`
			Options struct {
				Usage bool `json:"include_usage"`
			} `json:"stream_options"`
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if !request.Stream {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, completion)
			return
		}
		sent := chunks
		if !request.Options.Usage {
			sent = chunks[:len(chunks)-1]
		}
		stream(w, sent)
	})
	return httptest.NewServer(mux)
}

// stream writes server-sent events.
func stream(w http.ResponseWriter, events []string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, event := range events {
		fmt.Fprintf(w, "data: %s\n\n", event)
		w.(http.Flusher).Flush()
	}
	fmt.Fprint(w, "data: [DONE]\n\n")
}
