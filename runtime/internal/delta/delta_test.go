package delta_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/delta"
)

// chat makes the chunk of a chat completion that has one choice.
func chat(deltaJSON, finish string) string {
	return fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","obfuscation":"x9",`+
		`"choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}],"usage":null}`, deltaJSON, finish)
}

const chatHead = `{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini",`

// An answerCase is what chunks add up to.
type answerCase struct {
	chunks []string
	want   string
}

var cases = map[string]answerCase{
	"openai text": {
		chunks: []string{
			chat(`{"role":"assistant","content":"","refusal":null}`, `null`),
			chat(`{"content":"Lis"}`, `null`),
			chat(`{"content":"bon <3"}`, `null`),
			chat(`{}`, `"stop"`),
			`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","choices":[],` +
				`"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4}}}`,
		},
		want: chatHead + `"choices":[{"index":0,"message":{"role":"assistant","content":"Lisbon <3","refusal":null},` +
			`"logprobs":null,"finish_reason":"stop"}],` +
			`"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4}}}`,
	},
	"openai tool calls": {
		chunks: []string{
			chat(`{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}]}`, `null`),
			chat(`{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}`, `null`),
			chat(`{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"time","arguments":""}}]}`, `null`),
			chat(`{"tool_calls":[{"index":0,"function":{"arguments":"\"Lisbon\"}"}},{"index":1,"function":{"arguments":"{}"}}]}`, `null`),
			chat(`{}`, `"tool_calls"`),
		},
		want: chatHead + `"usage":null,"choices":[{"index":0,"logprobs":null,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[` +
			`{"id":"call_a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Lisbon\"}"}},` +
			`{"id":"call_b","type":"function","function":{"name":"time","arguments":"{}"}}]}}]}`,
	},
	"openai choices that come mixed, with log probabilities": {
		chunks: []string{
			`{"choices":[{"index":1,"delta":{"role":"assistant","content":"b"},"logprobs":{"content":[{"token":"b","logprob":-0.5}],"refusal":null}}]}`,
			`{"choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}`,
			`{"choices":[{"index":1,"delta":{"content":"B"},"logprobs":{"content":[{"token":"B","logprob":-1.5}],"refusal":null}}]}`,
			`{"choices":[{"index":0,"delta":{},"finish_reason":"length"},{"index":1,"delta":{},"finish_reason":"stop"}]}`,
		},
		want: `{"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"length"},` +
			`{"index":1,"message":{"role":"assistant","content":"bB"},"finish_reason":"stop","logprobs":{"content":[` +
			`{"token":"b","logprob":-0.5},{"token":"B","logprob":-1.5}],"refusal":null}}]}`,
	},
	"a server that gives all tool calls the index 0": {
		chunks: []string{
			`{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{"}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}}]}`,
		},
		want: `{"choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},` +
			`{"id":"b","function":{"name":"g","arguments":"{}"}}]}}]}`,
	},
	"legacy completions": {
		chunks: []string{
			`{"object":"text_completion","choices":[{"index":0,"text":"Lis","finish_reason":null}]}`,
			`{"object":"text_completion","choices":[{"index":0,"text":"bon","finish_reason":"stop"}]}`,
		},
		want: `{"object":"text_completion","choices":[{"index":0,"text":"Lisbon","finish_reason":"stop"}]}`,
	},
	"mistral": {
		chunks: []string{
			`{"id":"m1","object":"chat.completion.chunk","model":"mistral-small","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`,
			`{"id":"m1","object":"chat.completion.chunk","model":"mistral-small","choices":[{"index":0,"delta":{"content":"Bon"},"finish_reason":null}]}`,
			`{"id":"m1","object":"chat.completion.chunk","model":"mistral-small","choices":[{"index":0,"delta":{"content":"jour"},"finish_reason":null}]}`,
			`{"id":"m1","object":"chat.completion.chunk","model":"mistral-small","choices":[{"index":0,"delta":{"content":"","tool_calls":[` +
				`{"id":"t1","function":{"name":"f","arguments":"{\"a\": 1}"}}]},"finish_reason":"tool_calls"}],` +
				`"usage":{"prompt_tokens":5,"total_tokens":8,"completion_tokens":3}}`,
		},
		want: `{"id":"m1","object":"chat.completion","model":"mistral-small","choices":[{"index":0,"finish_reason":"tool_calls",` +
			`"message":{"role":"assistant","content":"Bonjour","tool_calls":[{"id":"t1","function":{"name":"f","arguments":"{\"a\": 1}"}}]}}],` +
			`"usage":{"prompt_tokens":5,"total_tokens":8,"completion_tokens":3}}`,
	},
	"mistral reasoning, in parts": {
		chunks: []string{
			`{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`,
			`{"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}}]}`,
			`{"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"Yes"}]}}]}`,
			`{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}`,
		},
		want: `{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":[` +
			`{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"Yes"}]}}]}`,
	},
	"ollama": {
		chunks: []string{
			`{"model":"llama3.2","created_at":"2025-01-01T00:00:00Z","message":{"role":"assistant","content":"","thinking":"Well"},"done":false}`,
			`{"model":"llama3.2","created_at":"2025-01-01T00:00:01Z","message":{"role":"assistant","content":"Lis"},"done":false}`,
			`{"model":"llama3.2","created_at":"2025-01-01T00:00:02Z","message":{"role":"assistant","content":"bon","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":false}`,
			`{"model":"llama3.2","created_at":"2025-01-01T00:00:03Z","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"g","arguments":{}}}]},"done":false}`,
			`{"model":"llama3.2","created_at":"2025-01-01T00:00:04Z","message":{"role":"assistant","content":""},"done_reason":"stop","done":true,"prompt_eval_count":26,"eval_count":3}`,
		},
		want: `{"model":"llama3.2","created_at":"2025-01-01T00:00:04Z","message":{"role":"assistant","content":"Lisbon","thinking":"Well","tool_calls":[` +
			`{"function":{"name":"f","arguments":{"a":1}}},{"function":{"name":"g","arguments":{}}}]},"done_reason":"stop","done":true,"prompt_eval_count":26,"eval_count":3}`,
	},
	"what all chunks say, and citations": {
		chunks: []string{`{"citations":["a"],"n":1,"x":null}`, `{"citations":["a","b"],"n":2.50,"x":{"y":1}}`, `{"citations":[],"n":null,"x":{"z":2}}`},
		want:   `{"citations":["a","b"],"n":2.50,"x":{"y":1,"z":2}}`,
	},
	"no objects": {chunks: []string{``, `null`, `[1]`, `"x"`, `{`, `{"a":1}`}, want: `{"a":1}`},
	"kinds that change": {
		chunks: []string{`{"a":"x","content":{"b":1},"choices":[1]}`, `{"a":{"b":1},"content":"c","choices":[{"index":0}]}`, `{"a":[1]}`},
		want:   `{"a":[1],"content":"c","choices":[1,{"index":0}]}`,
	},
}

// added returns the answer that chunks add up to.
func added(chunks []string) *delta.Answer {
	a := new(delta.Answer)
	for _, chunk := range chunks {
		a.Add([]byte(chunk))
	}
	return a
}

func TestChunksAddUpToTheAnswer(t *testing.T) { assertAddUp(t, cases) }

func TestEventsAddUpToTheAnswer(t *testing.T) { assertAddUp(t, eventCases) }

// assertAddUp checks the answers of cases, as a whole and by their members.
func assertAddUp(t *testing.T, cases map[string]answerCase) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := added(c.chunks)
			assert.JSONEq(t, c.want, string(a.JSON()))
			assert.JSONEq(t, c.want, string(a.JSON()), "reading it changes nothing")
			var want map[string]json.RawMessage
			require.NoError(t, json.Unmarshal([]byte(c.want), &want))
			for member, v := range want {
				assert.JSONEq(t, string(v), string(a.Member(member)))
			}
			assert.Nil(t, a.Member("nothing"))
		})
	}
}

func TestNothingAddedIsNoAnswer(t *testing.T) {
	var a delta.Answer
	assert.Nil(t, a.JSON())
	assert.Nil(t, a.Member("choices"))
}

// TestElementsThatCountUpTakeNoLongerEach adds the chunks of a server that says another index each time. Looking at all
// elements before it for each of them took minutes, in which the reader of the stream waited.
func TestElementsThatCountUpTakeNoLongerEach(t *testing.T) {
	var a delta.Answer
	ends := time.Now().Add(30 * time.Second)
	const chunks = 20_000
	for i := range chunks {
		a.Add(fmt.Appendf(nil, `{"choices":[{"index":%d,"delta":{"content":"word"}}]}`, i))
		require.True(t, i%100 != 0 || time.Now().Before(ends), "%d of %d chunks took 30 s", i, chunks)
	}
	a.Add(fmt.Appendf(nil, `{"choices":[{"index":%d,"delta":{"content":" and more"}}]}`, chunks-200))
	var choices []struct{ Message struct{ Content string } }
	require.NoError(t, json.Unmarshal(a.Member("choices"), &choices))
	require.Len(t, choices, chunks)
	assert.Equal(t, "word and more", choices[chunks-200].Message.Content)
}

// TestAChunkThatIsCutOffIsLeftOut has chunks whose end begins where the beginning of those before them ends.
func TestAChunkThatIsCutOffIsLeftOut(t *testing.T) {
	for _, cut := range []string{`{"response":"}`, `{"response":"`, `{"response":`, `"}`, ``} {
		answer := added([]string{`{"response":"a"}`, `{"response":"b"}`, `{"response":"c"}`, cut, `{"response":"d"}`})
		assert.JSONEq(t, `{"response":"abcd"}`, string(answer.JSON()), cut)
	}
}

func TestAnAnswerIsBounded(t *testing.T) {
	var a delta.Answer
	a.Limit(1000)
	for range 1000 {
		a.Add([]byte(chat(`{"content":"0123456789","tool_calls":[{"index":0,"function":{"arguments":"abc"}}]}`, `null`)))
	}
	a.Add([]byte(chat(`{"tool_calls":[{"index":7}]}`, `"stop"`)))
	assert.Less(t, len(a.JSON()), 1000)
	assert.Contains(t, string(a.JSON()), `"content":"0123456789`)
	assert.Contains(t, string(a.JSON()), `"finish_reason":"stop"`, "what replaces something is still taken")
}

// FuzzAnswer adds whatever comes: the answer is JSON, and no larger than the chunks.
func FuzzAnswer(f *testing.F) {
	for _, c := range cases {
		f.Add(strings.Join(c.chunks, "\n"))
	}
	for _, c := range eventCases {
		f.Add(strings.Join(c.chunks, "\n"))
	}
	f.Fuzz(func(t *testing.T, lines string) {
		var a, slow delta.Answer
		for line := range strings.Lines(lines) {
			a.Add([]byte(line))
			slow.AddSlowly([]byte(line))
		}
		assert.Equal(t, string(slow.JSON()), string(a.JSON()))
		if answer := a.JSON(); answer != nil {
			assert.True(t, json.Valid(answer), "%q", answer)
			assert.LessOrEqual(t, len(answer), 6*len(lines)+len(`"message"`)*len(lines))
		}
	})
}

// BenchmarkAnswer is what one chunk costs.
func BenchmarkAnswer(b *testing.B) {
	chunk := []byte(chat(`{"content":" word"}`, `null`))
	var a delta.Answer
	b.ReportAllocs()
	for b.Loop() {
		a.Add(chunk)
	}
}
