package shape

import (
	"go/types"
	"slices"
)

// Memory is what the rules have found for the calls of one package, as the structs of SDKs are deep, and many an interface
// has the same call as another.
type Memory struct {
	fields map[*types.Struct][]field
	judged []judged
}

// NewMemory returns one that holds nothing yet.
func NewMemory() *Memory { return &Memory{fields: map[*types.Struct][]field{}} }

// question is all that a judgement depends on.
type question struct {
	call     *Call
	explicit string
	stream   *Stream
	followed bool
}

type judged struct {
	question
	answer Judgement
}

// recall returns the answer to a question that was asked before, about another call of the same kind.
func (m *Memory) recall(q question) (Judgement, bool) {
	if m == nil {
		return Judgement{}, false
	}
	i := slices.IndexFunc(m.judged, func(known judged) bool { return known.isLike(q) })
	if i < 0 {
		return Judgement{}, false
	}
	return m.judged[i].answer, true
}

func (m *Memory) keep(q question, answer Judgement) {
	if m != nil {
		m.judged = append(m.judged, judged{q, answer})
	}
}

// isLike reports whether two questions have the same answer. What a call is a method of matters in two ways only.
func (q question) isLike(other question) bool {
	a, b := q.call, other.call
	return q.explicit == other.explicit && q.followed == other.followed && isLikeStream(q.stream, other.stream) &&
		a.Name == b.Name && slices.EqualFunc(a.Params, b.Params, Value.isLike) && slices.EqualFunc(a.Results, b.Results, Value.isLike) &&
		a.returnsSelf() == b.returnsSelf() && a.modelGetter() == b.modelGetter()
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
