package shape

import (
	"go/types"
	"slices"
	"strings"
)

// known are the names from which the runtime works out Opik's own: in, then out.
var known = [][2]string{
	{"prompt_tokens", "completion_tokens"},
	{"input_tokens", "output_tokens"},
	{"prompt_token_count", "candidates_token_count"},
	{"inputTokens", "outputTokens"},
}

// isSpoken reports whether the provider's names are enough: the runtime works out Opik's from them, and prices cached
// tokens as such.
func (u *usage) isSpoken() bool { return u.isKnown() && u.cachedApart() == nil }

// facts records a usage node under the provider's names. Where these are not enough, Opik's are written beside them.
func (u *usage) facts(spoken bool) []Fact {
	var all []Fact
	add := func(key, expr string) { all = append(all, Fact{"usage." + key, expr, "R1"}) }
	prefix := ""
	if !spoken {
		prefix = "original_usage."
		u.canonical(add)
	}
	for _, k := range u.counts {
		add(prefix+k.key, k.value())
	}
	if spoken && u.in.key == "prompt_tokens" {
		u.sum(add)
	}
	if bare := u.cachedApart(); bare != nil {
		add("cache_read_input_tokens", bare.value())
	}
	return all
}

// canonical writes Opik's names.
func (u *usage) canonical(add func(key, expr string)) {
	add("prompt_tokens", u.in.value())
	if u.out != nil {
		add("completion_tokens", u.out.value())
	}
	if u.total != nil {
		add("total_tokens", u.total.value())
	}
	u.sum(add)
}

// sum writes the total where the provider does not. In a stream the parts may come with different elements, so that the
// runtime adds them up.
func (u *usage) sum(add func(key, expr string)) {
	if u.total == nil && u.out != nil && !isChunk(u.node) && types.Identical(u.in.typ, u.out.typ) {
		add("total_tokens", u.in.value()+" + "+u.out.value())
	}
}

func (u *usage) isKnown() bool {
	return slices.ContainsFunc(known, func(pair [2]string) bool {
		return u.in.key == pair[0] && (u.out == nil || u.out.key == pair[1])
	})
}

// cachedApart returns the count of cached tokens where Opik would not find it: of providers that count them among the
// prompt's, under another name than OpenAI's.
func (u *usage) cachedApart() *count {
	writes := slices.ContainsFunc(u.counts, func(k count) bool { return k.role == cacheWrite && !strings.Contains(k.key, ".") })
	if writes || u.in.key == "prompt_token_count" || u.in.key == "inputTokens" {
		return nil
	}
	for i, k := range u.counts {
		if k.role == cached && strings.Contains(k.key, ".") && k.key != "prompt_tokens_details.cached_tokens" {
			return &u.counts[i]
		}
	}
	return nil
}

// factsOf records several nodes under the same kind of names.
func factsOf(all []*usage) []Fact {
	spoken := !slices.ContainsFunc(all, func(u *usage) bool { return !u.isSpoken() })
	var facts []Fact
	for _, u := range all {
		facts = append(facts, u.facts(spoken)...)
	}
	return facts
}
