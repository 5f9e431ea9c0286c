package store

import (
	"context"
	"database/sql"
)

// Comment is a remark about a trace, a span or a thread, with the names of Opik's API.
type Comment struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	Created   Time   `json:"created_at"`
	Updated   Time   `json:"last_updated_at"`
	CreatedBy string `json:"created_by"`
	UpdatedBy string `json:"last_updated_by"`
}

// AddComment stores a comment. The entity of a thread is its model id.
func (s *Store) AddComment(ctx context.Context, kind Kind, entity, text string) (Comment, error) {
	now := TimeOf(s.now())
	comment := Comment{ID: newID(), Text: text, Created: now, Updated: now, CreatedBy: author, UpdatedBy: author}
	return comment, s.writer.do(ctx, func(t *tx) error {
		t.touchEntity(kind, entity)
		return t.exec("INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?)", comment.ID, kind, entity, text, now, now)
	})
}

// Comment returns a comment of an entity.
func (s *Store) Comment(ctx context.Context, kind Kind, entity, id string) (Comment, error) {
	comment := Comment{ID: id, CreatedBy: author, UpdatedBy: author}
	err := s.one(ctx, "SELECT text, created, updated FROM comments WHERE id = ? AND kind = ? AND entity_id = ?",
		[]any{id, kind, entity}, &comment.Text, &comment.Created, &comment.Updated)
	return comment, err
}

// UpdateComment changes the text of a comment.
func (s *Store) UpdateComment(ctx context.Context, kind Kind, id, text string) error {
	return s.writer.do(ctx, func(t *tx) error {
		var entity string
		if err := t.one("SELECT entity_id FROM comments WHERE id = ? AND kind = ?", []any{id, kind}, &entity); err != nil {
			return err
		}
		t.touchEntity(kind, entity)
		return t.exec("UPDATE comments SET text = ?, updated = ? WHERE id = ?", text, TimeOf(s.now()), id)
	})
}

// DeleteComments removes comments. One that is not there is skipped.
func (s *Store) DeleteComments(ctx context.Context, kind Kind, ids []string) error {
	return s.writer.do(ctx, func(t *tx) error {
		return t.exec("DELETE FROM comments WHERE kind = ? AND id IN (SELECT value FROM json_each(?))", kind, jsonText(ids, 1))
	})
}

// comments reads the comments of entities, oldest first.
func (s *Store) comments(ctx context.Context, kind Kind, ids []string) (map[string][]Comment, error) {
	found := map[string][]Comment{}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var entity string
		comment := Comment{CreatedBy: author, UpdatedBy: author}
		err := rows.Scan(&entity, &comment.ID, &comment.Text, &comment.Created, &comment.Updated)
		found[entity] = append(found[entity], comment)
		return err
	}, `SELECT entity_id, id, text, created, updated FROM comments
		WHERE kind = ? AND entity_id IN (SELECT value FROM json_each(?)) ORDER BY id`, kind, jsonText(ids, 1))
	return found, err
}
