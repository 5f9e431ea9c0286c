package delta

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// finished returns a member of the answer as an answer that was not streamed has it.
func finished(name string, v any) any {
	switch v := v.(type) {
	case string:
		if name == "object" {
			return strings.TrimSuffix(v, ".chunk")
		}
	case []any:
		if change := finishes[name]; change != nil {
			return each(ordered(v), change)
		}
	case map[string]any:
		switch name {
		case "message":
			return message(v)
		case "output":
			return converseOutput(v)
		}
	}
	return v
}

// finishes are the arrays whose elements are told apart by their indexes while they are streamed.
var finishes = map[string]func(map[string]any) map[string]any{
	"choices": choice, "content": block, "output": item, "candidates": candidate,
}

// ordered returns elements by their indexes: those of several choices come mixed.
func ordered(list []any) []any {
	position := func(v any) int64 {
		n, _ := indexOf(v).Int64()
		return n
	}
	return slices.SortedStableFunc(slices.Values(list), func(a, b any) int { return cmp.Compare(position(a), position(b)) })
}

// choice has a message where the chunks had deltas.
func choice(v map[string]any) map[string]any {
	delta, ok := v["delta"].(map[string]any)
	if !ok {
		return v
	}
	v = maps.Clone(v)
	delete(v, "delta")
	v["message"] = message(delta)
	return v
}

// message has tool calls, and parts and citations where it has a list of them, without the index that told them apart.
func message(v map[string]any) map[string]any {
	v = maps.Clone(v)
	for _, name := range []string{"content", "tool_calls", "citations"} {
		if list, ok := v[name].([]any); ok {
			v[name] = each(list, withoutIndex)
		}
	}
	return v
}

// each changes the elements that are objects.
func each(list []any, change func(map[string]any) map[string]any) []any {
	changed := make([]any, len(list))
	for i, v := range list {
		changed[i] = v
		if object, ok := v.(map[string]any); ok {
			changed[i] = change(object)
		}
	}
	return changed
}
