package opik

import "math"

// addTotal adds up the counts that came with different elements of a stream, where they have Opik's names, so that nothing
// else would. The span is locked.
func (s *Span) addTotal() {
	prompt, asked := lookup(s.usage, "prompt_tokens")
	completion, answered := lookup(s.usage, "completion_tokens")
	_, known := lookup(s.usage, "total_tokens")
	if total := int64(prompt) + int64(completion); asked && answered && !known && total <= math.MaxInt32 && (prefixed(s.usage) || shapes[0].covers(s.usage)) {
		s.setUsage("total_tokens", int32(total))
	}
}
