package record

import (
	"encoding/json"
	"fmt"
	"time"
)

// Trace is the row of a trace as the server reads it.
type Trace struct {
	ID          string          `json:"id"`
	Project     string          `json:"project_name"`
	Environment string          `json:"environment"`
	Source      string          `json:"source"`
	Name        string          `json:"name"`
	ThreadID    string          `json:"thread_id"`
	Start       time.Time       `json:"start_time"`
	End         time.Time       `json:"end_time"`
	Updated     time.Time       `json:"last_updated_at"`
	Input       json.RawMessage `json:"input"`
	Output      json.RawMessage `json:"output"`
	Metadata    json.RawMessage `json:"metadata"`
	Tags        []string        `json:"tags"`
	Error       *ErrorInfo      `json:"error_info"`
	TTFT        float64         `json:"ttft"`
}

// Span is the row of a span as the server reads it.
type Span struct {
	Trace
	TraceID  string           `json:"trace_id"`
	ParentID string           `json:"parent_span_id"`
	Type     string           `json:"type"`
	Model    string           `json:"model"`
	Provider string           `json:"provider"`
	Usage    map[string]int32 `json:"usage"`
	Cost     *float64         `json:"total_estimated_cost"`
}

// DecodeTrace reads the row of a trace.
func DecodeTrace(body []byte) (*Trace, error) { return decode[Trace](KindTrace, body) }

// DecodeSpan reads the row of a span.
func DecodeSpan(body []byte) (*Span, error) { return decode[Span](KindSpan, body) }

func decode[T any](kind Kind, body []byte) (*T, error) {
	row := new(T)
	if err := json.Unmarshal(body, row); err != nil {
		return nil, fmt.Errorf("the row of a %v cannot be read: %w", kind, err)
	}
	return row, nil
}
