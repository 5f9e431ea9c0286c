package opik

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// inputNames are the members of requests that are inputs, and no settings.
var inputNames = []string{"messages", "input", "prompt", "instructions", "system"}

// captureOverridden records the members of a request that is sent as something else than its fields say. What the
// fields were captured as does not hold, unless it was hidden on purpose.
func (s *Span) captureOverridden(members map[string]json.RawMessage) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		text := value.Append(nil, members[name], s.client.maximum)
		input, held := s.input(name)
		if isSecret(name) || input == hidden || string(text) == `null` || string(text) == `""` {
			continue
		}
		section := record.Metadata
		if held || slices.Contains(inputNames, name) {
			section = record.Input
		}
		s.captureMember(section, name, text)
	}
	var model string
	if json.Unmarshal(members["model"], &model) == nil {
		CaptureModel(s, model)
	}
}

// hidden is what stands in the place of a redacted input.
const hidden = `"` + value.Redacted + `"`

// input returns what is recorded of an input.
func (s *Span) input(name string) (text string, held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, held := s.fields().Get(record.Input, name)
	return string(b), held
}
