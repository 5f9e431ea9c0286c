package price_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/price"
)

// listed is the table as it is embedded.
func listed(t *testing.T) map[string]map[string][]float64 {
	t.Helper()
	text, err := os.ReadFile("prices.json")
	require.NoError(t, err)
	var table map[string]map[string][]float64
	require.NoError(t, json.Unmarshal(text, &table))
	return table
}

func TestEveryModelOfTheTableHasAPrice(t *testing.T) {
	usage := map[string]int64{"prompt_tokens": 1_000_000, "completion_tokens": 2_000_000}
	table := listed(t)
	require.NotEmpty(t, table)
	for provider, models := range table {
		for model, prices := range models {
			require.GreaterOrEqual(t, len(prices), 2, model)
			cost, version := price.Estimate(provider, model, usage, nil)
			require.NotNil(t, cost, "%s %s", provider, model)
			assert.InDelta(t, prices[0]+2*prices[1], *cost, 1e-6, "%s %s", provider, model)
			assert.Equal(t, price.Version, version)
			for _, one := range prices {
				assert.GreaterOrEqual(t, one, 0.0, model)
				assert.Less(t, one, 1000.0, "%s: a price is for a million tokens", model)
			}
		}
	}
}

func TestTheProvidersOfOpikAreKnown(t *testing.T) {
	table := listed(t)
	for _, provider := range []string{"openai", "anthropic", "google_ai", "google_vertexai", "anthropic_vertexai", "bedrock", "groq"} {
		assert.NotEmpty(t, table[provider], provider)
	}
}

func TestWhatCachesCost(t *testing.T) {
	var provider, model string
	var prices []float64
	for name, list := range listed(t)["anthropic"] {
		if len(list) == 4 {
			provider, model, prices = "anthropic", name, list
		}
	}
	require.Len(t, prices, 4, "a model whose cache has prices of its own")
	tests := map[string]struct {
		usage map[string]int64
		want  float64
	}{
		"Anthropic's own counts": {map[string]int64{"prompt_tokens": 3e6, "completion_tokens": 1e6, "original_usage.input_tokens": 1e6,
			"original_usage.cache_read_input_tokens": 1e6, "original_usage.cache_creation_input_tokens": 1e6}, prices[0] + prices[1] + prices[2] + prices[3]},
		"only the normal ones":       {map[string]int64{"prompt_tokens": 3e6, "completion_tokens": 1e6}, 3*prices[0] + prices[1]},
		"more cached than there are": {map[string]int64{"prompt_tokens": 1e6, "original_usage.prompt_tokens_details.cached_tokens": 2e6}, 2 * prices[2]},
		"Bedrock's names":            {map[string]int64{"prompt_tokens": 1e6, "original_usage.cacheReadInputTokens": 1e6, "original_usage.cacheWriteInputTokens": 1e6}, prices[0] + prices[2] + prices[3]},
		"nothing counted":            {map[string]int64{"other": 1}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cost, _ := price.Estimate(provider, model, test.usage, nil)
			require.NotNil(t, cost)
			assert.InDelta(t, test.want, *cost, 1e-6)
		})
	}
}

func TestCostsThatMetadataNames(t *testing.T) {
	for text, want := range map[string]float64{
		`{"cost":{"currency":"USD","total_cost":0}}`: 0, `{"cost":{"currency":"USD","total_cost":1.5},"more":[1]}`: 1.5,
	} {
		cost, version := price.Estimate("nobody", "m", map[string]int64{"prompt_tokens": 1}, []byte(text))
		require.NotNil(t, cost, text)
		assert.InDelta(t, want, *cost, 0)
		assert.Equal(t, price.Version, version)
	}
	for _, text := range []string{``, `{}`, `"USD"`, `{"cost":1}`, `{"cost":{"currency":"EUR","total_cost":1}}`, `{"cost":{"currency":"USD","total_cost":"1"}}`, `{"cost":{"currency":"USD"}}`} {
		cost, version := price.Estimate("nobody", "m", nil, []byte(text))
		assert.Nil(t, cost, text)
		assert.Empty(t, version)
	}
}
