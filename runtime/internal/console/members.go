package console

import (
	"bytes"
	"encoding/json"
	"strings"
)

// members returns an object as a person would write it: question: "...", k: 3. The name "output" says nothing
// beside the label, so a value that is alone under it stands by itself.
func members(object json.RawMessage) string {
	if len(object) == 0 {
		return ""
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return string(object)
	}
	var parts []string
	last := ""
	for d.More() {
		name, value, err := member(d)
		if err != nil {
			return string(object)
		}
		parts = append(parts, name+": "+value)
		last = value
	}
	if len(parts) == 1 && strings.HasPrefix(parts[0], "output: ") {
		return last
	}
	return strings.Join(parts, ", ")
}

func member(d *json.Decoder) (name, value string, err error) {
	t, err := d.Token()
	if err != nil {
		return "", "", err
	}
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return "", "", err
	}
	name, _ = t.(string)
	return name, string(raw), nil
}
