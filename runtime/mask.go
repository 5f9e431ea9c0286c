package opik

import (
	"encoding/json"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// masking returns what the mask leaves of a captured value, nil if nothing.
func (c *Client) masking(section record.Section, key string, text []byte) []byte {
	if c.mask == nil {
		return text
	}
	return c.masks(section.String()+"."+key, text)
}

// maskText is masking for a text that is not JSON yet.
func (c *Client) maskText(field, text string) string {
	if c.mask == nil {
		return text
	}
	masked := c.masks(field, value.AppendString(nil, text))
	if json.Unmarshal(masked, &text) != nil {
		return string(masked)
	}
	return text
}

// masks calls the mask. What it returns is not trusted to be JSON, and what it should have hidden never gets through
// because it failed.
func (c *Client) masks(field string, text []byte) (masked []byte) {
	defer func() {
		if recover() != nil {
			masked = []byte(`"[the mask panicked]"`)
		}
	}()
	masked = c.mask(field, text)
	if len(masked) == 0 {
		return nil
	}
	return value.Append(nil, json.RawMessage(masked), c.maximum)
}
