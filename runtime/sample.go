package opik

import (
	"cmp"
	"context"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// TraceStart is a trace that is about to start, for Options.SampleRule to decide about.
type TraceStart struct {
	Context  context.Context
	Name     string
	Project  string // "" is the client's
	ThreadID string
}

// sampled decides whether a trace is recorded. Traces of a thread that is known when they start are recorded all or
// none, so that a conversation is not full of holes.
func (c *Client) sampled(ctx context.Context, name, project string, o TraceOptions) bool {
	rate := c.sampleRate(TraceStart{ctx, name, cmp.Or(o.Project, project), o.ThreadID})
	switch {
	case rate >= 1:
		return true
	case o.ThreadID != "":
		return fraction(o.ThreadID) < rate
	default:
		return rand.Float64() < rate
	}
}

// sampleRate returns the share of traces like this one that is recorded. A rule that panics records.
func (c *Client) sampleRate(start TraceStart) (rate float64) {
	if c.sampleRule == nil {
		return c.sampleShare
	}
	defer func() {
		if recover() != nil {
			rate = 1
		}
	}()
	return c.sampleRule(start)
}

// fraction maps a text to a number from 0 up to 1, the same in every process.
func fraction(text string) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	x := h.Sum64()
	x ^= x >> 33 // FNV leaves similar texts close together: mix once more, as MurmurHash does in the end
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// unsampled returns the context of a trace that is not recorded: nothing below it is.
func unsampled(ctx context.Context, c *Client) context.Context {
	return &clientContext{ctx, current{client: c, project: below(ctx).project, unsampled: true}}
}

// isUnsampled reports whether nothing is recorded below ctx because its trace is not.
func isUnsampled(ctx context.Context) bool {
	cur := currentIn(ctx)
	return cur != nil && cur.unsampled
}

// share returns the rate that the options mean: 0, the zero value, is all.
func (o Options) share() float64 {
	if o.SampleRate <= 0 || math.IsNaN(o.SampleRate) {
		return 1
	}
	return o.SampleRate
}
