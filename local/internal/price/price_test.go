package price_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/price"
)

func TestEstimate(t *testing.T) {
	usage := map[string]int64{"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000}
	tests := []struct {
		name, provider, model string
		usage                 map[string]int64
		metadata              string
		want                  float64 // 0 is none
	}{
		{"exact", "openai", "gpt-4o-mini", usage, "", 0.75},
		{"a date that the table does not know", "openai", "gpt-4o-mini-2031-01-02", usage, "", 0.75},
		{"a prefix and capitals", "openai", "openai/GPT-4o-mini", usage, "", 0.75},
		{"cached tokens cost less", "openai", "gpt-4o-mini", map[string]int64{
			"prompt_tokens": 1_000_000, "original_usage.prompt_tokens_details.cached_tokens": 1_000_000}, "", 0.075},
		{"no provider", "", "gpt-4o-mini", usage, "", 0},
		{"no such model", "openai", "gpt-none", usage, "", 0},
		{"no usage", "openai", "gpt-4o-mini", nil, "", 0},
		{"named by the metadata", "", "", nil, `{"cost":{"currency":"USD","total_cost":0.5}}`, 0.5},
		{"metadata that is no object", "", "", nil, `[1]`, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cost, version := price.Estimate(test.provider, test.model, test.usage, []byte(test.metadata))
			if test.want == 0 {
				assert.Nil(t, cost)
				assert.Empty(t, version)
				return
			}
			require.NotNil(t, cost)
			assert.InDelta(t, test.want, *cost, 1e-9)
			assert.Equal(t, price.Version, version)
		})
	}
}
