package delta

import "maps"

// cohereEvents are the events of which Cohere makes a message: its head, its parts, each with a start and deltas, and
// what is known at the end.
var cohereEvents = map[string]bool{
	"message-start": true, "message-end": true, "tool-plan-delta": true, "debug": true,
	"content-start": true, "content-delta": true, "content-end": true,
	"tool-call-start": true, "tool-call-delta": true, "tool-call-end": true,
	"citation-start": true, "citation-end": true,
}

// cohereLists are the members of a message that events have one element of.
var cohereLists = []string{"content", "tool_calls", "citations"}

// cohereEvent translates such an event.
func cohereEvent(kind string, event map[string]any) map[string]any {
	delta := maps.Clone(objectIn(event, "delta"))
	if kind == "message-end" {
		return delta
	}
	message := maps.Clone(objectIn(delta, "message"))
	for _, name := range cohereLists {
		switch v := message[name].(type) {
		case map[string]any:
			message[name] = part(event["index"], v)
		case []any: // the empty ones of the head
			delete(message, name)
		}
	}
	answer := map[string]any{"message": message}
	if id, ok := event["id"]; ok {
		answer["id"] = id
	}
	return answer
}
