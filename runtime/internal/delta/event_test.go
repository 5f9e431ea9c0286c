package delta_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/delta"
)

var messageEvents = []string{
	`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,` +
		`"usage":{"input_tokens":9,"cache_read_input_tokens":100,"output_tokens":1}}}`,
	`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"abc"}}`,
	`{"type":"content_block_stop","index":0}`,
	`{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":[]}}`,
	`{"type":"ping"}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Lis"}}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"bon"}}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"cited_text":"a"}}}`,
	`{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"cited_text":"b"}}}`,
	`{"type":"content_block_stop","index":1}`,
	`{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}`,
	`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}`,
	`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}`,
	`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"\"Lisbon\"}"}}`,
	`{"type":"content_block_stop","index":2}`,
	`{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":15}}`,
	`{"type":"message_stop"}`,
}

const (
	thinkingBlock = `{"type":"thinking","thinking":"Hm","signature":"abc"}`
	textBlock     = `{"type":"text","text":"Lisbon","citations":[{"cited_text":"a"},{"cited_text":"b"}]}`
	messageHead   = `{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[`
)

var responseEvents = []string{
	`{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"gpt","status":"in_progress","output":[]}}`,
	`{"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}`,
	`{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}`,
	`{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"Thin"}`,
	`{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"king"}`,
	`{"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Thinking."}]}}`,
	`{"type":"response.output_item.added","output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}}`,
	`{"type":"response.content_part.added","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}`,
	`{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"Lis","logprobs":[]}`,
	`{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"bon","logprobs":[]}`,
	`{"type":"response.output_text.annotation.added","output_index":1,"content_index":0,"annotation":{}}`,
	`{"type":"response.output_item.added","output_index":2,"item":{"id":"fc_1","type":"function_call","name":"weather","arguments":""}}`,
	`{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"city\""}`,
	`{"type":"response.function_call_arguments.delta","output_index":2,"delta":":1}"}`,
	`{"type":"response.completed","response":{"id":"resp_1","model":"gpt-2025","status":"completed","output":[{"type":"message"}]}}`,
}

func geminiChunk(candidate string) string {
	return `{"candidates":[` + candidate + `],"modelVersion":"gemini","usageMetadata":{"promptTokenCount":9}}`
}

// eventCases say after how many of the events what the answer is.
var eventCases = map[string]answerCase{
	"a message": {
		messageEvents, messageHead + thinkingBlock + `,` + textBlock +
			`,{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Lisbon"}}],"stop_reason":"tool_use","stop_sequence":null,` +
			`"usage":{"input_tokens":9,"cache_read_input_tokens":100,"output_tokens":15}}`,
	},
	"a message that was left": {
		messageEvents[:15], messageHead + thinkingBlock + `,` + textBlock +
			`,{"type":"tool_use","id":"toolu_1","name":"weather","input":"{\"city\":"}],"stop_reason":null,` +
			`"usage":{"input_tokens":9,"cache_read_input_tokens":100,"output_tokens":1}}`,
	},
	"a tool without input": {
		append(messageEvents[:1:1], messageEvents[12:14]...), messageHead + `{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}],` +
			`"stop_reason":null,"usage":{"input_tokens":9,"cache_read_input_tokens":100,"output_tokens":1}}`,
	},
	"a response": {responseEvents, `{"id":"resp_1","model":"gpt-2025","status":"completed","output":[{"type":"message"}]}`},
	"a response that was left": {
		responseEvents[:14], `{"id":"resp_1","model":"gpt","status":"in_progress","output":[
			{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Thinking."}]},
			{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Lisbon","annotations":[]}]},
			{"id":"fc_1","type":"function_call","name":"weather","arguments":"{\"city\":1}"}]}`,
	},
	"a response that was left while it thought": {
		responseEvents[:5], `{"id":"resp_1","model":"gpt","status":"in_progress","output":[
			{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Thinking"}]}]}`,
	},
	"a refusal": {
		[]string{
			responseEvents[6], `{"type":"response.content_part.added","output_index":1,"content_index":0,"part":{"type":"refusal","refusal":""}}`,
			`{"type":"response.refusal.delta","output_index":1,"content_index":0,"delta":"No"}`,
			`{"type":"response.audio.delta","delta":"AAAA"}`, `{"type":"response.output_text.delta","output_index":1,"delta":{}}`,
		},
		`{"output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"refusal","refusal":"No"}]}]}`,
	},
	"Gemini": {
		[]string{
			geminiChunk(`{"content":{"role":"model","parts":[{"text":"Hm","thought":true}]}}`),
			geminiChunk(`{"content":{"role":"model","parts":[{"text":"m","thought":true},{"text":"Lis"}]}}`),
			geminiChunk(`{"content":{"role":"model","parts":[{"text":"bon"},{"functionCall":{"name":"weather","args":{"city":"Lisbon"}}}]}}`),
			geminiChunk(`{"content":{"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Porto"}}}]},"finishReason":"STOP"}`),
			geminiChunk(`{"index":1,"content":{"role":"model","parts":[{"text":"Other"}]}}`),
		},
		geminiChunk(`{"content":{"role":"model","parts":[{"text":"Hmm","thought":true},{"text":"Lisbon"},
			{"functionCall":{"name":"weather","args":{"city":"Lisbon"}}},{"functionCall":{"name":"weather","args":{"city":"Porto"}}}]},"finishReason":"STOP"},
			{"index":1,"content":{"role":"model","parts":[{"text":"Other"}]}}`),
	},
}

// TestOddEventsAreNoAnswer is for events that lack what they are about.
func TestOddEventsAreNoAnswer(t *testing.T) {
	var a delta.Answer
	for _, event := range []string{
		`{"type":"message_start"}`, `{"type":"message_delta","usage":{"output_tokens":1}}`, `{"type":"content_block_delta"}`,
		`{"type":"content_block_start","index":0}`, `{"type":"response.output_item.added"}`, `{"type":"response.created","response":7}`,
		`{"type":"response.output_text.delta","output_index":0,"delta":"x"}`, `{"candidates":7}`, `{"candidates":[{"content":{"parts":7}},7]}`,
		`{"type":"response.output_item.done","output_index":0}`, `{"type":"response.content_part.added","output_index":0}`,
	} {
		assert.NotPanics(t, func() { a.Add([]byte(event)) }, event)
	}
	assert.NotPanics(t, func() { a.JSON() })
}

// TestRepeatsAddUpTheSame is for chunks that differ from those before them in a piece of text alone, or nearly so.
func TestRepeatsAddUpTheSame(t *testing.T) {
	piece := func(text, rest string) string {
		return `{"id":"c","choices":[{"index":0,"delta":{"content":"` + text + `"}}]` + rest + `}`
	}
	tool := func(arguments string) string {
		return `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"arguments":"` + arguments + `"}}]}}]}`
	}
	event := func(number, delta string) string {
		return `{"type":"response.output_text.delta","sequence_number":` + number + `,"output_index":0,"content_index":0,"delta":"` + delta + `","obfuscation":"x"}`
	}
	for name, chunks := range map[string][]string{
		"events":             {event("1", "a"), event("2", "b"), event("10", "c"), event("x", "d"), event("", "e"), event("01", "f"), event("0", "g"), `{"type":"response.`},
		"text":               {piece("a", ""), piece("b", ""), piece("c", ""), piece("", ""), piece("dd", "")},
		"padding":            {piece("a", `,"obfuscation":"x"`), piece("b", `,"obfuscation":"xyz"`), piece("c", `,"obfuscation":""`), piece("d", "")},
		"escapes":            {piece("a", ""), piece("b", ""), piece(`\"`, ""), piece(`\u00e9`, ""), piece(`é`, ""), piece(`\\`, ""), piece("z", "")},
		"no UTF-8":           {piece("a", ""), piece("b", ""), piece("\xff", ""), piece("c", "")},
		"no JSON":            {piece("a", ""), piece("b", ""), piece("\n", ""), piece("c", "")},
		"the same elsewhere": {piece("a", `,"x":"a"`), piece("b", `,"x":"b"`), piece("c", `,"x":"b"`), piece("b", `,"x":"c"`)},
		"another in between": {piece("a", ""), piece("b", ""), tool("{"), piece("c", ""), tool("}"), tool("]"), piece("d", "")},
		"two texts": {
			`{"a":{"text":"x"},"b":{"text":"y"}}`, `{"a":{"text":"x"},"b":{"text":"z"}}`, `{"a":{"text":"x"},"b":{"text":"w"}}`,
		},
		"appended": {
			`{"text":"a","tokens":[1]}`, `{"text":"b","tokens":[1]}`, `{"text":"c","tokens":[1]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var a, slow delta.Answer
			for _, chunk := range chunks {
				a.Add([]byte(chunk))
				slow.AddSlowly([]byte(chunk))
				assert.Equal(t, string(slow.JSON()), string(a.JSON()), chunk)
			}
			if name == "padding" {
				assert.JSONEq(t, `{"id":"c","choices":[{"index":0,"message":{"content":"abcd"}}]}`, string(a.JSON()))
			}
		})
	}
}
