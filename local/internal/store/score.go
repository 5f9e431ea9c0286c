package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
)

// author is the one user of a local Opik.
const author = "admin"

// Score is a feedback score to store.
type Score struct {
	Kind        Kind    `json:"kind"`
	EntityID    string  `json:"entity_id"` // an id, or the name of a thread
	ProjectName string  `json:"project_name,omitempty"`
	ProjectID   string  `json:"project_id,omitempty"`
	Name        string  `json:"name"`
	Author      string  `json:"author,omitempty"`
	Value       float64 `json:"value"`
	Category    string  `json:"category_name,omitempty"`
	Reason      string  `json:"reason,omitempty"`
	Source      string  `json:"source"`
}

// GivenScore is one author's score, as Opik's API shows it.
type GivenScore struct {
	Value    float64 `json:"value"`
	Reason   string  `json:"reason,omitempty"`
	Category string  `json:"category_name,omitempty"`
	Source   string  `json:"source"`
	Updated  Time    `json:"last_updated_at"`
}

// FeedbackScore is the mean of what the authors gave under one name, as Opik's API shows it.
type FeedbackScore struct {
	Name      string                `json:"name"`
	Category  string                `json:"category_name,omitempty"`
	Value     float64               `json:"value"`
	Reason    string                `json:"reason,omitempty"`
	Source    string                `json:"source"`
	Created   Time                  `json:"created_at"`
	Updated   Time                  `json:"last_updated_at"`
	CreatedBy string                `json:"created_by"`
	UpdatedBy string                `json:"last_updated_by"`
	ByAuthor  map[string]GivenScore `json:"value_by_author"`
}

const putScore = `INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT DO UPDATE SET value = excluded.value, category = excluded.category, reason = excluded.reason,
	source = excluded.source, updated = excluded.updated`

// PutScores stores scores, one for each name and author. Whether there is what they are about is not checked.
func (s *Store) PutScores(ctx context.Context, scores []Score) error {
	return s.writer.do(ctx, func(t *tx) error {
		projects, now := map[string]string{}, TimeOf(s.now())
		return forEach(scores, func(score Score) error { return t.putScore(score, projects, now) })
	})
}

// putScore stores one score.
func (t *tx) putScore(score Score, projects map[string]string, now Time) (err error) {
	if score.ProjectID == "" {
		if score.ProjectID, err = t.projectOnce(projects, score.ProjectName, now); err != nil {
			return err
		}
	}
	if score.Kind == Thread {
		if err := t.addThread(score.ProjectID, score.EntityID, now); err != nil {
			return err
		}
	}
	t.touchEntity(score.Kind, score.EntityID)
	return t.exec(putScore, score.Kind, score.EntityID, score.ProjectID, score.Name, cmp.Or(score.Author, author),
		score.Value, score.Category, score.Reason, score.Source, now, now)
}

// touchEntity notes the trace that shows a score or a comment. A thread is shown by its name.
func (t *tx) touchEntity(kind Kind, id string) {
	trace := id
	if kind == Span && t.one("SELECT trace_id FROM spans WHERE id = ? LIMIT 1", []any{id}, &trace) != nil {
		return
	}
	t.touch(trace)
}

// DeleteScores removes the scores of an entity that have one of the names. of says which entity, and, where it is given,
// in which project and by which author.
func (s *Store) DeleteScores(ctx context.Context, of Score, names []string) error {
	return s.writer.do(ctx, func(t *tx) error {
		t.touchEntity(of.Kind, of.EntityID)
		return t.exec(`DELETE FROM scores WHERE kind = ?1 AND entity_id = ?2 AND name IN (SELECT value FROM json_each(?3))
			AND (?4 = '' OR project_id = ?4) AND (?5 = '' OR author = ?5)`, of.Kind, of.EntityID, jsonText(names, 1), of.ProjectID, of.Author)
	})
}

// ScoreNames returns the names of the scores of a kind, in one project or, without one, in all.
func (s *Store) ScoreNames(ctx context.Context, kind Kind, projectID string) ([]string, error) {
	return collect(ctx, s, scanText, "SELECT DISTINCT name FROM scores WHERE kind = ?1 AND (?2 = '' OR project_id = ?2) ORDER BY name", kind, projectID)
}

// place is where an entity is.
type place struct{ id, projectID string }

// scores reads the scores of entities. A score that was sent to another project than its entity is not seen, as in Opik.
func (s *Store) scores(ctx context.Context, kind Kind, ids []string) (map[place][]FeedbackScore, error) {
	found := map[place][]FeedbackScore{}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var at place
		var by string
		var score FeedbackScore
		err := rows.Scan(&at.id, &at.projectID, &score.Name, &by, &score.Value, &score.Category, &score.Reason, &score.Source,
			&score.Created, &score.Updated)
		found[at] = addGiven(found[at], score, by)
		return err
	}, `SELECT entity_id, project_id, name, author, value, category, reason, source, created, updated FROM scores
		WHERE kind = ? AND entity_id IN (SELECT value FROM json_each(?)) ORDER BY name, author`, kind, jsonText(ids, 1))
	return found, err
}

// addGiven adds one author's score to the list, which is sorted by name.
func addGiven(list []FeedbackScore, score FeedbackScore, by string) []FeedbackScore {
	given := GivenScore{score.Value, score.Reason, score.Category, score.Source, score.Updated}
	last := len(list) - 1
	if last < 0 || list[last].Name != score.Name {
		score.ByAuthor = map[string]GivenScore{by: given}
		score.CreatedBy, score.UpdatedBy = by, by
		return append(list, score)
	}
	mean := &list[last]
	mean.ByAuthor[by] = given
	mean.Value = 0
	for _, one := range mean.ByAuthor {
		mean.Value += one.Value / float64(len(mean.ByAuthor))
	}
	mean.Updated = max(mean.Updated, score.Updated)
	return slices.Clip(list)
}
