package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

const (
	messageStart = `{"type":"message_start","message":{"id":"%s","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],` +
		`"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":%d,"cache_creation_input_tokens":0,"cache_read_input_tokens":%d,"output_tokens":1}}}`
	messageDelta = `{"type":"message_delta","delta":{"stop_reason":"%s","stop_sequence":null},"usage":{"output_tokens":%d}}`
	messageStop  = `{"type":"message_stop"}`
)

// toolTurn says a word and asks for the weather.
var toolTurn = []string{
	fmt.Sprintf(messageStart, "msg_1", 380, 0),
	`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
	`{"type":"ping"}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Let me look "}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"at the weather."}}`,
	`{"type":"content_block_stop","index":0}`,
	`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\": "}}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\"Lisbon\"}"}}`,
	`{"type":"content_block_stop","index":1}`,
	fmt.Sprintf(messageDelta, "tool_use", 58),
	messageStop,
}

// answerTurn reads most of its input from the cache.
var answerTurn = []string{
	fmt.Sprintf(messageStart, "msg_2", 74, 380),
	`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Yes, take an umbrella: "}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"it rains in the afternoon."}}`,
	`{"type":"content_block_stop","index":0}`,
	fmt.Sprintf(messageDelta, "end_turn", 21),
	messageStop,
}

// newServer starts a server on the loopback interface that speaks the messages API as far as this program needs it: it
// answers when it has a tool's result.
func newServer() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/messages", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if strings.Contains(string(body), `"tool_result"`) {
			stream(w, answerTurn)
			return
		}
		stream(w, toolTurn)
	})
	return httptest.NewServer(mux)
}

// stream writes server-sent events, each under the name of its type.
func stream(w http.ResponseWriter, events []string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, event := range events {
		var head struct{ Type string }
		_ = json.Unmarshal([]byte(event), &head) // the events are constants
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", head.Type, event)
		w.(http.Flusher).Flush()
	}
}
