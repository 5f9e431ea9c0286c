package opikotel

import (
	"encoding/json"
	"slices"
)

// message is a message to or from a model, as OpenTelemetry's conventions have it.
type message struct {
	Role         string            `json:"role"`
	Parts        []json.RawMessage `json:"parts"`
	FinishReason string            `json:"finish_reason,omitempty"`
}

// part is a part of a message that is text.
type part struct {
	Type    string `json:"type"`
	Content string `json:"content"`
}

// said is a message as the SDKs of providers have it: a role, and a content that is a text or a list of parts.
type said map[string]json.RawMessage

// plain reports whether a message says nothing beside that, as one that calls tools does.
func (s said) plain() bool {
	for name, value := range s {
		empty := slices.Contains([]string{"null", `""`, "[]", "{}"}, string(value))
		if name != "role" && name != "content" && !empty {
			return false
		}
	}
	return true
}

// takeMessages takes the messages out of the input of a call to a model, and returns them as OpenTelemetry has them, or
// "" if there are none in a form that is known.
func takeMessages(input map[string]json.RawMessage) string {
	var all []said
	if json.Unmarshal(input["messages"], &all) != nil || len(all) == 0 {
		return ""
	}
	messages := make([]message, 0, len(all))
	for _, s := range all {
		m, ok := messageOf(s)
		if !ok {
			return ""
		}
		messages = append(messages, m)
	}
	return taken(input, "messages", messages)
}

// takeAnswer takes what a model answered out of the output of a call: choices, or the content of one message.
func takeAnswer(output map[string]json.RawMessage) string {
	if text := takeChoices(output); text != "" {
		return text
	}
	m, ok := messageOf(said{"role": []byte(`"assistant"`), "content": output["content"]})
	if !ok {
		return ""
	}
	return taken(output, "content", []message{m})
}

func takeChoices(output map[string]json.RawMessage) string {
	var choices []struct {
		Message      said   `json:"message"`
		FinishReason string `json:"finish_reason"`
	}
	if json.Unmarshal(output["choices"], &choices) != nil || len(choices) == 0 {
		return ""
	}
	messages := make([]message, 0, len(choices))
	for _, choice := range choices {
		m, ok := messageOf(choice.Message)
		if !ok {
			return ""
		}
		m.FinishReason = choice.FinishReason
		messages = append(messages, m)
	}
	return taken(output, "choices", messages)
}

// taken returns messages as text, and takes what they were made from out of the members.
func taken(from map[string]json.RawMessage, name string, messages []message) string {
	text, err := json.Marshal(messages)
	if err != nil {
		return ""
	}
	delete(from, name)
	return string(text)
}

// messageOf returns a message as OpenTelemetry has it, if all of it is of a form that is known.
func messageOf(s said) (m message, ok bool) {
	role := textOf(s["role"])
	if role == "" || !s.plain() {
		return message{}, false
	}
	if text := textOf(s["content"]); text != "" {
		raw, err := json.Marshal(part{"text", text})
		return message{Role: role, Parts: []json.RawMessage{raw}}, err == nil
	}
	var parts []json.RawMessage
	if json.Unmarshal(s["content"], &parts) != nil || len(parts) == 0 {
		return message{}, false
	}
	for i, raw := range parts {
		if parts[i], ok = partOf(raw); !ok {
			return message{}, false
		}
	}
	return message{Role: role, Parts: parts}, true
}

// partOf returns a part of a message as OpenTelemetry has it: one that is not text keeps its members.
func partOf(raw json.RawMessage) (json.RawMessage, bool) {
	var p struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if json.Unmarshal(raw, &p) != nil || p.Type == "" {
		return nil, false
	}
	if p.Type != "text" {
		return raw, true
	}
	text, err := json.Marshal(part{"text", p.Text})
	return text, err == nil
}
