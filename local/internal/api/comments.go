package api

import (
	"net/http"

	"github.com/opikgen/opikgen/local/internal/store"
)

// comment adds a comment to a row.
func (h rows) comment(w http.ResponseWriter, r *http.Request) error {
	entry, err := h.entry(r)
	if err != nil {
		return err
	}
	return h.addComment(w, r, h.kind, entry.ID)
}

// readText reads the text of a comment.
func readText(w http.ResponseWriter, r *http.Request) (string, error) {
	var sent struct {
		Text string `json:"text"`
	}
	if err := readJSON(w, r, &sent); err != nil {
		return "", err
	}
	if isBlank(sent.Text) {
		return "", invalid("text must not be blank")
	}
	return sent.Text, nil
}

// addComment stores a comment about an entity.
func (s *server) addComment(w http.ResponseWriter, r *http.Request, kind store.Kind, entity string) error {
	text, err := readText(w, r)
	if err != nil {
		return err
	}
	comment, err := s.store.AddComment(r.Context(), kind, entity, text)
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
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, comment)
	return nil
}

// changeComment changes the text of a comment.
func (h rows) changeComment(w http.ResponseWriter, r *http.Request) error {
	text, err := readText(w, r)
	if err != nil {
		return err
	}
	if err := h.store.UpdateComment(r.Context(), h.kind, r.PathValue("comment"), text); err != nil {
		return err
	}
	return h.noContent(w, r)
}

// deleteComments removes comments.
func (h rows) deleteComments(w http.ResponseWriter, r *http.Request) error {
	var sent struct {
		IDs []string `json:"ids"`
	}
	if err := readJSON(w, r, &sent); err != nil {
		return err
	}
	if len(sent.IDs) < 1 || len(sent.IDs) > maxBatch {
		return invalid("ids size must be between 1 and 1000")
	}
	if err := h.store.DeleteComments(r.Context(), h.kind, sent.IDs); err != nil {
		return err
	}
	return h.noContent(w, r)
}
