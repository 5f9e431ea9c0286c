package delta

import (
	"encoding/json"
	"maps"
	"strings"
)

// translated returns a chunk as one that has a part of the answer, where a provider streams events about the answer
// instead, and nil for an event that brings nothing.
func (a *Answer) translated(chunk map[string]any) map[string]any {
	kind, _ := chunk["type"].(string)
	switch {
	case strings.HasPrefix(kind, "response."):
		return a.responseEvent(kind, chunk)
	case strings.HasPrefix(kind, "message_"), strings.HasPrefix(kind, "content_block_"), kind == "ping":
		return messageEvent(kind, chunk)
	case cohereEvents[kind]:
		return cohereEvent(kind, chunk)
	case chunk["candidates"] != nil:
		return a.candidates(chunk)
	default:
		return chunk
	}
}

// part is an element of an array, for the merger, which finds the one that it belongs to by its index.
func part(index any, of map[string]any) []any {
	if index, ok := index.(json.Number); ok {
		of = maps.Clone(of)
		if of == nil {
			of = map[string]any{}
		}
		of["index"] = index
	}
	return []any{of}
}

// objectIn returns a member that is an object.
func objectIn(v map[string]any, name string) map[string]any {
	object, _ := v[name].(map[string]any)
	return object
}

// withoutIndex returns elements without what told them apart.
func withoutIndex(v map[string]any) map[string]any {
	v = maps.Clone(v)
	delete(v, "index")
	return v
}
