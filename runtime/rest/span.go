package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Span is one step of a trace. To write one, set what is known: TraceID and StartTime must be. What Opik finds out
// by itself, from ProjectID on, is not sent.
type Span struct {
	ID           string `json:"id,omitempty"`           // a UUIDv7; Opik gives one to a span that is created without
	ProjectName  string `json:"project_name,omitempty"` // the client's, unless it is set
	TraceID      string `json:"trace_id,omitempty"`
	ParentSpanID string `json:"parent_span_id,omitempty"`

	Name      string    `json:"name,omitempty"`
	Type      SpanType  `json:"type,omitempty"`
	StartTime time.Time `json:"start_time,omitzero"`
	EndTime   time.Time `json:"end_time,omitzero"`

	// Objects, arrays of objects, or strings.
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`

	Model     string           `json:"model,omitempty"`
	Provider  string           `json:"provider,omitempty"`
	Usage     map[string]int64 `json:"usage,omitempty"` // counts of at most 32 bits
	Tags      []string         `json:"tags,omitempty"`
	ErrorInfo *ErrorInfo       `json:"error_info,omitempty"`

	// TotalEstimatedCost is in US dollars. Opik estimates it from model, provider and usage where it is nil.
	TotalEstimatedCost *float64 `json:"total_estimated_cost,omitempty"`
	TTFT               float64  `json:"ttft,omitempty"` // milliseconds to the first token
	Source             string   `json:"source,omitempty"`
	Environment        string   `json:"environment,omitempty"` // newer servers only

	// LastUpdatedAt is the version of the row: of several rows of one id the newest is kept, whole.
	LastUpdatedAt time.Time `json:"last_updated_at,omitzero"`

	ProjectID                 string          `json:"project_id,omitempty"`
	Duration                  float64         `json:"duration,omitempty"` // in milliseconds
	FeedbackScores            []FeedbackScore `json:"feedback_scores,omitempty"`
	Comments                  []Comment       `json:"comments,omitempty"`
	TotalEstimatedCostVersion string          `json:"total_estimated_cost_version,omitempty"`
	CreatedAt                 time.Time       `json:"created_at,omitzero"`
	CreatedBy                 string          `json:"created_by,omitempty"`
	LastUpdatedBy             string          `json:"last_updated_by,omitempty"`
}

// Ref names the span, for scores, comments and attachments.
func (s *Span) Ref() Ref {
	return Ref{Entity: EntitySpan, ID: s.ID, ProjectName: s.ProjectName, ProjectID: s.ProjectID}
}

// sent returns what is sent of the span.
func (s Span) sent(project string) (Span, error) {
	var err error
	s.ProjectName, err = writtenTo(s.ProjectName, s.ProjectID, project)
	if err = errors.Join(err, s.check()); err != nil {
		return Span{}, fmt.Errorf("span %q: %w", s.Name, err)
	}
	s.StartTime, s.EndTime, s.LastUpdatedAt = inUTC(s.StartTime), inUTC(s.EndTime), inUTC(s.LastUpdatedAt)
	s.Input, s.Output, s.Metadata = sendable(s.Input), sendable(s.Output), sendable(s.Metadata)
	s.ProjectID, s.Duration, s.FeedbackScores, s.Comments, s.TotalEstimatedCostVersion = "", 0, nil, nil, ""
	s.CreatedAt, s.CreatedBy, s.LastUpdatedBy = time.Time{}, "", ""
	return s, nil
}

// check finds what Opik would refuse together with the rest of a batch, or would not notice at all.
func (s Span) check() error {
	if err := checkID("trace", s.TraceID); err != nil {
		return err
	}
	if err := checkStart(s.StartTime); err != nil {
		return err
	}
	return checkUsage(s.Usage)
}

// A SpanUpdate changes a span. What is zero stays as it is; input, output and metadata replace those of the span.
// TraceID, ParentSpanID and the project must be those that the span has, or Opik answers with [ErrConflict].
type SpanUpdate struct {
	ProjectName  string `json:"project_name,omitempty"` // the client's, unless ProjectID is set
	ProjectID    string `json:"project_id,omitempty"`
	TraceID      string `json:"trace_id,omitempty"`
	ParentSpanID string `json:"parent_span_id,omitempty"`

	Name     string          `json:"name,omitempty"`
	Type     SpanType        `json:"type,omitempty"`
	EndTime  time.Time       `json:"end_time,omitzero"`
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	Model    string          `json:"model,omitempty"`
	Provider string          `json:"provider,omitempty"`

	Tags         []string `json:"tags,omitempty"`        // in place of the span's, at most 50 of at most 100 characters
	TagsToAdd    []string `json:"tags_to_add,omitempty"` // goes before Tags
	TagsToRemove []string `json:"tags_to_remove,omitempty"`

	Usage              map[string]int64 `json:"usage,omitempty"`
	TotalEstimatedCost *float64         `json:"total_estimated_cost,omitempty"`
	ErrorInfo          *ErrorInfo       `json:"error_info,omitempty"`
	TTFT               float64          `json:"ttft,omitempty"`
	Source             string           `json:"source,omitempty"`
}

// sent returns what is sent of the update.
func (u SpanUpdate) sent(c *Client) (SpanUpdate, error) {
	if err := checkID("trace", u.TraceID); err != nil {
		return u, err
	}
	u.ProjectName, u.ProjectID = c.inProject(u.ProjectName, u.ProjectID)
	u.EndTime = inUTC(u.EndTime)
	u.Input, u.Output, u.Metadata = sendable(u.Input), sendable(u.Output), sendable(u.Metadata)
	return u, checkUsage(u.Usage)
}
