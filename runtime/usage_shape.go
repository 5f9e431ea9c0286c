package opik

import (
	"slices"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// shape is how a provider names its counts.
type shape struct {
	prompt, completion, total string

	beside   []string // part of the prompt, counted beside it
	thoughts string   // part of the completion, counted beside it where the total says so
}

// shapes are tried in this order.
var shapes = []shape{
	{prompt: "prompt_tokens", completion: "completion_tokens", total: "total_tokens"},
	{
		prompt: "input_tokens", completion: "output_tokens", total: "total_tokens",
		beside: []string{"cache_creation_input_tokens", "cache_read_input_tokens"},
	},
	{
		prompt: "prompt_token_count", completion: "candidates_token_count", total: "total_token_count",
		beside: []string{"tool_use_prompt_token_count"}, thoughts: "thoughts_token_count",
	},
	{prompt: "inputTokens", completion: "outputTokens"}, // the total of Bedrock counts what was cached, too
	{prompt: "prompt_eval_count", completion: "eval_count"},
	{prompt: "tokens.input_tokens", completion: "tokens.output_tokens"}, // Cohere's; what it bills is less
	{prompt: "billed_units.input_tokens", completion: "billed_units.output_tokens"},
}

// Counts that are worked with, and not sent.
const (
	iterationsPrompt     = "iterations.prompt"
	iterationsCompletion = "iterations.completion"
)

const inputCharacters = "input_characters"

// originalPrefix marks a count that has the name which the provider uses. The server needs some of them to know the
// price of cached tokens.
const originalPrefix = "original_usage."

// normalized returns counts with the names that Opik uses, and below a prefix those that the provider uses. What has
// Opik's names only, unless that is the provider's original, or the prefix, or is of an unknown provider stays as it is.
func normalized(usage []record.Count, original bool) []record.Count {
	i := slices.IndexFunc(shapes, func(s shape) bool { return s.fits(usage) })
	if i < 0 || i == 0 && !original && shapes[0].covers(usage) || prefixed(usage) {
		return usage
	}
	all := shapes[i].summary(usage)
	for _, u := range usage {
		if u.Key != iterationsPrompt && u.Key != iterationsCompletion {
			all = append(all, record.Count{Key: originalPrefix + u.Key, N: u.N})
		}
	}
	return append(all, bare(usage)...)
}

// bare returns what the server reads without a prefix, too: the characters that speech is paid by, and which input
// tokens were cached where the server does not know the name, that of OpenAI's responses, and takes the full price.
func bare(usage []record.Count) []record.Count {
	var all []record.Count
	if n, ok := lookup(usage, inputCharacters); ok {
		all = append(all, record.Count{Key: inputCharacters, N: n})
	}
	if n, _ := lookup(usage, "input_tokens_details.cached_tokens"); n > 0 {
		all = append(all, record.Count{Key: "cache_read_input_tokens", N: n})
	}
	return all
}

func (s shape) fits(usage []record.Count) bool {
	_, prompt := lookup(usage, s.prompt)
	_, completion := lookup(usage, s.completion)
	return prompt || completion
}

// covers reports whether the shape names all counts.
func (s shape) covers(usage []record.Count) bool {
	return !slices.ContainsFunc(usage, func(u record.Count) bool {
		return u.Key != s.prompt && u.Key != s.completion && u.Key != s.total
	})
}

func prefixed(usage []record.Count) bool {
	return slices.ContainsFunc(usage, func(u record.Count) bool { return strings.HasPrefix(u.Key, originalPrefix) })
}

// summary returns the three counts that Opik shows.
func (s shape) summary(usage []record.Count) []record.Count {
	prompt, completion := s.billed(usage)
	total, ok := lookup(usage, s.total)
	if thoughts, _ := lookup(usage, s.thoughts); ok && total != prompt+completion {
		completion += thoughts
	}
	if !ok {
		total = prompt + completion
	}
	return []record.Count{
		{Key: "prompt_tokens", N: prompt},
		{Key: "completion_tokens", N: completion},
		{Key: "total_tokens", N: total},
	}
}

// billed returns the counts that are paid for.
func (s shape) billed(usage []record.Count) (prompt, completion int32) {
	if prompt, ok := lookup(usage, iterationsPrompt); ok {
		completion, _ := lookup(usage, iterationsCompletion)
		return prompt, completion
	}
	prompt, _ = lookup(usage, s.prompt)
	completion, _ = lookup(usage, s.completion)
	for _, key := range s.beside {
		n, _ := lookup(usage, key)
		prompt += n
	}
	return prompt, completion
}

func lookup(usage []record.Count, key string) (n int32, ok bool) {
	for _, u := range usage {
		if u.Key == key {
			return u.N, true
		}
	}
	return 0, false
}
