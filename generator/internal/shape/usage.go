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

// findUsage searches values breadth first for the best usage node (R2). What a type holds is looked at once.
func (c *Call) findUsage(roots []node) *usage {
	var queue []step
	for _, root := range roots {
		queue = append(queue, step{root, 0})
	}
	var best *usage
	entered := map[types.Type]bool{}
	for visited := 0; len(queue) > 0 && visited < maxNodes; visited++ {
		next := queue[0]
		queue = queue[1:]
		if found := c.usageOf(next.node, next.depth); found != nil && (best == nil || found.rank < best.rank) {
			best = found
		}
		if elem, _ := deref(next.typ); !entered[elem] && next.depth < maxDepth && len(queue) < maxNodes {
			entered[elem] = true
			queue = append(queue, next.into(c)...)
		}
	}
	return best
}

// step is a node, and how far from the roots it is.
type step struct {
	node
	depth int
}

// into returns the fields of a node that have fields themselves.
func (s step) into(c *Call) []step {
	var fields []step
	for _, f := range c.fields(s.typ) {
		if len(c.fields(f.typ)) > 0 {
			fields = append(fields, step{f.of(s.node), s.depth + 1})
		}
	}
	return fields
}

// mostUsages bounds how many nodes of an element are recorded.
const mostUsages = 4

// usagesOf returns the nodes of an element that have the last name of the best one (R3): the first element may count
// what goes in, and the last what came out, each in a place of its own. What holds itself is entered once.
func (c *Call) usagesOf(root node, best *usage) []*usage {
	found, queue := []*usage{}, []path{{node: root}}
	for visited := 0; len(queue) > 0 && visited < maxNodes && len(found) < mostUsages; visited++ {
		next := queue[0]
		queue = queue[1:]
		if u := c.usageOf(next.node, len(next.through)); u != nil && lastName(u.name) == lastName(best.name) {
			found = append(found, u)
		}
		queue = append(queue, next.into(c)...)
	}
	return found
}

// path is a node and the types on the way to it.
type path struct {
	node
	through []types.Type
}

// into returns the paths one field further.
func (p path) into(c *Call) []path {
	elem, _ := deref(p.typ)
	if len(p.through) == maxDepth || slices.Contains(p.through, elem) {
		return nil
	}
	var all []path
	for _, f := range c.fields(p.typ) {
		if len(c.fields(f.typ)) > 0 {
			all = append(all, path{f.of(p.node), append(slices.Clip(p.through), elem)})
		}
	}
	return all
}

// isChunk reports whether a node is in an element of a stream.
func isChunk(n node) bool { return n.expr == chunkName || strings.HasPrefix(n.expr, chunkName+".") }

// lastName is what nodes are compared by.
func lastName(name string) string { return normal(strings.TrimPrefix(name, "Get")) }

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

// The classes of R2.
const (
	usageClass = 1 // the name starts with usage
	maxRank    = 4 // worse than any
)

// class is the part of the rank that the name makes up.
func (u *usage) class() int { return u.rank / (maxDepth + 1) }

// rankOf orders nodes by their names (R2).
func rankOf(name string) int {
	switch name = lastName(name); {
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
			all = append(all, k)
		case depth == 0 && !onlyKnown && structOf(f.typ) != nil:
			all = append(all, c.counts(f.of(n), key+".", depth+1, false)...)
		}
	}
	return slices.DeleteFunc(all, func(k count) bool {
		return k.role == other && (onlyKnown || basicInfo(k.typ)&types.IsFloat != 0)
	})
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
