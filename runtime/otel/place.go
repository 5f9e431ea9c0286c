package opikotel

import (
	"strings"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// The attributes by which Opik puts a span of OpenTelemetry into one of its traces. In baggage, the first and the last
// say where the caller is.
const (
	traceKey  = attribute.Key("opik.trace_id")
	parentKey = attribute.Key("opik.parent_span_id")
	spanKey   = attribute.Key("opik.span_id")
)

// place is where a span that starts belongs.
type place struct{ trace, parent string } // parent is "" directly below the trace

// attributes returns what puts a span there. Its own id is minted here, for Opik knows no other way to tell the spans
// below which one they are.
func (p place) attributes() ([]attribute.KeyValue, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	attributes := []attribute.KeyValue{traceKey.String(p.trace), spanKey.String(id.String())}
	if p.parent != "" {
		attributes = append(attributes, parentKey.String(p.parent))
	}
	return attributes, nil
}

// attach puts a span where it belongs, and reports whether it did.
func (p place) attach(span trace.Span) bool {
	attributes, err := p.attributes()
	if err != nil {
		return false
	}
	span.SetAttributes(attributes...)
	return true
}

// idOf returns an id as Opik takes it, which is a UUID of version 7 in the usual form, or "".
func idOf(text string) string {
	const length = len("00000000-0000-7000-8000-000000000000") // uuid.Parse takes other forms, too
	text = strings.TrimSpace(text)
	if id, err := uuid.Parse(text); err != nil || len(text) != length || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		return ""
	}
	return strings.ToLower(text)
}
