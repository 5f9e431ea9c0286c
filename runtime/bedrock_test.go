package opik_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestBedrockUsage(t *testing.T) {
	cases := map[string]struct{ body, want string }{
		"Anthropic": {
			`{"content":[],"usage":{"input_tokens":9,"output_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":0}}`,
			`{"inputTokens":9,"outputTokens":5,"cacheReadInputTokens":7,"cacheWriteInputTokens":0}`,
		},
		"Nova":                              {`{"usage":{"inputTokens":9,"outputTokens":5}}`, `{"inputTokens":9,"outputTokens":5}`},
		"OpenAI":                            {`{"usage":{"prompt_tokens":9,"completion_tokens":5}}`, `{"inputTokens":9,"outputTokens":5}`},
		"Meta":                              {`{"generation":"x","prompt_token_count":9,"generation_token_count":5}`, `{"inputTokens":9,"outputTokens":5}`},
		"Titan":                             {`{"inputTextTokenCount":9,"results":[{"tokenCount":5}]}`, `{"inputTokens":9,"outputTokens":5}`},
		"Titan, streamed":                   {`{"inputTextTokenCount":9,"totalOutputTextTokenCount":5}`, `{"inputTokens":9,"outputTokens":5}`},
		"Titan's embeddings":                {`{"embedding":[0.1],"inputTextTokenCount":9}`, `{"inputTokens":9}`},
		"any model, streamed":               {`{"amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"outputTokenCount":5}}`, `{"inputTokens":9,"outputTokens":5}`},
		"none":                              {`{"text":"x","usage":{"seconds":1.5}}`, ``},
		"too many, which is left out later": {`{"prompt_token_count":9000000000}`, `{"inputTokens":9000000000}`},
		"another type":                      {`{"usage":"much"}`, ``},
		"no JSON":                           {`<html>`, ``},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, string(opik.BedrockUsage([]byte(c.body))))
		})
	}
	assert.Nil(t, opik.BedrockUsage(nil))
}

func TestUsageFieldsInBytes(t *testing.T) {
	want := map[string]int{"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "original_usage.inputTokens": 9, "original_usage.outputTokens": 0}
	for _, usage := range []any{[]byte(`{"inputTokens":9,"outputTokens":0}`), json.RawMessage(`{"inputTokens":9,"outputTokens":0}`)} {
		rec := opiktest.New(t)
		_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{})
		opik.CaptureUsageFields(span, usage)
		span.End()
		assert.Equal(t, want, rec.Traces()[0].Spans[0].Usage)
	}
}

// TestUsageFieldsInMaps has what langchaingo knows about the answers of its models.
func TestUsageFieldsInMaps(t *testing.T) {
	cases := map[string]struct {
		info map[string]any
		want map[string]int
	}{
		"OpenAI": {
			map[string]any{"PromptTokens": 9, "CompletionTokens": 5, "TotalTokens": 14, "PromptCachedTokens": 4, "CompletionReasoningTokens": 3, "ReasoningTokens": 3, "ThinkingContent": "", "PromptAudioTokens": 0},
			map[string]int{
				"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5, "original_usage.total_tokens": 14,
				"original_usage.prompt_tokens_details.cached_tokens": 4, "original_usage.completion_tokens_details.reasoning_tokens": 3,
			},
		},
		"Anthropic": {
			map[string]any{"InputTokens": 9, "OutputTokens": 5, "CacheReadInputTokens": 7},
			map[string]int{"prompt_tokens": 16, "completion_tokens": 5, "total_tokens": 21, "original_usage.input_tokens": 9, "original_usage.output_tokens": 5, "original_usage.cache_read_input_tokens": 7},
		},
		"Google, twice": {
			map[string]any{"input_tokens": int32(9), "output_tokens": int32(5), "PromptTokens": int32(9), "CompletionTokens": int32(5), "CacheReadInputTokens": int32(4), "citations": nil},
			map[string]int{
				"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.input_tokens": 9, "original_usage.output_tokens": 5,
				"original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5, "original_usage.cache_read_input_tokens": 4,
			},
		},
		"Mistral": {
			map[string]any{"created": 1767225600, "model": "m", "index": 1, "usage": map[string]any{"prompt_tokens": 9, "completion_tokens": 5}},
			map[string]int{"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.prompt_tokens": 9, "original_usage.completion_tokens": 5},
		},
		"nothing": {map[string]any{"created": 1767225600}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{})
			opik.CaptureUsageFields(span, c.info)
			span.End()
			assert.Equal(t, c.want, rec.Traces()[0].Spans[0].Usage)
		})
	}
}

func TestWithoutVectors(t *testing.T) {
	rec := opiktest.New(t)
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{})
	opik.CaptureOutput(span, "vectors", opik.WithoutVectors([][]float32{make([]float32, 384)}))
	opik.CaptureOutput(span, "body", opik.WithoutVectors(opik.JSON([]byte(`{"embedding":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7]}`))))
	opik.CaptureOutput(span, "nothing", opik.WithoutVectors([]float32(nil)))
	opik.CaptureOutput(span, "none", opik.WithoutVectors(nil))
	span.End()
	assert.Equal(t, map[string]any{
		"vectors": []any{"[384 numbers]"}, "body": map[string]any{"embedding": "[17 numbers]"},
	}, rec.Traces()[0].Spans[0].Output)
}
