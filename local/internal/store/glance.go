package store

import (
	"context"
	"database/sql"
	"encoding/json"
)

const previewTags = 8

// Glance is a line in a list of traces: no more of a trace than a line can show.
type Glance struct {
	ID       string             `json:"id"`
	Name     string             `json:"name"`
	ThreadID string             `json:"thread_id,omitempty"`
	Start    Time               `json:"start"`
	Duration *float64           `json:"duration"` // milliseconds; nil while it runs
	Failed   bool               `json:"failed"`
	Spans    int64              `json:"spans"`
	Tokens   int64              `json:"tokens"`
	Cost     float64            `json:"cost"`
	Input    string             `json:"input"`
	Output   string             `json:"output"`
	Tags     []string           `json:"tags"`
	MoreTags int                `json:"more_tags,omitempty"`
	Scores   map[string]float64 `json:"scores,omitempty"`
}

const selectGlance = `SELECT r.id, r.project_id, r.name, r.thread_id, r.start, r.end, r.failed OR coalesce(u.failed, 0) > 0,
	coalesce(u.spans, 0), coalesce(u.tokens, 0), coalesce(u.cost, 0), coalesce(substr(r.input, 1, 600), ''), coalesce(substr(r.output, 1, 600), ''),
	coalesce(json_array_length(r.tags), 0), coalesce((SELECT json_group_array(value) FROM (SELECT value FROM json_each(r.tags) LIMIT 8)), '[]')`

// Glances returns what a list of traces shows.
func (s *Store) Glances(ctx context.Context, q Query) ([]Glance, error) {
	q, _, err := s.ahead(ctx, Trace, q)
	if err != nil {
		return nil, err
	}
	where, err := q.where(Trace)
	if err != nil {
		return nil, err
	}
	glances, ids := []Glance{}, []string{}
	err = s.each(ctx, func(rows *sql.Rows) error {
		glance, err := scanGlance(rows)
		glances, ids = append(glances, glance), append(ids, glance.ID)
		return err
	}, selectGlance+from[Trace]+where.text+where.order+where.limit, where.args...)
	if err != nil {
		return nil, err
	}
	scores, err := s.scores(ctx, Trace, ids)
	for i := range glances {
		for _, score := range scores[place{glances[i].ID, q.ProjectID}] {
			if glances[i].Scores == nil {
				glances[i].Scores = map[string]float64{}
			}
			glances[i].Scores[score.Name] = score.Value
		}
	}
	return glances, err
}

// scanGlance reads one line.
func scanGlance(rows *sql.Rows) (g Glance, err error) {
	var project, tags string
	var end sql.NullInt64
	var count int
	err = rows.Scan(&g.ID, &project, &g.Name, &g.ThreadID, &g.Start, &end, &g.Failed, &g.Spans, &g.Tokens, &g.Cost, &g.Input, &g.Output, &count, &tags)
	if err != nil {
		return g, err
	}
	if end.Valid && g.Start != 0 {
		duration := float64(Time(end.Int64)-g.Start) / 1e6
		g.Duration = &duration
	}
	g.Input, g.Output = preview(g.Input), preview(g.Output)
	g.MoreTags = max(0, count-previewTags)
	return g, json.Unmarshal([]byte(tags), &g.Tags)
}

// Outline is a span as a trace's tree shows it.
type Outline struct {
	ID       string  `json:"id"`
	ParentID string  `json:"parent,omitempty"`
	Name     string  `json:"name"`
	Type     string  `json:"type"`
	Model    string  `json:"model,omitempty"`
	Start    Time    `json:"start"`
	End      Time    `json:"end,omitzero"`
	Failed   bool    `json:"failed,omitempty"`
	Tokens   int64   `json:"tokens,omitempty"`
	Cost     float64 `json:"cost,omitempty"`
}

// Outlines returns the spans of a trace in the order in which they began.
func (s *Store) Outlines(ctx context.Context, projectID, traceID string) ([]Outline, error) {
	return collect(ctx, s, scanOutline, `SELECT id, parent_id, name, type, model, start, coalesce(end, 0), failed, tokens, coalesce(cost, 0) FROM spans
		WHERE trace_id = ? AND project_id = ? AND live = 1 ORDER BY start, id`, traceID, projectID)
}

// scanOutline reads one span.
func scanOutline(rows *sql.Rows) (o Outline, err error) {
	err = rows.Scan(&o.ID, &o.ParentID, &o.Name, &o.Type, &o.Model, &o.Start, &o.End, &o.Failed, &o.Tokens, &o.Cost)
	return o, err
}

// Ending is a version of a trace that ended.
type Ending struct {
	ID      string
	Updated Time
}

// Finished returns the traces that ended and that changed after a moment, up to another, the oldest change first.
func (s *Store) Finished(ctx context.Context, after, until Time) ([]Ending, error) {
	return collect(ctx, s, func(rows *sql.Rows) (end Ending, err error) {
		err = rows.Scan(&end.ID, &end.Updated)
		return end, err
	}, "SELECT id, updated FROM traces WHERE updated > ? AND updated <= ? AND end IS NOT NULL AND start > 0 ORDER BY updated", after, until)
}
