package delta

import (
	"maps"
)

// AddEvent adds an event of Amazon Bedrock, which has its type beside it. What is none of the Converse API's is a chunk
// as the model itself writes it, bare or, of Amazon's own models, in an object that says the type.
func (a *Answer) AddEvent(kind string, payload []byte) {
	event := decoded(payload)
	if event == nil {
		return
	}
	if kind == "chunk" && len(event) <= 2 {
		kind, event = within(kind, event)
	}
	if !isConverse(kind) {
		a.object(a.translated(event), len(payload))
		return
	}
	if part := converseEvent(kind, event); part != nil {
		a.object(part, len(payload))
	}
}

// within returns the event of the Converse API that is in a chunk, or the chunk.
func within(kind string, chunk map[string]any) (string, map[string]any) {
	for name := range chunk {
		if inner := objectIn(chunk, name); inner != nil && isConverse(name) {
			return name, inner
		}
	}
	return kind, chunk
}

func isConverse(kind string) bool {
	switch kind {
	case "messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata":
		return true
	}
	return false
}

// converseEvent translates the events of a conversation: the head of a message, its blocks, each with a start and
// deltas, and what is known at the end.
func converseEvent(kind string, event map[string]any) map[string]any {
	switch kind {
	case "messageStart":
		return converseMessage(map[string]any{"role": event["role"]})
	case "contentBlockStart":
		return converseBlock(event, objectIn(event, "start"))
	case "contentBlockDelta":
		return converseBlock(event, converseDelta(objectIn(event, "delta")))
	case "messageStop", "metadata":
		event = maps.Clone(event)
		delete(event, "p") // pads the events to hide their lengths
		return event
	default:
		return nil
	}
}

func converseMessage(message map[string]any) map[string]any {
	return map[string]any{"output": map[string]any{"message": message}}
}

func converseBlock(event, block map[string]any) map[string]any {
	return converseMessage(map[string]any{"content": part(event["contentBlockIndex"], block)})
}

// converseDelta returns the fields of a delta as those of a block.
func converseDelta(delta map[string]any) map[string]any {
	fields := maps.Clone(delta)
	if tool := objectIn(delta, "toolUse"); tool != nil {
		fields["toolUse"] = map[string]any{"partial_json": tool["input"]}
	}
	if thought := objectIn(delta, "reasoningContent"); thought != nil && thought["redactedContent"] == nil {
		fields["reasoningContent"] = map[string]any{"reasoningText": thought}
	}
	if citation, ok := fields["citation"]; ok {
		delete(fields, "citation")
		fields["citationsContent"] = map[string]any{newCitations: []any{citation}}
	}
	return fields
}

// converseOutput is the output of a conversation as it is without streaming.
func converseOutput(v map[string]any) map[string]any {
	message := maps.Clone(objectIn(v, "message"))
	content, ok := message["content"].([]any)
	if !ok {
		return v
	}
	message["content"] = each(ordered(content), contentBlock)
	return map[string]any{"message": message}
}

// contentBlock is one of the blocks of the message.
func contentBlock(v map[string]any) map[string]any {
	v = withoutIndex(v)
	for name := range v {
		if inner := objectIn(v, name); inner != nil {
			v[name] = block(inner)
		}
	}
	return v
}
