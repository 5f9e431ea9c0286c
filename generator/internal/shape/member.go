package shape

import (
	"go/types"
	"slices"
	"strings"
)

// MemberName is what the facts about a member of a result call it. A member of a stream is its chunk.
const MemberName = "member"

// Member is something that only a part of the values are: of a type that a sealed interface can hold (R11), or an
// element that another callback than the stream's takes. Its facts are about a value of its type.
type Member struct {
	Type   types.Type
	Facts  []Fact
	Result int // which result holds it, or -1 for an element
	Param  int // which callback beside the stream's takes it, or -1

	usage *usage
}

// root is the node that the facts about a member start from.
func (m *Member) root() node {
	name := chunkName
	if m.Result >= 0 {
		name = MemberName
	}
	return node{expr: name, name: typeName(m.Type), typ: m.Type, key: name}
}

// findMembers lists the members of a call, and what counts tokens in them.
func (j *judge) findMembers() []Member {
	var all []Member
	if j.stream != nil {
		all = j.membersOf(j.stream.Elem, -1)
		for _, beside := range j.Beside(*j.stream) {
			all = append(all, Member{Type: beside.Elem, Result: -1, Param: beside.Param})
		}
	}
	for i, result := range j.Results {
		if !result.Failure && !j.isStream(i) && len(j.fields(result.Type)) == 0 {
			all = append(all, j.membersOf(result.Type, i)...)
		}
	}
	j.countMembers(all)
	return all
}

func (j *judge) membersOf(t types.Type, result int) []Member {
	var all []Member
	for _, member := range j.sealed(t) {
		all = append(all, Member{Type: member, Result: result, Param: -1})
	}
	return all
}

// countMembers finds what counts tokens in the members, if nothing else does: what is called usage, or else the best.
func (j *judge) countMembers(all []Member) {
	best := maxRank
	for i := range all {
		if m := &all[i]; j.usage == nil || m.Result < 0 && m.Param < 0 {
			m.usage = j.findUsage([]node{m.root()})
		}
		if all[i].usage != nil {
			best = min(best, all[i].usage.class())
		}
	}
	for i := range all {
		if u := all[i].usage; u != nil && u.class() <= max(best, usageClass) {
			all[i].Facts = factsOf(j.alike(all[i].root(), u))
			j.counted = true
		}
	}
}

// alike returns the nodes below a root that count with the best one.
func (j *judge) alike(root node, best *usage) []*usage {
	if best.root || !isChunk(root) {
		return []*usage{best}
	}
	return j.usagesOf(root, best)
}

// tellMembers completes what is known of the members, and leaves out those of which nothing is.
func (j *judge) tellMembers(all []Member) []Member {
	var told []Member
	for _, m := range all {
		if m.Result >= 0 || j.followed {
			m.Facts = j.tell(m)
		}
		if len(m.Facts) > 0 && (m.Result >= 0 || j.followed) {
			told = append(told, m)
			j.why(m.rule(), j.holderOf(m))
		}
	}
	j.reasons = slices.Compact(j.reasons)
	return told
}

// tell adds to what is counted in a member the rest that is known of it.
func (j *judge) tell(m Member) []Fact {
	of := &judge{Call: j.Call, usage: m.usage, facts: m.Facts, joined: "output"}
	switch {
	case m.Result >= 0:
		of.answer(m.root())
		output := func(f Fact) bool { return strings.HasPrefix(f.Key, "output.") }
		if !slices.ContainsFunc(of.facts, output) && j.Data(m.Type) {
			of.add(Fact{"output.output", MemberName, "R11"})
		}
	case m.Param < 0:
		of.element(m.root())
	case !j.answered:
		if _, ok := j.delta(j.chunk()[0], 0); ok {
			of.joined = besideKey(j.Params[m.Param].Name)
		}
		of.element(m.root())
	}
	return of.facts
}

// besideKey is what the text of a callback is called that is not the answer: "thinking" of onThinking.
func besideKey(name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(snake(name), "on_"), "handle_"), "_func")
}

func (m *Member) rule() string {
	if m.Param >= 0 {
		return "S5"
	}
	return "R11"
}

// holderOf names the interface that holds a member, or the callback that takes it.
func (j *judge) holderOf(m Member) string {
	switch {
	case m.Result >= 0:
		return typeName(j.Results[m.Result].Type)
	case m.Param >= 0:
		return j.Params[m.Param].Name
	default:
		return typeName(j.stream.Elem)
	}
}
