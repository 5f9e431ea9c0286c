package opik

import (
	"slices"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// number is what a provider's SDK may count tokens in.
type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

// CaptureUsage records how much an llm span used of something, most often tokens, under the name that the provider
// uses; Opik's own names prompt_tokens, completion_tokens and total_tokens are worked out from those of the well-known
// providers. Opik takes 32-bit integers only: other numbers are left out and counted. In a stream the last count that is
// not 0 holds.
func CaptureUsage[N number](s *Span, key string, n N) {
	if s != nil {
		count, ok := countOf(n)
		s.captureUsage(key, count, ok)
	}
}

// countOf returns n as an integer of 32 bits and whether it is one.
func countOf[N number](n N) (count int32, ok bool) {
	count = int32(n)
	return count, N(count) == n && (count < 0) == (n < 0)
}

func (s *Span) captureUsage(key string, count int32, ok bool) {
	if !ok {
		s.client.droppedUsage.Add(1)
		return
	}
	if count == 0 && s.tap.Load() != nil {
		return // the chunks of a stream have 0 where they do not count
	}
	s.change(func() { s.setUsage(key, count) })
}

// setUsage enters a count, or replaces it. The span is locked.
func (s *Span) setUsage(key string, count int32) {
	i := slices.IndexFunc(s.usage, func(u record.Count) bool { return u.Key == key })
	if i >= 0 {
		s.usage[i].N = count
		return
	}
	if s.usage == nil {
		s.usage = s.counts[:0]
	}
	s.usage = append(s.usage, record.Count{Key: key, N: count})
}

// shape is how a provider names its counts.
type shape struct {
	prompt, completion, total string

	cached   []string // part of the prompt, counted beside it
	thoughts string   // part of the completion, counted beside it where the total says so
}

// shapes are tried in this order.
var shapes = []shape{
	{prompt: "prompt_tokens", completion: "completion_tokens", total: "total_tokens"},
	{
		prompt: "input_tokens", completion: "output_tokens", total: "total_tokens",
		cached: []string{"cache_creation_input_tokens", "cache_read_input_tokens"},
	},
	{
		prompt: "prompt_token_count", completion: "candidates_token_count", total: "total_token_count",
		thoughts: "thoughts_token_count",
	},
	{prompt: "inputTokens", completion: "outputTokens", total: "totalTokens"},
}

// originalPrefix marks a count that has the name which the provider uses. The server needs some of them to know the
// price of cached tokens.
const originalPrefix = "original_usage."

// normalized returns counts with the names that Opik uses, and below a prefix those that the provider uses. What has
// Opik's names only, or the prefix, or is of an unknown provider stays as it is.
func normalized(usage []record.Count) []record.Count {
	i := slices.IndexFunc(shapes, func(s shape) bool { return s.fits(usage) })
	if i < 0 || i == 0 && shapes[0].covers(usage) || prefixed(usage) {
		return usage
	}
	all := shapes[i].summary(usage)
	for _, u := range usage {
		all = append(all, record.Count{Key: originalPrefix + u.Key, N: u.N})
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
	prompt, _ := lookup(usage, s.prompt)
	completion, _ := lookup(usage, s.completion)
	for _, key := range s.cached {
		n, _ := lookup(usage, key)
		prompt += n
	}
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

func lookup(usage []record.Count, key string) (n int32, ok bool) {
	for _, u := range usage {
		if u.Key == key {
			return u.N, true
		}
	}
	return 0, false
}
