package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
)

const (
	piece = `{"model":"llama3.2","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":%q},"done":false}`
	final = `{"model":"llama3.2","created_at":"2026-01-01T00:00:01Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",` +
		`"total_duration":1200000000,"load_duration":40000000,"prompt_eval_count":%d,"prompt_eval_duration":90000000,"eval_count":%d,"eval_duration":900000000}`
)

// answers are what the model says at its first turn and later.
var answers = [][]string{
	{
		fmt.Sprintf(piece, "A train "),
		fmt.Sprintf(piece, "that runs in the street."),
		fmt.Sprintf(final, 30, 8),
	},
	{
		fmt.Sprintf(piece, "Lisbon"),
		fmt.Sprintf(piece, "."),
		fmt.Sprintf(final, 57, 3),
	},
}

// newServer starts a server on the loopback interface that speaks Ollama's chat API: a JSON object a line.
func newServer() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Messages []json.RawMessage }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		for _, line := range answers[min(len(request.Messages)/2, len(answers)-1)] {
			fmt.Fprintln(w, line)
			w.(http.Flusher).Flush()
		}
	})
	return httptest.NewServer(mux)
}
