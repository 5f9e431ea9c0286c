package value

import (
	"encoding/json"
)

// overrider and extender are the requests of OpenAI's and Anthropic's SDKs, which can be told to be written as something
// else than their fields say, by param.Override and param.SetJSON, and as something more, by SetExtraFields.
type (
	overrider interface{ Overrides() (any, bool) }
	extender  interface{ ExtraFields() map[string]any }
)

// Overridden returns the members of the object that v is written as, where its fields do not say what these are.
func Overridden(v any) (members map[string]json.RawMessage, overridden bool) {
	text, err := guard(func() ([]byte, error) {
		if !isOverridden(v) {
			return nil, nil
		}
		return json.Marshal(v)
	})
	if err != nil || text == nil {
		return nil, false
	}
	return members, json.Unmarshal(text, &members) == nil
}

func isOverridden(v any) bool {
	if o, ok := v.(overrider); ok {
		if _, overridden := o.Overrides(); overridden {
			return true
		}
	}
	e, ok := v.(extender)
	return ok && len(e.ExtraFields()) > 0
}
