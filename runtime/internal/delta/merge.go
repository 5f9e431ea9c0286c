package delta

import (
	"encoding/json"
	"slices"
)

// maxDepth is how deep chunks are merged; further down a new value replaces the old one.
const maxDepth = 32

// merger merges one chunk with what there is.
type merger struct {
	full bool // nothing may grow any more
	last *growth
}

// growth is a text that grew, and the piece it grew by.
type growth struct {
	of *text
	by string
}

// concatenated are the strings of which each chunk has a piece.
var concatenated = []string{
	"content", "text", "refusal", "thinking", "reasoning", "reasoning_content", "arguments", "partial_json",
	"response", "signature", "transcript", "data", "summary", "generation", "outputText", "tool_plan",
}

// constant are the strings that say in each chunk the same, or only in the first one what they are.
var constant = []string{"id", "role", "name", "type", "object"}

// appended are the arrays of which each chunk has some elements.
var appended = []string{
	"content", "refusal", "tool_calls", "tokens", "token_logprobs", "top_logprobs", "text_offset",
	newCitations,
}

// text is a string that grows piece by piece.
type text struct{ b []byte }

// MarshalText returns what there is of the text.
func (t *text) MarshalText() ([]byte, error) { return t.b, nil }

// object merges the members of an object. null takes the place of nothing only.
func (m merger) object(into, from map[string]any, depth int) {
	for name, v := range from {
		old, ok := into[name]
		switch {
		case !ok && m.full:
		case !ok || old == nil:
			into[name] = m.first(name, v, depth)
		case !blank(v):
			into[name] = m.merged(name, old, v, depth)
		}
	}
}

// blank reports whether v says nothing new.
func blank(v any) bool {
	list, ok := v.([]any)
	return v == nil || v == "" || ok && len(list) == 0
}

// first prepares the first value of a member: also the elements within a chunk may belong to each other.
func (m merger) first(name string, v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		if depth > 0 {
			into := make(map[string]any, len(v))
			m.object(into, v, depth-1)
			return into
		}
	case []any:
		if indexed(v) {
			return m.array(name, nil, v, depth)
		}
	}
	return v
}

func (m merger) merged(name string, old, v any, depth int) any {
	if depth <= 0 {
		return v
	}
	switch v := v.(type) {
	case string:
		return m.string(name, old, v)
	case map[string]any:
		if old, ok := old.(map[string]any); ok {
			m.object(old, v, depth-1)
			return old
		}
	case []any:
		if old, ok := old.([]any); ok {
			return m.array(name, old, v, depth)
		}
	}
	return v
}

func (m merger) string(name string, old any, v string) any {
	grown, ok := old.(*text)
	if before, is := old.(string); is && slices.Contains(concatenated, name) {
		grown, ok = &text{[]byte(before)}, true
	}
	switch {
	case ok && m.full:
		return old
	case ok:
		grown.b = append(grown.b, v...)
		*m.last = growth{grown, v}
		return grown
	case old != "" && slices.Contains(constant, name):
		return old
	default:
		return v
	}
}

// array merges arrays of which chunks have elements by index, or some more elements, or all of them.
func (m merger) array(name string, old, from []any, depth int) []any {
	switch {
	case indexed(from):
		for _, v := range from {
			old = m.element(old, v.(map[string]any), depth)
		}
		return old
	case !slices.Contains(appended, name):
		return from
	case m.full:
		return old
	default:
		return append(old, from...)
	}
}

// indexed reports whether all elements say which they are.
func indexed(list []any) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { return indexOf(v) == "" })
}

// indexOf returns the index of an element, "" if it says none.
func indexOf(v any) json.Number {
	object, _ := v.(map[string]any)
	index, _ := object["index"].(json.Number)
	return index
}

// nearby is how many elements are looked at for the one that an element belongs to: more than an answer has, and so few
// that a server which counts up without end does not make each chunk take longer.
const nearby = 256

// element merges an element with the last one that it belongs to.
func (m merger) element(list []any, v map[string]any, depth int) []any {
	for _, old := range slices.Backward(list[max(0, len(list)-nearby):]) {
		if old, ok := old.(map[string]any); ok && same(old, v) {
			m.object(old, v, depth-1)
			return list
		}
	}
	if m.full {
		return list
	}
	into := make(map[string]any, len(v))
	m.object(into, v, depth-1)
	return append(list, into)
}

// same reports whether two elements have one index, and do not say by their ids that they are two: some servers give
// all tool calls the index 0.
func same(old, v map[string]any) bool {
	if indexOf(old) != indexOf(v) {
		return false
	}
	before, _ := old["id"].(string)
	id, _ := v["id"].(string)
	return id == "" || before == "" || before == id
}
