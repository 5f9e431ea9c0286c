package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/local/internal/store"
)

// comment adds a comment to a row.
func (h rows) comment(w http.ResponseWriter, r *http.Request, sent *commentJSON) error {
	entry, err := h.entry(r)
	if err != nil {
		return err
	}
	return h.addComment(w, r, store.Remark{Kind: h.kind, EntityID: entry.ID}, sent)
}

// commentJSON is a comment as clients send it.
type commentJSON struct {
	Text string `json:"text"`
}

// check refuses a comment that says nothing.
func (j *commentJSON) check() error {
	if isBlank(j.Text) {
		return invalid("text must not be blank")
	}
	return nil
}

// addComment stores a comment about an entity.
func (s *server) addComment(w http.ResponseWriter, r *http.Request, about store.Remark, sent *commentJSON) error {
	if err := sent.check(); err != nil {
		return err
	}
	comment, err := s.store.AddComment(r.Context(), about.Kind, about.EntityID, sent.Text)
	if err != nil {
		return err
	}
	w.Header().Set("Location", r.URL.Path+"/"+comment.ID)
	writeJSON(w, http.StatusCreated, comment)
	return nil
}

// getComment returns a comment of a row.
func (h rows) getComment(w http.ResponseWriter, r *http.Request) error {
	comment, err := h.store.Comment(r.Context(), h.kind, r.PathValue("id"), r.PathValue("comment"))
	return answer(w, comment, named("Comment", err))
}

// changeComment changes the text of a comment.
func (h rows) changeComment(w http.ResponseWriter, r *http.Request, sent *commentJSON) error {
	if err := sent.check(); err != nil {
		return err
	}
	return done(w, named("Comment", h.store.UpdateComment(r.Context(), h.kind, r.PathValue("comment"), sent.Text)))
}

// deleteComments removes comments.
func (h rows) deleteComments(w http.ResponseWriter, r *http.Request, sent *idsJSON) error {
	return deleteIDs(w, r, sent, func(ctx context.Context, ids []string) error { return h.store.DeleteComments(ctx, h.kind, ids) })
}

// idsJSON are the ids of a deletion.
type idsJSON struct {
	IDs []string `json:"ids"`
}

// deleteIDs removes what a request lists.
func deleteIDs(w http.ResponseWriter, r *http.Request, sent *idsJSON, remove func(context.Context, []string) error) error {
	strange := slices.ContainsFunc(sent.IDs, func(id string) bool { return uuid.Validate(id) != nil })
	if len(sent.IDs) < 1 || len(sent.IDs) > maxBatch || strange {
		return invalid("ids size must be between 1 and 1000")
	}
	return done(w, remove(r.Context(), sent.IDs))
}
