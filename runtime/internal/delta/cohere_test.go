package delta_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/delta"
)

func TestCohere(t *testing.T) {
	var a delta.Answer
	for _, event := range []string{
		`{"type":"message-start","id":"c1","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}`,
		`{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"Lo"}}}`,
		`{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"ok."}}}`,
		`{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"t1","type":"function","function":{"name":"weather","arguments":""}}}}}`,
		`{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}`,
		`{"type":"tool-call-end","index":0}`,
		`{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}}`,
		`{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"Hm"}}}}`,
		`{"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":""}}}}`,
		`{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"Lis"}}}}`,
		`{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"bon"}}}}`,
		`{"type":"content-end","index":1}`,
		`{"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":0,"end":3}}}}`,
		`{"type":"citation-start","index":1,"delta":{"message":{"citations":{"start":3,"end":6}}}}`,
		`{"type":"citation-end","index":1}`,
		`{"type":"message-end","id":"c1","delta":{"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":9}}}}`,
	} {
		a.Add([]byte(event))
	}
	assert.JSONEq(t, `{
		"id":"c1","finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":9}},
		"message":{
			"role":"assistant","tool_plan":"Look.","tool_calls":[{"id":"t1","type":"function","function":{"name":"weather","arguments":"{}"}}],
			"content":[{"type":"thinking","thinking":"Hm"},{"type":"text","text":"Lisbon"}],"citations":[{"start":0,"end":3},{"start":3,"end":6}]
		}
	}`, string(a.JSON()))
}
