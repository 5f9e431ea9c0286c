package rest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"time"
)

// FeedbackScores is the service for the scores of spans, traces and threads.
type FeedbackScores struct{ c *Client }

// A FeedbackScore judges a span, a trace or a thread. There is one for each name and author. To write one, set Name and
// Value, and the rest as needed, up to Source.
type FeedbackScore struct {
	Name         string  `json:"name"`
	Value        float64 `json:"value"` // below a billion, with at most nine decimals
	CategoryName string  `json:"category_name,omitempty"`
	Reason       string  `json:"reason,omitempty"`
	Source       string  `json:"source,omitempty"` // sdk, unless it is ui or online_scoring

	CreatedAt     time.Time             `json:"created_at,omitzero"`
	CreatedBy     string                `json:"created_by,omitempty"`
	LastUpdatedAt time.Time             `json:"last_updated_at,omitzero"`
	LastUpdatedBy string                `json:"last_updated_by,omitempty"`
	ValueByAuthor map[string]ValueEntry `json:"value_by_author,omitempty"`
}

// A ValueEntry is the score of one author, where several have scored.
type ValueEntry struct {
	Value         float64   `json:"value"`
	Reason        string    `json:"reason,omitempty"`
	CategoryName  string    `json:"category_name,omitempty"`
	Source        string    `json:"source,omitempty"`
	LastUpdatedAt time.Time `json:"last_updated_at,omitzero"`
}

// A ScoreOf is a score with what it is about, for AddMany.
type ScoreOf struct {
	Ref    Ref
	Score  FeedbackScore
	Author string // if it is not who the key belongs to
}

// A scoreRow is what batches take.
type scoreRow struct {
	ID          string `json:"id,omitempty"`
	ThreadID    string `json:"thread_id,omitempty"`
	ProjectName string `json:"project_name,omitempty"`
	ProjectID   string `json:"project_id,omitempty"`
	Author      string `json:"author,omitempty"`
	FeedbackScore
}

// tooLarge is the first score that Opik does not take.
const tooLarge = 1e9

// sent returns what is sent of a score.
func (f FeedbackScore) sent() (FeedbackScore, error) {
	if f.Name == "" {
		return f, errors.New("the score has no name")
	}
	if !(math.Abs(f.Value) < tooLarge) {
		return f, fmt.Errorf("the score %q is %v: want a number below a billion", f.Name, f.Value)
	}
	if f.Source == "" {
		f.Source = "sdk"
	}
	return FeedbackScore{Name: f.Name, Value: f.Value, CategoryName: f.CategoryName, Reason: f.Reason, Source: f.Source}, nil
}

// row returns what a batch takes of a score.
func (s ScoreOf) row(c *Client, entity Entity) (scoreRow, error) {
	score, err := s.Score.sent()
	if err != nil {
		return scoreRow{}, err
	}
	if s.Ref.Entity != entity {
		return scoreRow{}, fmt.Errorf("the score %q is about a %s, the first one about a %s: opik takes those of one kind at once",
			score.Name, s.Ref.Entity, entity)
	}
	row := scoreRow{FeedbackScore: score, Author: s.Author}
	row.ProjectName, row.ProjectID = c.inProject(s.Ref.ProjectName, s.Ref.ProjectID)
	if entity != EntityThread {
		row.ID = s.Ref.ID
		return row, checkID(string(entity), row.ID)
	}
	row.ThreadID = s.Ref.ID
	_, err = c.threadBody(s.Ref)
	return row, err
}

// Add scores a span, a trace or a thread, or replaces the score of that name: PUT /v1/private/{spans,traces}/{id}/feedback-scores,
// and for threads PUT /v1/private/traces/threads/feedback-scores. The error matches [ErrNotFound] if there is no such
// span or trace.
func (s *FeedbackScores) Add(ctx context.Context, ref Ref, score FeedbackScore) error {
	if ref.Entity == EntityThread {
		return s.AddMany(ctx, []ScoreOf{{Ref: ref, Score: score}})
	}
	path, err := ref.path()
	if err != nil {
		return err
	}
	sent, err := score.sent()
	if err != nil {
		return err
	}
	return s.c.do(ctx, request{method: http.MethodPut, path: path + "/feedback-scores", body: sent})
}

// AddMany scores many spans, many traces or many threads: PUT /v1/private/{spans,traces,traces/threads}/feedback-scores,
// with at most 1000 in a request. Opik does not look whether they exist, and a score is seen only if the project of
// its Ref is the right one. Opik takes all scores of a request or none; the error says how many were sent before.
func (s *FeedbackScores) AddMany(ctx context.Context, scores []ScoreOf) error {
	if len(scores) == 0 {
		return nil
	}
	entity := scores[0].Ref.Entity
	path, err := entity.path()
	if err != nil {
		return err
	}
	rows := make([]scoreRow, len(scores))
	for i, score := range scores {
		if rows[i], err = score.row(s.c, entity); err != nil {
			return err
		}
	}
	return sendBatches(ctx, s.c, request{method: http.MethodPut, path: path + "/feedback-scores"}, "scores", rows)
}

// A DeleteScore says which score to delete: that of one author, or, without one, of all.
type DeleteScore struct {
	Name   string `json:"name"`
	Author string `json:"author,omitempty"`
}

// Delete deletes a score: POST /v1/private/{spans,traces}/{id}/feedback-scores/delete, and for threads POST
// /v1/private/traces/threads/feedback-scores/delete, which wants the project by name. That there is none is no error.
func (s *FeedbackScores) Delete(ctx context.Context, ref Ref, score DeleteScore) error {
	if score.Name == "" {
		return errors.New("the score to delete has no name")
	}
	if ref.Entity == EntityThread {
		return s.deleteOfThread(ctx, ref, score)
	}
	path, err := ref.path()
	if err != nil {
		return err
	}
	path += "/feedback-scores/delete"
	return s.c.do(ctx, request{method: http.MethodPost, path: path, body: score, repeatable: true})
}

// deleteOfThread deletes a score of a thread.
func (s *FeedbackScores) deleteOfThread(ctx context.Context, ref Ref, score DeleteScore) error {
	if _, err := s.c.threadBody(ref); err != nil {
		return err
	}
	project, err := s.c.projectName(ctx, ref)
	if err != nil {
		return err
	}
	body := map[string]any{"project_name": project, "thread_id": ref.ID, "names": []string{score.Name}}
	if score.Author != "" {
		body["author"] = score.Author
	}
	return s.c.do(ctx, request{method: http.MethodPost, path: threadsPath + "/feedback-scores/delete", body: body, repeatable: true})
}

// A NamesQuery says of what the names of scores are asked for.
type NamesQuery struct {
	Entity      Entity
	ProjectName string // the client's, unless ProjectID is set, without which the client has to ask for it
	ProjectID   string
	Type        SpanType // spans only
}

// Names returns the names of all scores that spans, traces or threads of a project have:
// GET /v1/private/{spans,traces,traces/threads}/feedback-scores/names.
func (s *FeedbackScores) Names(ctx context.Context, q NamesQuery) ([]string, error) {
	path, err := q.Entity.path()
	if err != nil {
		return nil, err
	}
	if q.Type != "" && q.Entity != EntitySpan {
		return nil, fmt.Errorf("a query for the scores of %ss has no Type", q.Entity)
	}
	projectID, err := s.c.projectID(ctx, Ref{Entity: q.Entity, ProjectName: q.ProjectName, ProjectID: q.ProjectID})
	if err != nil {
		return nil, err
	}
	values := url.Values{"project_id": {projectID}}
	set(values, "type", string(q.Type))
	r := request{method: http.MethodGet, path: path + "/feedback-scores/names", query: values}
	found, err := call[struct{ Scores []struct{ Name string } }](ctx, s.c, r)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, score := range found.Scores {
		names = append(names, score.Name)
	}
	return names, nil
}
