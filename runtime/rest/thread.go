package rest

import (
	"encoding/json"
	"time"
)

// A Thread is a conversation: all traces of a project that carry its id.
type Thread struct {
	ID        string `json:"id,omitempty"`              // that the program gave it
	ModelID   string `json:"thread_model_id,omitempty"` // a UUID that Opik gave it
	ProjectID string `json:"project_id,omitempty"`
	Status    string `json:"status,omitempty"` // active or inactive, as Open and Close make it

	StartTime    time.Time       `json:"start_time,omitzero"`
	EndTime      time.Time       `json:"end_time,omitzero"`
	Duration     float64         `json:"duration,omitempty"` // in milliseconds
	FirstMessage json.RawMessage `json:"first_message,omitempty"`
	LastMessage  json.RawMessage `json:"last_message,omitempty"`
	Messages     int64           `json:"number_of_messages,omitempty"`

	Tags               []string         `json:"tags,omitempty"`
	Usage              map[string]int64 `json:"usage,omitempty"`
	TotalEstimatedCost *float64         `json:"total_estimated_cost,omitempty"` // in US dollars
	FeedbackScores     []FeedbackScore  `json:"feedback_scores,omitempty"`
	Comments           []Comment        `json:"comments,omitempty"`

	CreatedAt     time.Time `json:"created_at,omitzero"`
	CreatedBy     string    `json:"created_by,omitempty"`
	LastUpdatedAt time.Time `json:"last_updated_at,omitzero"`
	LastUpdatedBy string    `json:"last_updated_by,omitempty"`
}

// Ref names the thread, for scores and comments.
func (t *Thread) Ref() Ref {
	return Ref{Entity: EntityThread, ID: t.ID, ModelID: t.ModelID, ProjectID: t.ProjectID}
}

// A ThreadUpdate changes the tags of a thread: at most 50 of at most 100 characters.
type ThreadUpdate struct {
	Tags         []string `json:"tags,omitempty"`        // in place of the thread's
	TagsToAdd    []string `json:"tags_to_add,omitempty"` // goes before Tags
	TagsToRemove []string `json:"tags_to_remove,omitempty"`
}
