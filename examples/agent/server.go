package main

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"strings"
)

// object is JSON as the API sends it.
type object map[string]any

// newServer starts a server on the loopback interface that speaks the APIs of embeddings and of chat completions as far
// as this program needs them.
func newServer() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/embeddings", answer(embed))
	mux.HandleFunc("POST /v1/chat/completions", answer(complete))
	return httptest.NewServer(mux)
}

// answer decodes requests for f and encodes what it returns.
func answer[T any](f func(T) object) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request T
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// The client is gone if this fails, and nobody is left to tell.
		_ = json.NewEncoder(w).Encode(f(request))
	}
}

// embed plays the model of embeddings.
func embed(request struct{ Input []string }) object {
	var data []object
	tokens := 0
	for i, text := range request.Input {
		data = append(data, object{"object": "embedding", "index": i, "embedding": vector(text)})
		tokens += len(words(text))
	}
	return object{
		"object": "list", "data": data, "model": "text-embedding-3-small",
		"usage": object{"prompt_tokens": tokens, "total_tokens": tokens},
	}
}

// dimensions is how long vectors are. The real model's have 1536.
const dimensions = 64

// vector counts the long words of a text, each at a place that depends on the word: texts that share words are near.
func vector(text string) []float64 {
	v := make([]float64, dimensions)
	for _, word := range words(text) {
		if len(word) > 3 {
			h := fnv.New32a()
			h.Write([]byte(word))
			v[h.Sum32()%dimensions]++
		}
	}
	return v
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' })
}

// complete plays the chat model, which repeats the first document that it is given.
func complete(request struct{ Messages []struct{ Content string } }) object {
	tokens := 0
	for _, message := range request.Messages {
		tokens += len(words(message.Content))
	}
	_, first, _ := strings.Cut(request.Messages[0].Content, "\n- ")
	first, _, _ = strings.Cut(first, "\n")
	said := len(words(first))
	return object{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-4o-mini-2024-07-18",
		"choices": []object{{"index": 0, "message": object{"role": "assistant", "content": first}, "finish_reason": "stop"}},
		"usage":   object{"prompt_tokens": tokens, "completion_tokens": said, "total_tokens": tokens + said},
	}
}
