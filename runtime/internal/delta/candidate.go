package delta

import (
	"encoding/json"
	"maps"
	"strconv"
)

// candidates prepares a chunk of Google's Gemini, in which the first candidate has no index and parts never have one:
// a text goes on where the last part is a text of the same kind, all other parts are new ones.
func (a *Answer) candidates(chunk map[string]any) map[string]any {
	list, ok := chunk["candidates"].([]any)
	if !ok {
		return chunk
	}
	chunk = maps.Clone(chunk)
	chunk["candidates"] = each(list, func(v map[string]any) map[string]any {
		v = maps.Clone(v)
		if v["index"] == nil {
			v["index"] = json.Number("0")
		}
		if content := maps.Clone(objectIn(v, "content")); content != nil {
			content["parts"] = a.parts(v["index"], content["parts"])
			v["content"] = content
		}
		return v
	})
	return chunk
}

// parts gives the parts of a chunk their indexes.
func (a *Answer) parts(candidate, parts any) any {
	list, ok := parts.([]any)
	if !ok {
		return parts
	}
	known := a.partsOf(candidate)
	n := len(known)
	var last map[string]any
	if n > 0 {
		last, _ = known[n-1].(map[string]any)
	}
	return each(list, func(v map[string]any) map[string]any {
		if !continues(last, v) {
			n++
		}
		v = maps.Clone(v)
		v["index"] = json.Number(strconv.Itoa(n - 1))
		last = v
		return v
	})
}

func (a *Answer) partsOf(candidate any) []any {
	all, _ := a.root["candidates"].([]any)
	for _, v := range all {
		if object, ok := v.(map[string]any); ok && object["index"] == candidate {
			parts, _ := objectIn(object, "content")["parts"].([]any)
			return parts
		}
	}
	return nil
}

// continues reports whether a part is a piece of the text before it.
func continues(last, v map[string]any) bool {
	return last["text"] != nil && v["text"] != nil && last["thought"] == v["thought"]
}

// candidate is a candidate as a response that was not streamed has it.
func candidate(v map[string]any) map[string]any {
	v = maps.Clone(v)
	content := maps.Clone(objectIn(v, "content"))
	if parts, ok := content["parts"].([]any); ok {
		content["parts"] = each(parts, withoutIndex)
		v["content"] = content
	}
	if v["index"] == json.Number("0") {
		delete(v, "index")
	}
	return v
}
