package record

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

// NewSpanUpdate returns the row that changes a span which the server has: only what e and p say, and whose it is,
// which the server compares. Input, output and metadata replace what is there, tags are added to it.
func NewSpanUpdate(e *Entry, p *SpanPart) Row {
	dst := append(appendUUID([]byte(`{"trace_id":"`), p.TraceID), '"')
	if p.ParentID != [16]byte{} {
		dst = appendID(dst, "parent_span_id", p.ParentID)
	}
	dst = appendText(dst, "project_name", e.Project)
	dst = appendText(dst, "name", e.Name)
	for _, section := range []Section{Input, Output, Metadata} {
		dst = e.Fields.appendSection(dst, section, &Fields{})
	}
	if len(e.Tags) > 0 {
		dst = appendList(appendKey(dst, "tags_to_add"), e.Tags)
	}
	dst = appendError(dst, e.Error)
	dst = appendTTFT(dst, e.TTFT)
	dst = appendText(dst, "model", p.Model)
	dst = appendText(dst, "provider", p.Provider)
	dst = appendUsage(dst, p.Usage)
	if p.Cost != nil {
		dst = value.AppendFloat(appendKey(dst, "total_estimated_cost"), *p.Cost)
	}
	return Row{Kind: KindSpanUpdate, ID: e.ID, TraceID: p.TraceID, Body: append(dst, '}')}
}

// appendList appends texts as an array.
func appendList(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for _, text := range texts {
		dst = append(value.AppendString(dst, text), ',')
	}
	dst[len(dst)-1] = ']' // in place of the last comma
	return dst
}

// Change applies the body of an update to the span with the id that it is about.
func (s *Span) Change(id string, body []byte) error {
	update := struct {
		*Span
		Tags []string `json:"tags_to_add"`
	}{Span: s}
	if err := json.Unmarshal(body, &update); err != nil {
		return fmt.Errorf("the row of an update cannot be read: %w", err)
	}
	s.ID = id
	for _, tag := range update.Tags {
		if !slices.Contains(s.Tags, tag) {
			s.Tags = append(s.Tags, tag)
		}
	}
	return nil
}
