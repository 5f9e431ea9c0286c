package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Trace is one piece of work from end to end, whose steps are spans. To write one, set what is known: StartTime must
// be. What Opik finds out by itself, from ProjectID on, is not sent.
type Trace struct {
	ID          string `json:"id,omitempty"`           // a UUIDv7; Opik gives one to a trace that is created without
	ProjectName string `json:"project_name,omitempty"` // the client's, unless it is set
	ThreadID    string `json:"thread_id,omitempty"`

	Name      string    `json:"name,omitempty"`
	StartTime time.Time `json:"start_time,omitzero"`
	EndTime   time.Time `json:"end_time,omitzero"`

	// Objects, arrays of objects, or strings.
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`

	Tags        []string   `json:"tags,omitempty"`
	ErrorInfo   *ErrorInfo `json:"error_info,omitempty"`
	TTFT        float64    `json:"ttft,omitempty"` // milliseconds to the first token
	Source      string     `json:"source,omitempty"`
	Environment string     `json:"environment,omitempty"` // newer servers only

	// LastUpdatedAt is the version of the row: of several rows of one id the newest is kept, whole.
	LastUpdatedAt time.Time `json:"last_updated_at,omitzero"`

	ProjectID string `json:"project_id,omitempty"`
	TraceSummary
}

// A TraceSummary is what Opik finds out about a trace from its spans, and what people add to it.
type TraceSummary struct {
	Duration             float64          `json:"duration,omitempty"` // in milliseconds
	Usage                map[string]int64 `json:"usage,omitempty"`
	TotalEstimatedCost   *float64         `json:"total_estimated_cost,omitempty"` // in US dollars
	SpanCount            int              `json:"span_count,omitempty"`
	LLMSpanCount         int              `json:"llm_span_count,omitempty"`
	HasToolSpans         bool             `json:"has_tool_spans,omitempty"`
	Providers            []string         `json:"providers,omitempty"`
	FeedbackScores       []FeedbackScore  `json:"feedback_scores,omitempty"`
	SpanFeedbackScores   []FeedbackScore  `json:"span_feedback_scores,omitempty"` // averages by name
	Comments             []Comment        `json:"comments,omitempty"`
	GuardrailsValidation json.RawMessage  `json:"guardrails_validations,omitempty"`
	Experiment           json.RawMessage  `json:"experiment,omitempty"`
	VisibilityMode       string           `json:"visibility_mode,omitempty"` // default or hidden
	CreatedAt            time.Time        `json:"created_at,omitzero"`
	CreatedBy            string           `json:"created_by,omitempty"`
	LastUpdatedBy        string           `json:"last_updated_by,omitempty"`
}

// Ref names the trace, for scores, comments and attachments.
func (t *Trace) Ref() Ref {
	return Ref{Entity: EntityTrace, ID: t.ID, ProjectName: t.ProjectName, ProjectID: t.ProjectID}
}

// sent returns what is sent of the trace.
func (t Trace) sent(project string) (Trace, error) {
	var err error
	t.ProjectName, err = writtenTo(t.ProjectName, t.ProjectID, project)
	if err = errors.Join(err, checkStart(t.StartTime)); err != nil {
		return Trace{}, fmt.Errorf("trace %q: %w", t.Name, err)
	}
	t.StartTime, t.EndTime, t.LastUpdatedAt = inUTC(t.StartTime), inUTC(t.EndTime), inUTC(t.LastUpdatedAt)
	t.Input, t.Output, t.Metadata = sendable(t.Input), sendable(t.Output), sendable(t.Metadata)
	t.ProjectID, t.TraceSummary = "", TraceSummary{}
	return t, nil
}

// A TraceUpdate changes a trace. What is zero stays as it is; input, output and metadata replace those of the trace.
// The project must be the trace's.
type TraceUpdate struct {
	ProjectName string `json:"project_name,omitempty"` // the client's, unless ProjectID is set
	ProjectID   string `json:"project_id,omitempty"`
	ThreadID    string `json:"thread_id,omitempty"`

	Name     string          `json:"name,omitempty"`
	EndTime  time.Time       `json:"end_time,omitzero"`
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`

	Tags         []string `json:"tags,omitempty"`        // in place of the trace's, at most 50 of at most 100 characters
	TagsToAdd    []string `json:"tags_to_add,omitempty"` // goes before Tags
	TagsToRemove []string `json:"tags_to_remove,omitempty"`

	ErrorInfo *ErrorInfo `json:"error_info,omitempty"`
	TTFT      float64    `json:"ttft,omitempty"`
	Source    string     `json:"source,omitempty"`
}

// sent returns what is sent of the update.
func (u TraceUpdate) sent(c *Client) TraceUpdate {
	u.ProjectName, u.ProjectID = c.inProject(u.ProjectName, u.ProjectID)
	u.EndTime = inUTC(u.EndTime)
	u.Input, u.Output, u.Metadata = sendable(u.Input), sendable(u.Output), sendable(u.Metadata)
	return u
}
