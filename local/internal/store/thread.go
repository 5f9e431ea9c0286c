package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// ThreadRow is a conversation: the traces of one project that carry the same thread id, with the names of Opik's API.
type ThreadRow struct {
	ID        string           `json:"id"` // as the client named it
	ProjectID string           `json:"project_id"`
	ModelID   string           `json:"thread_model_id"`
	Start     Time             `json:"start_time"`
	End       Time             `json:"end_time,omitzero"`
	Duration  float64          `json:"duration"`
	First     json.RawMessage  `json:"first_message,omitempty"`
	Last      json.RawMessage  `json:"last_message,omitempty"`
	Scores    []FeedbackScore  `json:"feedback_scores,omitempty"`
	Status    string           `json:"status"`
	Messages  int64            `json:"number_of_messages"`
	Cost      float64          `json:"total_estimated_cost"`
	Usage     map[string]int64 `json:"usage,omitempty"`
	Comments  []Comment        `json:"comments,omitempty"`
	Tags      []string         `json:"tags,omitempty"`
	Created   Time             `json:"created_at"`
	CreatedBy string           `json:"created_by"`
	Updated   Time             `json:"last_updated_at"`
	UpdatedBy string           `json:"last_updated_by"`
}

// addThread makes the row of a thread on its first trace.
func (t *tx) addThread(projectID, thread string, now Time) error {
	return t.exec(`INSERT INTO threads (id, project_id, thread_id, created, updated) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (project_id, thread_id) DO UPDATE SET updated = max(updated, excluded.updated)`, newID(), projectID, thread, now, now)
}

// threadOnce returns the model id of a thread, which it makes where it is not there.
func (t *tx) threadOnce(projects map[string]string, project, thread string, now Time) (id string, err error) {
	projectID, err := t.projectOnce(projects, project, now)
	if err != nil {
		return "", err
	}
	err = errors.Join(t.addThread(projectID, thread, now),
		t.one("SELECT id FROM threads WHERE project_id = ? AND thread_id = ?", []any{projectID, thread}, &id))
	return id, err
}

// CloseThreads closes or opens threads of a project.
func (s *Store) CloseThreads(ctx context.Context, projectID string, threads []string, closed bool) error {
	return s.writer.do(ctx, func(t *tx) error {
		now := TimeOf(s.now())
		return forEach(threads, func(thread string) error {
			t.touch(thread)
			return errors.Join(t.addThread(projectID, thread, now),
				t.exec("UPDATE threads SET closed = ?, updated = ? WHERE project_id = ? AND thread_id = ?", closed, now, projectID, thread))
		})
	})
}

// TagThreads changes the tags of threads, which are named by their model ids.
func (s *Store) TagThreads(ctx context.Context, modelIDs []string, patch Patch) error {
	return s.writer.do(ctx, func(t *tx) error {
		return forEach(modelIDs, func(id string) error { return t.tagThread(id, patch, TimeOf(s.now())) })
	})
}

// tagThread changes the tags of one thread.
func (t *tx) tagThread(id string, patch Patch, now Time) error {
	var tags sql.NullString
	if err := t.one("SELECT tags FROM threads WHERE id = ?", []any{id}, &tags); err != nil {
		return err
	}
	var row Row
	if err := readTags(tags, &row.Tags); err != nil {
		return err
	}
	if err := row.mergeTags(patch); err != nil {
		return err
	}
	return t.exec("UPDATE threads SET tags = ?, updated = ? WHERE id = ?", jsonText(row.Tags, len(row.Tags)), now, id)
}

// DeleteThreads removes threads with their traces.
func (s *Store) DeleteThreads(ctx context.Context, projectID string, threads []string) error {
	ids, err := collect(ctx, s, scanText, "SELECT id FROM traces WHERE project_id = ? AND thread_id <> '' AND thread_id IN (SELECT value FROM json_each(?))", projectID, jsonText(threads, 1))
	if err != nil {
		return err
	}
	const named = "FROM threads WHERE project_id = ? AND thread_id IN (SELECT value FROM json_each(?))"
	return s.writer.do(ctx, func(t *tx) error {
		return errors.Join(t.deleteTraces(ids, projectID),
			t.exec("DELETE FROM comments WHERE entity_id IN (SELECT id "+named+")", projectID, jsonText(threads, 1)),
			t.exec("DELETE "+named, projectID, jsonText(threads, 1)))
	})
}

// threadRows are the threads that have traces, as a table that filters and sorting read. ?1 is the project.
const threadRows = `(SELECT m.id AS model_id, m.thread_id AS id, m.project_id, m.closed, m.tags, m.created, max(m.updated, g.touched) AS updated,
	g.start, g.end, (g.end - g.start) / 1e6 AS duration, g.traces, g.cost, g.tokens,
	(SELECT input FROM traces WHERE key = g.first) AS input, (SELECT output FROM traces WHERE key = g.last) AS output
	FROM threads m JOIN (
		SELECT thread_id, min(start) AS start, max(coalesce(end, start)) AS end, max(traces.updated) AS touched, count(*) AS traces,
		sum(coalesce(sums.cost, 0)) AS cost, sum(coalesce(sums.tokens, 0)) AS tokens,
		(SELECT key FROM traces f WHERE f.project_id = ?1 AND f.thread_id = traces.thread_id ORDER BY start LIMIT 1) AS first,
		(SELECT key FROM traces f WHERE f.project_id = ?1 AND f.thread_id = traces.thread_id ORDER BY start DESC LIMIT 1) AS last
		FROM traces LEFT JOIN sums ON sums.trace_id = traces.id AND sums.project_id = traces.project_id
		WHERE traces.project_id = ?1 AND thread_id <> '' GROUP BY thread_id
	) g ON g.thread_id = m.thread_id WHERE m.project_id = ?1) AS r`

const threadColumns = "model_id, id, project_id, closed, tags, created, updated, start, end, duration, traces, cost, input, output"

// Threads returns the threads of a query, with their scores and comments.
func (s *Store) Threads(ctx context.Context, q Query) ([]ThreadRow, error) {
	where, err := q.where(Thread)
	if err != nil {
		return nil, err
	}
	threads, err := collect(ctx, s, scanThread, "SELECT "+threadColumns+" FROM "+threadRows+where.text+where.order+where.limit, where.args...)
	if err != nil {
		return nil, fmt.Errorf("reading threads: %w", err)
	}
	return threads, s.decorateThreads(ctx, threads)
}

// scanThread reads one thread.
func scanThread(rows *sql.Rows) (ThreadRow, error) {
	thread := ThreadRow{Status: "active", CreatedBy: author, UpdatedBy: author}
	var closed bool
	var tags, input, output sql.NullString
	err := rows.Scan(&thread.ModelID, &thread.ID, &thread.ProjectID, &closed, &tags, &thread.Created, &thread.Updated,
		&thread.Start, &thread.End, &thread.Duration, &thread.Messages, &thread.Cost, &input, &output)
	if err != nil {
		return thread, err
	}
	if closed {
		thread.Status = "inactive"
	}
	thread.Messages *= 2 // a trace is a question and its answer
	thread.First, thread.Last = raw(input), raw(output)
	return thread, readTags(tags, &thread.Tags)
}

// decorateThreads adds scores, comments and usage.
func (s *Store) decorateThreads(ctx context.Context, threads []ThreadRow) error {
	names, models := make([]string, len(threads)), make([]string, len(threads))
	for i, thread := range threads {
		names[i], models[i] = thread.ID, thread.ModelID
	}
	scores, err := s.scores(ctx, Thread, names)
	if err != nil {
		return err
	}
	comments, err := s.comments(ctx, Thread, models)
	if err != nil {
		return err
	}
	for i := range threads {
		thread := &threads[i]
		thread.Scores = scores[place{thread.ID, thread.ProjectID}]
		thread.Comments = comments[thread.ModelID]
		if thread.Usage, err = s.usage(ctx, usageOfThread, thread.ProjectID, thread.ID); err != nil {
			return err
		}
	}
	return nil
}

// Thread returns one thread by its name.
func (s *Store) Thread(ctx context.Context, projectID, id string) (ThreadRow, error) {
	threads, err := s.Threads(ctx, Query{ProjectID: projectID, Filters: []Filter{{Field: "id", Operator: "=", Value: id}}, Limit: 1})
	return first(threads, err)
}

const (
	usageOfThread = `SELECT u.key, sum(u.value) FROM spans, json_each(spans.usage) u WHERE spans.live = 1 AND spans.usage IS NOT NULL
		AND spans.trace_id IN (SELECT id FROM traces WHERE project_id = ?1 AND thread_id = ?2) AND spans.project_id = ?1 GROUP BY u.key`
	usageOfTrace = `SELECT u.key, sum(u.value) FROM spans, json_each(spans.usage) u WHERE spans.live = 1 AND spans.usage IS NOT NULL
		AND spans.project_id = ? AND spans.trace_id = ? GROUP BY u.key`
)

// usage adds up token counts by name.
func (s *Store) usage(ctx context.Context, query string, args ...any) (map[string]int64, error) {
	var total map[string]int64
	err := s.each(ctx, func(rows *sql.Rows) error {
		var name string
		var count int64
		if err := rows.Scan(&name, &count); err != nil {
			return err
		}
		if total == nil {
			total = map[string]int64{}
		}
		total[name] = count
		return nil
	}, query, args...)
	return total, err
}
