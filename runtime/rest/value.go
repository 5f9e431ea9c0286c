package rest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// SpanType says what kind of work a span is.
type SpanType string

// The types of spans. A span that was sent without one is read as "unknown".
const (
	TypeGeneral   SpanType = "general"
	TypeTool      SpanType = "tool"
	TypeLLM       SpanType = "llm"
	TypeGuardrail SpanType = "guardrail"
)

// ErrorInfo says how a span or a trace failed. Opik wants type and traceback.
type ErrorInfo struct {
	ExceptionType string `json:"exception_type"`
	Message       string `json:"message,omitempty"`
	Traceback     string `json:"traceback"`
}

// encodeJSON writes a value without the detours that are for HTML.
func encodeJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

// sendable returns JSON as it may be sent: Opik writes null over what it has.
func sendable(value json.RawMessage) json.RawMessage {
	if bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
		return nil
	}
	return value
}

// writtenTo returns the project that a row goes to, which Opik takes by its name. A row that was read knows the id only, and
// would be written a second time, into the client's project.
func writtenTo(name, id, client string) (string, error) {
	if name == "" && id != "" {
		return "", fmt.Errorf("it was read from project %s, which opik does not take by its id: set ProjectName", id)
	}
	return cmp.Or(name, client), nil
}

// checkStart finds what Opik does not take as the start of a row: none, and the epoch, with which it marks rows that
// have been changed before they arrived.
func checkStart(start time.Time) error {
	if start.IsZero() || start.UnixNano() == 0 {
		return errors.New("the start time is not set")
	}
	return nil
}

// checkUsage finds counts that do not fit into what Opik keeps.
func checkUsage(usage map[string]int64) error {
	for name, count := range usage {
		if count < math.MinInt32 || count > math.MaxInt32 {
			return fmt.Errorf("usage %s is %d: opik takes 32 bits", name, count)
		}
	}
	return nil
}

// inUTC returns the time as Opik wants to read it.
func inUTC(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
