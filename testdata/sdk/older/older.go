// Package older holds what the older majors of OpenAI's SDK are answered, and what their spans say of it.
package older

import "github.com/opikgen/opikgen/testdata/sdk/loopback"

const usage = `{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4}}`

var completion = loopback.Want{
	Name: "ChatCompletionService.New", Model: "gpt-4o-mini-2024-07-18", Provider: "openai", Tags: []string{"openai"},
	Input:  `{"messages":[{"role":"user","content":"Where is Lisbon?"}]}`,
	Output: `{"choices":[{"index":0,"message":{"role":"assistant","content":"In Portugal."},"finish_reason":"stop"}]}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5,
		"original_usage.total_tokens": 14, "original_usage.prompt_tokens_details.cached_tokens": 4,
	},
	Metadata: map[string]any{"id": "chatcmpl-1", "finish_reason": "stop", "temperature": 0.5},
}

// Chat is a chat completion about Lisbon, at a temperature of 0.5.
var Chat = loopback.Case{
	Name: "text", Want: completion,
	Answer: loopback.Answer{Body: `{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[` +
		`{"index":0,"message":{"role":"assistant","content":"In Portugal."},"finish_reason":"stop"}],"usage":` + usage + `}`},
}

// ChatStream is the same as a stream.
var ChatStream = loopback.Case{
	Name: "text", Want: completion.With(func(w *loopback.Want) { w.Name += "Streaming" }),
	Answer: loopback.Answer{Events: loopback.SSE(
		chunk(`[{"index":0,"delta":{"role":"assistant","content":"In "}}]`, ``), chunk(`[{"index":0,"delta":{"content":"Portugal."}}]`, ``),
		chunk(`[{"index":0,"delta":{},"finish_reason":"stop"}]`, ``), chunk(`[]`, `,"usage":`+usage), "[DONE]")},
}

func chunk(choices, rest string) string {
	return `{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":` + choices + rest + `}`
}

// Variation asks for two variations of an image, of 256x256 pixels.
var Variation = loopback.Case{
	Name: "two", Answer: loopback.Answer{Body: `{"created":1,"data":[{"url":"http://example.com/1.png"}]}`},
	Want: loopback.Want{
		Name: "ImageService.NewVariation", Model: "dall-e-2", Provider: "openai", Tags: []string{"openai"},
		Input: `{"n":2,"size":"256x256"}`, Output: `{"data":[{"url":"http://example.com/1.png"}]}`, Metadata: map[string]any{"image": nil},
	},
}
