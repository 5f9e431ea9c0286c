package delta

import (
	"maps"
	"strings"
)

// responseEvent translates the events of OpenAI's responses. Some hold the response as it is at the time, the others
// are about items of its output, parts of items, and pieces of their texts.
func (a *Answer) responseEvent(kind string, event map[string]any) map[string]any {
	item := event["output_index"]
	switch {
	case event["response"] != nil:
		return a.snapshot(objectIn(event, "response"))
	case kind == "response.output_item.added":
		return output(item, objectIn(event, "item"))
	case kind == "response.output_item.done":
		a.dropItem(item)
		return output(item, objectIn(event, "item"))
	case kind == "response.content_part.added":
		return output(item, map[string]any{"content": part(event["content_index"], objectIn(event, "part"))})
	case kind == "response.reasoning_summary_part.added":
		return output(item, map[string]any{"summary": part(event["summary_index"], objectIn(event, "part"))})
	case strings.HasSuffix(kind, ".delta"):
		return output(item, itemDelta(kind, event))
	default:
		return nil
	}
}

func output(index any, item map[string]any) map[string]any {
	if item == nil {
		return nil
	}
	return map[string]any{"output": part(index, item)}
}

// textFields are the fields that the deltas of an item's fields grow.
var textFields = map[string]string{
	"response.function_call_arguments.delta":    "arguments",
	"response.mcp_call_arguments.delta":         "arguments",
	"response.code_interpreter_call_code.delta": "code",
	"response.custom_tool_call_input.delta":     "input",
}

func itemDelta(kind string, event map[string]any) map[string]any {
	delta, ok := event["delta"].(string)
	if !ok {
		return nil
	}
	field := "text"
	if kind == "response.refusal.delta" {
		field = "refusal"
	}
	switch {
	case textFields[kind] != "":
		return map[string]any{textFields[kind]: delta}
	case event["summary_index"] != nil:
		return map[string]any{"summary": part(event["summary_index"], map[string]any{field: delta})}
	case event["content_index"] != nil:
		return map[string]any{"content": part(event["content_index"], map[string]any{field: delta})}
	default:
		return nil
	}
}

// snapshot takes a whole response. Before the end its output is empty, and what the items have come to is kept.
func (a *Answer) snapshot(response map[string]any) map[string]any {
	response = maps.Clone(response)
	if items, ok := response["output"].([]any); ok && len(items) > 0 {
		delete(a.root, "output")
	} else {
		delete(response, "output")
	}
	return response
}

// dropItem forgets an item of which the whole has come.
func (a *Answer) dropItem(index any) {
	items, _ := a.root["output"].([]any)
	for i, item := range items {
		if object, ok := item.(map[string]any); ok && object["index"] == index {
			items[i] = map[string]any{"index": index}
		}
	}
}

// item is an item as a response that was not streamed has it.
func item(v map[string]any) map[string]any {
	v = withoutIndex(v)
	for _, name := range []string{"content", "summary"} {
		if parts, ok := v[name].([]any); ok {
			v[name] = each(ordered(parts), withoutIndex)
		}
	}
	return v
}
