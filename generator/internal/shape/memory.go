package shape

import (
	"go/types"
	"slices"
	"sync"
)

// Memory is what the rules have found for calls, as the structs of SDKs are deep, and many an interface has the same call
// as another. Calls share one where all that their types can reach is the same to them: what their package alone can
// select, what is data, and what carries a context.
type Memory struct {
	mutex  sync.Mutex
	fields map[*types.Struct][]field
	judged map[outline][]judged
}

// NewMemory returns one that holds nothing yet.
func NewMemory() *Memory {
	return &Memory{fields: map[*types.Struct][]field{}, judged: map[outline][]judged{}}
}

// question is all that a judgement depends on. What a call is a method of matters in two ways only.
type question struct {
	outline
	stream          *Stream
	params, results []Value
	tracked         []bool // of the results
}

// outline is the part of a question that is compared at a glance.
type outline struct {
	name, explicit  string
	params, results int
	followed        bool
	returnsSelf     bool
	modelGetter     string
}

type judged struct {
	question
	answer Judgement
}

func (c *Call) question(explicit string, s *Stream, followed bool) question {
	q := question{outline: outline{
		name: c.Name, explicit: explicit, params: len(c.Params), results: len(c.Results), followed: followed,
		returnsSelf: c.returnsSelf(), modelGetter: c.modelGetter(),
	}, stream: s, params: c.Params, results: c.Results}
	for _, result := range c.Results {
		q.tracked = append(q.tracked, c.Tracked != nil && c.Tracked(result.Type))
	}
	return q
}

// recall returns the answer to a question that was asked before, about another call of the same kind.
func (m *Memory) recall(q question) (Judgement, bool) {
	m.mutex.Lock()
	candidates := m.judged[q.outline]
	m.mutex.Unlock()
	i := slices.IndexFunc(candidates, func(known judged) bool { return known.isLike(q) })
	if i < 0 {
		return Judgement{}, false
	}
	return candidates[i].answer, true
}

func (m *Memory) keep(q question, answer Judgement) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.judged[q.outline] = append(m.judged[q.outline], judged{q, answer})
}

// fieldsOf returns the fields of a struct, which list is asked for where they are not known.
func (m *Memory) fieldsOf(t *types.Struct, list func() []field) []field {
	m.mutex.Lock()
	all, known := m.fields[t]
	m.mutex.Unlock()
	if known {
		return all
	}
	all = list()
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.fields[t] = all
	return all
}

// isLike reports whether two questions of one outline have the same answer.
func (q question) isLike(other question) bool {
	return isLikeStream(q.stream, other.stream) && slices.Equal(q.tracked, other.tracked) &&
		slices.EqualFunc(q.params, other.params, Value.isLike) && slices.EqualFunc(q.results, other.results, Value.isLike)
}

func (v Value) isLike(other Value) bool {
	return v.Name == other.Name && v.Failure == other.Failure && v.Variadic == other.Variadic && IsSame(v.Type, other.Type)
}

// isLikeStream compares streams of calls whose types are the same.
func isLikeStream(a, b *Stream) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := *a, *b
	x.Elem, y.Elem = nil, nil
	return x == y
}

// IsSame reports whether two types are one, under the same name. Pointers and slices are, where what they are of is.
func IsSame(a, b types.Type) bool {
	switch t := a.(type) {
	case *types.Pointer:
		other, ok := b.(*types.Pointer)
		return ok && IsSame(t.Elem(), other.Elem())
	case *types.Slice:
		other, ok := b.(*types.Slice)
		return ok && IsSame(t.Elem(), other.Elem())
	default:
		return a == b
	}
}
