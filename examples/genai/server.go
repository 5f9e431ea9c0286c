package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
)

const answer = `{
	"candidates": [{"content": {"parts": [{"text": "Porto to Aveiro"}], "role": "model"}, "finishReason": "STOP", "index": 0}],
	"usageMetadata": {
		"promptTokenCount": 22, "candidatesTokenCount": 4, "totalTokenCount": 61, "thoughtsTokenCount": 35,
		"promptTokensDetails": [{"modality": "TEXT", "tokenCount": 22}]
	},
	"modelVersion": "gemini-2.5-flash", "responseId": "r2"
}`

// chunks are what a stream brings. The counts of the last one hold for all of it.
var chunks = []string{
	`{"candidates":[{"content":{"parts":[{"text":"Aveiro is an hour away.","thought":true}],"role":"model"},"index":0}],` +
		`"usageMetadata":{"promptTokenCount":16,"totalTokenCount":43,"thoughtsTokenCount":27},"modelVersion":"gemini-2.5-flash","responseId":"r1"}`,
	`{"candidates":[{"content":{"parts":[{"text":"Take the train to Aveiro "}],"role":"model"},"index":0}],` +
		`"usageMetadata":{"promptTokenCount":16,"candidatesTokenCount":6,"totalTokenCount":49,"thoughtsTokenCount":27},"modelVersion":"gemini-2.5-flash","responseId":"r1"}`,
	`{"candidates":[{"content":{"parts":[{"text":"and see its canals."}],"role":"model"},"finishReason":"STOP","index":0}],` +
		`"usageMetadata":{"promptTokenCount":16,"candidatesTokenCount":12,"totalTokenCount":55,"thoughtsTokenCount":27},"modelVersion":"gemini-2.5-flash","responseId":"r1"}`,
}

// newServer starts a server on the loopback interface that speaks the Gemini API as far as this program needs it.
func newServer() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1beta/models/{call}", func(w http.ResponseWriter, r *http.Request) {
		switch _, method, _ := strings.Cut(r.PathValue("call"), ":"); method {
		case "generateContent":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, answer)
		case "streamGenerateContent":
			stream(w, chunks)
		default:
			http.NotFound(w, r)
		}
	})
	return httptest.NewServer(mux)
}

// stream writes server-sent events.
func stream(w http.ResponseWriter, events []string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, event := range events {
		fmt.Fprintf(w, "data: %s\r\n\r\n", event)
		w.(http.Flusher).Flush()
	}
}
