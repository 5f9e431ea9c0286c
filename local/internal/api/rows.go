package api

import (
	"fmt"
	"net/http"

	"github.com/opikgen/opikgen/local/internal/store"
)

const maxBatch = 1000

// rows answers the endpoints that traces and spans share.
type rows struct {
	*server
	kind store.Kind
}

// create stores one row.
func (h rows) create(w http.ResponseWriter, r *http.Request) error {
	var sent rowJSON
	if err := readJSON(w, r, &sent); err != nil {
		return err
	}
	row, err := sent.row(h.kind, "")
	if err != nil {
		return err
	}
	if err := h.store.Create(r.Context(), h.kind, row); err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/private/"+string(h.kind)+"s/"+row.ID)
	w.WriteHeader(http.StatusCreated)
	return nil
}

// createBatch stores all rows, or none.
func (h rows) createBatch(w http.ResponseWriter, r *http.Request) error {
	name := string(h.kind) + "s"
	var sent struct {
		Traces []rowJSON `json:"traces"`
		Spans  []rowJSON `json:"spans"`
	}
	if err := readJSON(w, r, &sent); err != nil {
		return err
	}
	list := sent.Traces
	if h.kind == store.Span {
		list = sent.Spans
	}
	if len(list) < 1 || len(list) > maxBatch {
		return invalid(name + " size must be between 1 and 1000")
	}
	checked := make([]store.Row, len(list))
	for i := range list {
		row, err := list[i].row(h.kind, fmt.Sprintf("%s[%d].", name, i))
		if err != nil {
			return err
		}
		checked[i] = row
	}
	if err := h.store.Put(r.Context(), h.kind, checked); err != nil {
		return err
	}
	return h.noContent(w, r)
}

// update changes one row, or makes a partial one.
func (h rows) update(w http.ResponseWriter, r *http.Request) error {
	id, err := checkID("id", r.PathValue("id"))
	if err != nil {
		return err
	}
	var sent rowJSON
	if err := readJSON(w, r, &sent); err != nil {
		return err
	}
	if h.kind == store.Span && sent.TraceID == nil {
		return invalid("traceId must not be null")
	}
	patch, err := sent.patch(h.kind)
	if err != nil {
		return err
	}
	if patch.TraceID, patch.ParentID, err = sent.place(h.kind); err != nil {
		return err
	}
	if err := h.store.Update(r.Context(), h.kind, id, patch); err != nil {
		return err
	}
	return h.noContent(w, r)
}

// updateBatch changes the rows that are there.
func (h rows) updateBatch(w http.ResponseWriter, r *http.Request) error {
	var sent struct {
		IDs       []string `json:"ids"`
		Update    *rowJSON `json:"update"`
		MergeTags bool     `json:"merge_tags"`
	}
	if err := readJSON(w, r, &sent); err != nil {
		return err
	}
	if sent.Update == nil {
		return invalid("update must not be null")
	}
	ids, err := checkIDs(sent.IDs)
	if err != nil {
		return err
	}
	patch, err := sent.Update.patch(h.kind)
	if err != nil {
		return err
	}
	if err := h.store.UpdateAll(r.Context(), h.kind, ids, patch, sent.MergeTags); err != nil {
		return err
	}
	return h.noContent(w, r)
}

// checkIDs checks a list of ids.
func checkIDs(sent []string) ([]string, error) {
	if len(sent) < 1 || len(sent) > maxBatch {
		return nil, invalid("ids size must be between 1 and 1000")
	}
	ids := make([]string, len(sent))
	for i, text := range sent {
		id, err := checkID("ids", text)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return ids, nil
}

// delete removes a trace. A span cannot be removed, here as in Opik.
func (h rows) delete(w http.ResponseWriter, r *http.Request) error {
	if h.kind == store.Span {
		return &refusal{status: http.StatusNotImplemented, message: "HTTP 501 Not Implemented", details: "spans go with their trace"}
	}
	id, err := checkID("id", r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := h.store.DeleteTraces(r.Context(), []string{id}, ""); err != nil {
		return err
	}
	return h.noContent(w, r)
}

// deleteTraces removes traces.
func (s *server) deleteTraces(w http.ResponseWriter, r *http.Request) error {
	var sent struct {
		IDs       []string `json:"ids"`
		ProjectID string   `json:"project_id"`
	}
	if err := readJSON(w, r, &sent); err != nil {
		return err
	}
	ids, err := checkIDs(sent.IDs)
	if err != nil {
		return err
	}
	if err := s.store.DeleteTraces(r.Context(), ids, sent.ProjectID); err != nil {
		return err
	}
	return s.noContent(w, r)
}
