package delta_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/delta"
)

// frame is an event of Amazon Bedrock.
type frame struct{ kind, payload string }

var conversation = []frame{
	{"messageStart", `{"role":"assistant","p":"abc"}`},
	{"contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm"}}}`},
	{"contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"abc"}}}`},
	{"contentBlockDelta", `{"contentBlockIndex":1,"delta":{"text":"Lis"}}`},
	{"contentBlockDelta", `{"contentBlockIndex":1,"delta":{"text":"bon"},"p":"abc"}`},
	{"contentBlockStop", `{"contentBlockIndex":1}`},
	{"contentBlockStart", `{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t1","name":"weather"}}}`},
	{"contentBlockDelta", `{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"city\":"}}}`},
	{"contentBlockDelta", `{"contentBlockIndex":2,"delta":{"toolUse":{"input":"\"Lisbon\"}"}}}`},
	{"contentBlockDelta", `{"contentBlockIndex":3,"delta":{"citation":{"title":"a"}}}`},
	{"contentBlockDelta", `{"contentBlockIndex":3,"delta":{"citation":{"title":"b"}}}`},
	{"contentBlockDelta", `{"contentBlockIndex":4,"delta":{"reasoningContent":{"redactedContent":"eA=="}}}`},
	{"messageStop", `{"stopReason":"tool_use"}`},
	{"metadata", `{"usage":{"inputTokens":9},"metrics":{"latencyMs":5},"p":"abcd"}`},
}

const conversed = `{"message":{"role":"assistant","content":[
	{"reasoningContent":{"reasoningText":{"text":"Hm","signature":"abc"}}},{"text":"Lisbon"},{"toolUse":{"toolUseId":"t1","name":"weather","input":{"city":"Lisbon"}}},
	{"citationsContent":{"citations":[{"title":"a"},{"title":"b"}]}},{"reasoningContent":{"redactedContent":"eA=="}}
]}}`

func TestConversation(t *testing.T) {
	var a delta.Answer
	for _, f := range conversation {
		a.AddEvent(f.kind, []byte(f.payload))
	}
	assert.JSONEq(t, `{"output":`+conversed+`,"stopReason":"tool_use","usage":{"inputTokens":9},"metrics":{"latencyMs":5}}`, string(a.JSON()))
	assert.JSONEq(t, conversed, string(a.Member("output")))
}

// TestInvokedModels adds up what models write that Amazon Bedrock invokes.
func TestInvokedModels(t *testing.T) {
	cases := map[string]struct {
		chunks []string
		want   string
	}{
		"Nova": {
			[]string{`{"messageStart":{"role":"assistant"}}`, `{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Lis"}}}`, `{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"bon"}}}`},
			`{"output":{"message":{"role":"assistant","content":[{"text":"Lisbon"}]}}}`,
		},
		"Meta": {
			[]string{`{"generation":"Lis","generation_token_count":1}`, `{"generation":"bon","generation_token_count":2,"stop_reason":"stop"}`},
			`{"generation":"Lisbon","generation_token_count":2,"stop_reason":"stop"}`,
		},
		"Anthropic": {
			[]string{`{"type":"message_start","message":{"content":[],"usage":{"input_tokens":9}}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Lisbon"}}`},
			`{"content":[{"text":"Lisbon"}],"usage":{"input_tokens":9}}`,
		},
		"no JSON": {[]string{`{"generation":"Lisbon"}`, `]`, `7`}, `{"generation":"Lisbon"}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var a delta.Answer
			for _, chunk := range c.chunks {
				a.AddEvent("chunk", []byte(chunk))
			}
			assert.JSONEq(t, c.want, string(a.JSON()))
		})
	}
}

func TestConversationThatIsTooLong(t *testing.T) {
	var a delta.Answer
	a.Limit(100)
	for range 10 {
		a.AddEvent("contentBlockDelta", []byte(`{"contentBlockIndex":0,"delta":{"text":"Lisbon"}}`))
	}
	assert.JSONEq(t, `{"output":{"message":{"content":[{"text":"LisbonLisbon"}]}}}`, string(a.JSON()))
}
