package opik

import "encoding/json"

// BedrockUsage returns the counts in the answer of a model that Amazon Bedrock invokes, whichever provider's it is, as
// Bedrock itself names them. body is the JSON of the answer, also of one that was streamed and added up. It returns nil
// if there are no counts. It is for the expressions of directives and presets.
func BedrockUsage(body []byte) json.RawMessage {
	var answer bedrockAnswer
	_ = json.Unmarshal(body, &answer)
	for _, counts := range []bedrockCounts{answer.Usage.Converse, answer.Usage.anthropic(), answer.Usage.openAI(), answer.meta(), answer.titan(), answer.Metrics.counts()} {
		if counts != (bedrockCounts{}) {
			text, _ := json.Marshal(counts)
			return text
		}
	}
	return nil
}

// bedrockCounts are the counts under the names of Bedrock.
type bedrockCounts struct {
	Input  json.Number `json:"inputTokens,omitempty"`
	Output json.Number `json:"outputTokens,omitempty"`
	Read   json.Number `json:"cacheReadInputTokens,omitempty"`
	Write  json.Number `json:"cacheWriteInputTokens,omitempty"`
}

// bedrockAnswer is what answers say of counts.
type bedrockAnswer struct {
	Usage   bedrockUsage
	Metrics bedrockMetrics `json:"amazon-bedrock-invocationMetrics"`

	// Meta's models
	Prompt     json.Number `json:"prompt_token_count"`
	Generation json.Number `json:"generation_token_count"`

	// Amazon's Titan
	Text      json.Number `json:"inputTextTokenCount"`
	TotalText json.Number `json:"totalOutputTextTokenCount"` // of a stream
	Results   []struct{ TokenCount json.Number }
}

func (a bedrockAnswer) meta() bedrockCounts {
	return bedrockCounts{Input: a.Prompt, Output: a.Generation}
}

func (a bedrockAnswer) titan() bedrockCounts {
	counts := bedrockCounts{Input: a.Text, Output: a.TotalText}
	if len(a.Results) > 0 {
		counts.Output = a.Results[0].TokenCount
	}
	return counts
}

// bedrockUsage is a usage in the names of Amazon's Nova, of Anthropic, or of OpenAI and those who follow it.
type bedrockUsage struct {
	Converse bedrockCounts `json:"-"`

	Input   json.Number `json:"input_tokens"`
	Output  json.Number `json:"output_tokens"`
	Read    json.Number `json:"cache_read_input_tokens"`
	Created json.Number `json:"cache_creation_input_tokens"`

	Prompt     json.Number `json:"prompt_tokens"`
	Completion json.Number `json:"completion_tokens"`
}

// UnmarshalJSON reads the counts under all names.
func (u *bedrockUsage) UnmarshalJSON(text []byte) error {
	type plain bedrockUsage
	_ = json.Unmarshal(text, (*plain)(u))
	_ = json.Unmarshal(text, &u.Converse)
	return nil
}

func (u bedrockUsage) anthropic() bedrockCounts {
	return bedrockCounts{Input: u.Input, Output: u.Output, Read: u.Read, Write: u.Created}
}

func (u bedrockUsage) openAI() bedrockCounts {
	return bedrockCounts{Input: u.Prompt, Output: u.Completion}
}

// bedrockMetrics are what Bedrock adds to the last event of any stream.
type bedrockMetrics struct {
	Input  json.Number `json:"inputTokenCount"`
	Output json.Number `json:"outputTokenCount"`
	Read   json.Number `json:"cacheReadInputTokenCount"`
	Write  json.Number `json:"cacheWriteInputTokenCount"`
}

func (m bedrockMetrics) counts() bedrockCounts { return bedrockCounts(m) }
