package opik_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

type statistics struct{ tokens float32 }

type embedding struct{ statistics *statistics }

func tokensOf(e embedding) float32 { return e.statistics.tokens }

// ExampleSumUsage adds up what an SDK counts for each of several texts.
func ExampleSumUsage() {
	texts := []string{"to be", "or not to be"}
	fmt.Println(opik.SumUsage("prompt_tokens", texts, func(text string) int { return len(text) }))
	// Output: map[prompt_tokens:17]
}

func TestSumUsage(t *testing.T) {
	two, three := embedding{&statistics{2}}, embedding{&statistics{3}}
	cases := map[string]struct {
		list []embedding
		want map[string]int
	}{
		"all":     {[]embedding{two, three}, map[string]int{"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 5, "original_usage.prompt_token_count": 5}},
		"some":    {[]embedding{{}, three}, map[string]int{"prompt_tokens": 3, "completion_tokens": 0, "total_tokens": 3, "original_usage.prompt_token_count": 3}},
		"none":    {[]embedding{{}, {}}, nil},
		"nothing": {nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			_, span := opik.StartSpan(rec.Context(), "embed", opik.SpanOptions{Type: opik.TypeLLM})
			opik.CaptureUsageFields(span, opik.SumUsage("prompt_token_count", c.list, tokensOf))
			span.End()
			assert.Equal(t, c.want, said(t, rec).Usage)
		})
	}
}
