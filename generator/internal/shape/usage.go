package shape

import (
	"go/types"
	"slices"
	"strings"
)

// The names of R1, as normal writes them.
var (
	inNames = []string{
		"prompttokens", "inputtokens", "prompttokencount", "inputtokencount", "promptevalcount", "tokensin",
	}
	outNames = []string{
		"completiontokens", "outputtokens", "candidatestokencount", "outputtokencount", "completiontokencount", "evalcount", "tokensout",
		"generationtokencount",
	}
	totalNames     = []string{"totaltokens", "totaltokencount"}
	onlyTotalNames = []string{"totaltokens", "totaltokencount", "tokencount", "tokensused", "usedtokens"}
)

// usage is a node that counts tokens.
type usage struct {
	node
	in, out, total *count
	counts         []count // all that it counts, in order
	root           bool    // it is the response itself
	rank           int
}

// count is one number of a usage node.
type count struct {
	node
	role role
}

type role int

const (
	other role = iota
	in
	out
	total
	cached
	cacheWrite
	reasoning
)

// maxNodes bounds the search in types that have no end.
const maxNodes = 2000

// findUsage searches values breadth first for the best usage node (R2).
func (c *Call) findUsage(roots []node) *usage {
	type step struct {
		node
		depth int
	}
	var queue []step
	for _, root := range roots {
		queue = append(queue, step{root, 0})
	}
	var best *usage
	seen := map[types.Type]bool{}
	for visited := 0; len(queue) > 0 && visited < maxNodes; visited++ {
		next := queue[0]
		queue = queue[1:]
		if elem, _ := deref(next.typ); seen[elem] {
			continue
		} else {
			seen[elem] = true
		}
		if found := c.usageOf(next.node, next.depth); found != nil && (best == nil || found.rank < best.rank) {
			best = found
		}
		for _, f := range c.fields(next.typ) {
			if next.depth < maxDepth && len(c.fields(f.typ)) > 0 && len(queue) < maxNodes {
				queue = append(queue, step{f.of(next.node), next.depth + 1})
			}
		}
	}
	return best
}

// usageOf judges one node (R1).
func (c *Call) usageOf(n node, depth int) *usage {
	u := &usage{node: n, root: depth == 0 && !strings.HasPrefix(normal(n.name), "usage"), rank: rankOf(n.name)*(maxDepth+1) + depth}
	u.counts = c.counts(n, "", 0, u.root)
	for i := range u.counts {
		u.assign(&u.counts[i])
	}
	fields := c.fields(n.typ)
	embeds := slices.ContainsFunc(fields, func(f field) bool { return f.is("embedding", "embeddings") })
	if u.in == nil || u.out == nil && u.total == nil && !embeds {
		return nil
	}
	return u
}

// assign notes the first count of each of the three main roles.
func (u *usage) assign(k *count) {
	switch {
	case k.role == in && u.in == nil:
		u.in = k
	case k.role == out && u.out == nil:
		u.out = k
	case k.role == total && u.total == nil:
		u.total = k
	}
}

// rankOf orders nodes by their names (R2).
func rankOf(name string) int {
	switch name = normal(strings.TrimPrefix(name, "Get")); {
	case name == "usage":
		return 0
	case strings.HasPrefix(name, "usage"):
		return 1
	case name == "tokens":
		return 2
	default:
		return 3
	}
}

// counts lists the numbers of a node and of the structs directly in it. Of a response that has other fields, too, only
// those that are known to count tokens.
func (c *Call) counts(n node, prefix string, depth int, onlyKnown bool) []count {
	var all []count
	for _, f := range c.fields(n.typ) {
		key := prefix + originalKey(n.typ, f)
		switch {
		case isNumber(f.typ) && !isMachineryNumber(f.typ):
			k := count{node: f.of(n), role: roleOf(f, depth)}
			k.key = key
			if k.role != other || !onlyKnown && basicInfo(f.typ)&types.IsFloat == 0 {
				all = append(all, k)
			}
		case depth == 0 && !onlyKnown && structOf(f.typ) != nil:
			all = append(all, c.counts(f.of(n), key+".", depth+1, false)...)
		}
	}
	return all
}

func isMachineryNumber(t types.Type) bool {
	elem, pointers := deref(t)
	return isMachinery(elem) || pointers > 1
}

// roleOf tells what a number counts.
func roleOf(f field, depth int) role {
	name := normal(f.name)
	switch {
	case depth == 0 && f.is(inNames...):
		return in
	case depth == 0 && f.is(outNames...):
		return out
	case depth == 0 && f.is(totalNames...):
		return total
	case strings.HasPrefix(name, "cachecreation") || strings.HasPrefix(name, "cachewrite"):
		return cacheWrite
	case strings.HasPrefix(name, "cached") || strings.HasPrefix(name, "cachereadinput"):
		return cached
	case strings.HasPrefix(name, "reasoningtokens") || strings.HasPrefix(name, "thoughts") || strings.HasPrefix(name, "thinkingtokens"):
		return reasoning
	default:
		return other
	}
}

// originalKey is the provider's name for a count (R4): that in JSON, else lower camel case in the types of AWS and snake
// case in all others. Google's camel case is turned into what Opik reads.
func originalKey(owner types.Type, f field) string {
	path := packagePath(owner)
	switch {
	case strings.HasPrefix(path, "google.golang.org/") || strings.HasPrefix(path, "cloud.google.com/"):
		return snake(f.name)
	case f.tag != "":
		return f.tag
	case strings.HasPrefix(path, "github.com/aws/"):
		return strings.ToLower(f.name[:1]) + f.name[1:]
	default:
		return f.key()
	}
}

func packagePath(t types.Type) string {
	elem, _ := deref(t)
	named, ok := types.Unalias(elem).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return ""
	}
	return named.Obj().Pkg().Path()
}

// known are the names from which the runtime works out Opik's own: in, then out.
var known = [][2]string{
	{"prompt_tokens", "completion_tokens"},
	{"input_tokens", "output_tokens"},
	{"prompt_token_count", "candidates_token_count"},
	{"inputTokens", "outputTokens"},
}

// facts records a usage node under the provider's names, from which the runtime works out Opik's where it knows the
// provider. Where it does not, or would price cached tokens in full, Opik's names are written beside them.
func (u *usage) facts() []Fact {
	prefix, bare := "original_usage.", u.cachedApart()
	if u.isKnown() && bare == nil {
		prefix = ""
	}
	var all []Fact
	add := func(key, expr string) { all = append(all, Fact{"usage." + key, expr, "R1"}) }
	if prefix != "" {
		u.canonical(add)
	}
	for _, k := range u.counts {
		add(prefix+k.key, k.value())
	}
	if bare != nil {
		add("cache_read_input_tokens", bare.value())
	}
	return all
}

func (u *usage) canonical(add func(key, expr string)) {
	add("prompt_tokens", u.in.value())
	if u.out != nil {
		add("completion_tokens", u.out.value())
	}
	switch {
	case u.total != nil:
		add("total_tokens", u.total.value())
	case u.out != nil && types.Identical(u.in.typ, u.out.typ):
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
