package store

import (
	"context"
	"errors"
)

// DeleteTraces removes traces with their spans and all that is about them. Without a project they go from all.
func (s *Store) DeleteTraces(ctx context.Context, ids []string, projectID string) error {
	return s.writer.do(ctx, func(t *tx) error { return t.deleteTraces(ids, projectID) })
}

// ofTraces are the rows of the traces in ?1 and, where it is not empty, of the project ?2.
const (
	ofTraces   = "IN (SELECT value FROM json_each(?1)) AND (?2 = '' OR project_id = ?2)"
	spansOf    = "IN (SELECT id FROM spans WHERE trace_id " + ofTraces + ")"
	fileChunks = "DELETE FROM chunks WHERE attachment IN (SELECT key FROM attachments WHERE entity_id "
)

// deleteTraces removes from the leaves to the root.
func (t *tx) deleteTraces(ids []string, projectID string) error {
	list := jsonText(ids, 1)
	var errs []error
	for _, query := range []string{
		fileChunks + ofTraces + ")",
		fileChunks + spansOf + ")",
		"DELETE FROM attachments WHERE entity_id " + ofTraces,
		"DELETE FROM attachments WHERE entity_id " + spansOf,
		"DELETE FROM scores WHERE kind = 'trace' AND entity_id " + ofTraces,
		"DELETE FROM scores WHERE kind = 'span' AND entity_id " + spansOf,
		"DELETE FROM comments WHERE kind = 'span' AND entity_id " + spansOf,
		"DELETE FROM comments WHERE kind = 'trace' AND entity_id IN (SELECT value FROM json_each(?1)) AND ?2 = ?2",
		"DELETE FROM spans WHERE trace_id " + ofTraces,
		"DELETE FROM traces WHERE id " + ofTraces,
	} {
		errs = append(errs, t.exec(query, list, projectID))
	}
	for _, id := range ids {
		t.touch(id)
	}
	return errors.Join(errs...)
}
