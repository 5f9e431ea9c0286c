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
func (h rows) create(w http.ResponseWriter, r *http.Request, sent *rowJSON) error {
	row, err := sent.row(h.kind, "")
	if err != nil {
		return err
	}
	err = h.store.Create(r.Context(), h.kind, row)
	return created(w, "/v1/private/"+string(h.kind)+"s", row.ID, err)
}

// batchJSON is a batch of traces or of spans.
type batchJSON struct {
	Traces []rowJSON `json:"traces"`
	Spans  []rowJSON `json:"spans"`
}

// createBatch stores all rows, or none.
func (h rows) createBatch(w http.ResponseWriter, r *http.Request, sent *batchJSON) error {
	list, name := sent.Traces, string(h.kind)+"s"
	if h.kind == store.Span {
		list = sent.Spans
	}
	if len(list) < 1 || len(list) > maxBatch {
		return invalid(name + " size must be between 1 and 1000")
	}
	checked, err := h.check(list, name)
	if err != nil {
		return err
	}
	return done(w, h.store.Put(r.Context(), h.kind, checked))
}

// check checks the rows of a batch.
func (h rows) check(list []rowJSON, name string) ([]store.Row, error) {
	checked := make([]store.Row, len(list))
	for i := range list {
		row, err := list[i].row(h.kind, fmt.Sprintf("%s[%d].", name, i))
		if err != nil {
			return nil, err
		}
		checked[i] = row
	}
	return checked, nil
}

// update changes one row, or makes a partial one.
func (h rows) update(w http.ResponseWriter, r *http.Request, sent *rowJSON) error {
	id, err := checkID("id", r.PathValue("id"))
	if err != nil {
		return err
	}
	patch, err := h.patch(sent)
	if err != nil {
		return err
	}
	return done(w, h.store.Update(r.Context(), h.kind, id, patch))
}

// patch checks the update of one row, which says where the row is.
func (h rows) patch(sent *rowJSON) (store.Patch, error) {
	if h.kind == store.Span && sent.TraceID == nil {
		return store.Patch{}, invalid("traceId must not be null")
	}
	patch, err := sent.patch(h.kind)
	if err != nil {
		return patch, err
	}
	patch.TraceID, patch.ParentID, err = sent.place(h.kind)
	return patch, err
}

// updatesJSON is an update of several rows.
type updatesJSON struct {
	IDs       []string `json:"ids"`
	Update    *rowJSON `json:"update"`
	MergeTags bool     `json:"merge_tags"`
}

// updateBatch changes the rows that are there.
func (h rows) updateBatch(w http.ResponseWriter, r *http.Request, sent *updatesJSON) error {
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
	return done(w, h.store.UpdateAll(r.Context(), h.kind, ids, patch, sent.MergeTags))
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
	return done(w, h.store.DeleteTraces(r.Context(), []string{id}, ""))
}

// tracesJSON is which traces a request is about.
type tracesJSON struct {
	IDs       []string `json:"ids"`
	ProjectID string   `json:"project_id"`
}

// deleteTraces removes traces.
func (s *server) deleteTraces(w http.ResponseWriter, r *http.Request, sent *tracesJSON) error {
	ids, err := checkIDs(sent.IDs)
	if err != nil {
		return err
	}
	return done(w, s.store.DeleteTraces(r.Context(), ids, sent.ProjectID))
}
