// Package price estimates what a call of a model cost, from public list prices. An estimate is for orientation: it
// knows neither discounts nor prices that changed after the table was made.
package price

import (
	_ "embed"
	"encoding/json"
	"maps"
	"regexp"
	"strings"
	"sync"
)

// Version is what an estimated row carries, so that it can be told from a cost that the client named.
const Version = "1.1"

//go:embed prices.json
var table []byte

// prices are dollars for a million tokens: input, output, and, where they differ, cached input read and written.
type prices []float64

// byProvider reads the table once.
var byProvider = sync.OnceValue(func() map[string]map[string]prices {
	var listed map[string]map[string]prices
	if err := json.Unmarshal(table, &listed); err != nil {
		return nil // a test reads the table
	}
	for _, models := range listed {
		for name, price := range maps.Clone(models) {
			models[plain(name)] = price
		}
	}
	return listed
})

// Estimate returns the cost of a call in dollars and the version of the estimate, or nothing where model, provider or
// usage are not known. Where they are not, metadata may name the cost.
func Estimate(provider, model string, usage map[string]int64, metadata []byte) (cost *float64, version string) {
	price, ok := lookUp(provider, model)
	if !ok || len(usage) == 0 {
		return named(metadata)
	}
	total := price.of(count(usage))
	return &total, Version
}

// named is the cost that an instrumentation left in the metadata.
func named(metadata []byte) (*float64, string) {
	var found struct {
		Cost struct {
			Currency string   `json:"currency"`
			Total    *float64 `json:"total_cost"`
		} `json:"cost"`
	}
	if len(metadata) == 0 || json.Unmarshal(metadata, &found) != nil || found.Cost.Total == nil || found.Cost.Currency != "USD" {
		return nil, ""
	}
	return found.Cost.Total, Version
}

// dated is the end of a model's name that says when it was made.
var dated = regexp.MustCompile(`-\d{4}-?\d{2}-?\d{2}$`)

// lookUp finds a model by its name, without a prefix, with dots as hyphens, and at last without its date.
func lookUp(provider, model string) (prices, bool) {
	models := byProvider()[provider]
	if model == "" || models == nil {
		return nil, false
	}
	name := model[strings.LastIndexByte(model, '/')+1:]
	for _, spelled := range []string{name, plain(name), dated.ReplaceAllString(plain(name), "")} {
		if price, ok := models[spelled]; ok {
			return price, true
		}
	}
	return nil, false
}

// plain is a model's name in the spelling that all agree on.
func plain(name string) string { return strings.ReplaceAll(strings.ToLower(name), ".", "-") }

// tokens are counted by price.
type tokens struct{ input, output, read, written int64 }

// count divides a usage by price. What a provider says of its cache is under original_usage.
func count(usage map[string]int64) tokens {
	output := usage["completion_tokens"]
	if cached, ok := usage["original_usage.prompt_tokens_details.cached_tokens"]; ok {
		return tokens{max(0, usage["prompt_tokens"]-cached), output, cached, 0}
	}
	read := usage["original_usage.cache_read_input_tokens"] + usage["original_usage.cacheReadInputTokens"]
	written := usage["original_usage.cache_creation_input_tokens"] + usage["original_usage.cacheWriteInputTokens"]
	if input, ok := usage["original_usage.input_tokens"]; ok {
		return tokens{input, output, read, written}
	}
	return tokens{usage["prompt_tokens"], output, read, written}
}

// of adds up a call. Where the cache has no price of its own, it costs what input costs.
func (p prices) of(t tokens) float64 {
	return (float64(t.input)*p[0] + float64(t.output)*p[1] + float64(t.read)*p.cached(2) + float64(t.written)*p.cached(3)) / 1e6
}

// cached is the price at an index that may be missing.
func (p prices) cached(index int) float64 {
	if index < len(p) && p[index] > 0 {
		return p[index]
	}
	return p[0]
}
