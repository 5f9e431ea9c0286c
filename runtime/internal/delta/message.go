package delta

import (
	"encoding/json"
	"maps"
)

// messageEvent translates the events of which Anthropic makes a message: its head, its blocks, each with a start and
// deltas, and what is known at the end.
func messageEvent(kind string, event map[string]any) map[string]any {
	switch kind {
	case "message_start":
		return objectIn(event, "message")
	case "content_block_start":
		return map[string]any{"content": part(event["index"], objectIn(event, "content_block"))}
	case "content_block_delta":
		return map[string]any{"content": part(event["index"], blockDelta(objectIn(event, "delta")))}
	case "message_delta":
		end := maps.Clone(objectIn(event, "delta"))
		if usage := objectIn(event, "usage"); usage != nil && end != nil {
			end["usage"] = usage
		}
		return end
	default:
		return nil
	}
}

// newCitations collects the citations of a block. Other providers' chunks have all citations each time.
const newCitations = "new_citations"

// blockDelta returns the fields of a delta as those of a block. The delta has a type of its own.
func blockDelta(delta map[string]any) map[string]any {
	fields := maps.Clone(delta)
	delete(fields, "type")
	if citation, ok := fields["citation"]; ok {
		delete(fields, "citation")
		fields[newCitations] = []any{citation}
	}
	return fields
}

// block is a block as a message that was not streamed has it: the input of a tool is JSON, or as much of it as came.
func block(v map[string]any) map[string]any {
	v = withoutIndex(v)
	if added, ok := v[newCitations].([]any); ok {
		delete(v, newCitations)
		v["citations"] = added
	}
	input, ok := v["partial_json"]
	if !ok {
		return v
	}
	delete(v, "partial_json")
	switch whole := plain(input); {
	case json.Valid([]byte(whole)):
		v["input"] = json.RawMessage(whole)
	case whole != "":
		v["input"] = whole
	}
	return v
}

// plain returns a text that has grown, or not.
func plain(v any) string {
	if grown, ok := v.(*text); ok {
		return string(grown.b)
	}
	s, _ := v.(string)
	return s
}
