package opik

import (
	"slices"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// number is what a provider's SDK may count tokens in.
type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

// CaptureUsage records how much an llm span used of something, most often tokens, under the name that the provider
// uses; Opik's own names prompt_tokens, completion_tokens and total_tokens are worked out from those of the well-known
// providers. Opik takes 32-bit integers only: other numbers are left out and counted. In a stream the last count that is
// not 0 holds; of a call that failed, 0 is left out.
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
	if count == 0 && (s.failed.Load() || s.tap.Load() != nil) {
		return // the chunks of a stream have 0 where they do not count
	}
	s.change(func() { s.setUsage(key, count) })
}

// maxCounts is more than any provider counts, and so few that to look at them all for each takes no time.
const maxCounts = 256

// setUsage enters a count, or replaces it. The span is locked.
func (s *Span) setUsage(key string, count int32) {
	i := slices.IndexFunc(s.usage, func(u record.Count) bool { return u.Key == key })
	if i >= 0 {
		s.usage[i].N = count
		return
	}
	if len(s.usage) == maxCounts {
		s.client.droppedUsage.Add(1)
		return
	}
	if s.usage == nil {
		s.usage = s.counts[:0]
	}
	s.usage = append(s.usage, record.Count{Key: key, N: count})
}
