package opik

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// Prompt is a version of a prompt in Opik's prompt library that a trace or a span used. Opik links them.
type Prompt struct {
	Name      string
	ID        string
	Structure string // "text" or "chat"

	VersionID string
	Commit    string
	Template  any // the text, or the messages
}

// promptsKey is the metadata where Opik looks for prompts.
const promptsKey = "opik_prompts"

// linkedPrompt is a Prompt as Opik reads it.
type linkedPrompt struct {
	Name      string        `json:"name"`
	ID        string        `json:"id,omitempty"`
	Structure string        `json:"template_structure,omitempty"`
	Version   promptVersion `json:"version"`
}

type promptVersion struct {
	ID       string `json:"id,omitempty"`
	Commit   string `json:"commit,omitempty"`
	Template any    `json:"template,omitempty"`
}

// encodePrompts encodes prompts as they are kept in the metadata, each by itself.
func (r *recording) encodePrompts(prompts []Prompt) [][]byte {
	var all [][]byte
	for _, p := range prompts {
		text := r.encode(new(buffer), record.Metadata, promptsKey, linkedPrompt{
			Name:      p.Name,
			ID:        p.ID,
			Structure: p.Structure,
			Version:   promptVersion{ID: p.VersionID, Commit: p.Commit, Template: p.Template},
		})
		if text != nil {
			all = append(all, text)
		}
	}
	return all
}

// linkPrompts adds prompts to those in the metadata. The same version of a prompt is there once. The recording is locked.
func (r *recording) linkPrompts(prompts [][]byte) {
	if len(prompts) == 0 {
		return
	}
	var linked []json.RawMessage
	if old, ok := r.entry.Fields.Get(record.Metadata, promptsKey); ok {
		_ = json.Unmarshal(old, &linked) // what is no list was never ours, and is replaced
	}
	for _, p := range prompts {
		if !contains(linked, p) {
			linked = append(linked, p)
		}
	}
	list := value.Append(nil, linked, 2*r.client.maximum)
	r.fields().Set(record.Metadata, promptsKey, r.fitting(list))
}

// contains reports whether a prompt is in a list, by its id and commit if it has them.
func contains(list []json.RawMessage, prompt json.RawMessage) bool {
	id := identity(prompt)
	return slices.ContainsFunc(list, func(p json.RawMessage) bool {
		return bytes.Equal(p, prompt) || id != [2]string{} && identity(p) == id
	})
}

func identity(prompt json.RawMessage) [2]string {
	var p linkedPrompt
	_ = json.Unmarshal(prompt, &p) // a mask may have made anything of it, which then has no identity
	return [2]string{p.ID, p.Version.Commit}
}
