package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
)

// newModelServer starts a server on the loopback interface that speaks the chat completions API well enough for this
// program: it turns the first request away, asks for the calculator on the next, and answers with its result.
func newModelServer() *httptest.Server {
	var requests atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		var request Request
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if requests.Add(1) == 1 {
			http.Error(w, `{"error":{"message":"The engine is currently overloaded","type":"server_error"}}`, http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// The client is gone if this fails, and nobody is left to tell.
		_ = json.NewEncoder(w).Encode(complete(request))
	})
	return httptest.NewServer(mux)
}

// complete plays the model.
func complete(request Request) Response {
	last := request.Messages[len(request.Messages)-1]
	message, reason := Message{Role: "assistant"}, "stop"
	switch last.Role {
	case "tool":
		message.Content = "Three nights in Porto cost " + last.Content + " euros for two, city tax included."
	default:
		reason = "tool_calls"
		message.ToolCalls = []ToolCall{{
			ID:       "call_1",
			Type:     "function",
			Function: FunctionCall{Name: "calculate", Arguments: `{"expression":"3 * (96 + 2*2)"}`},
		}}
	}
	prompt, completion := count(request.Messages...), count(message)
	return Response{
		ID:      "chatcmpl-1",
		Model:   "gpt-4o-mini-2024-07-18",
		Choices: []Choice{{Message: message, FinishReason: reason}},
		Usage:   Usage{PromptTokens: prompt, CompletionTokens: completion, TotalTokens: prompt + completion},
	}
}

// count estimates tokens, four for three words as the rule of thumb goes.
func count(messages ...Message) (n int) {
	for _, message := range messages {
		words := len(strings.Fields(message.Content))
		for _, call := range message.ToolCalls {
			words += len(strings.Fields(call.Function.Arguments))
		}
		n += (words*4 + 2) / 3
	}
	return n
}
