package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/opikgen/opikgen/local/internal/store"
)

const (
	defaultLimit = 500
	maxLimit     = 2000
	streamStep   = 100 // rows that are read at once
)

// searchJSON is the body of a search.
type searchJSON struct {
	ProjectName string         `json:"project_name"`
	ProjectID   string         `json:"project_id"`
	TraceID     string         `json:"trace_id"`
	Type        string         `json:"type"`
	Filters     []store.Filter `json:"filters"`
	Limit       *int           `json:"limit"`
	LastID      string         `json:"last_retrieved_id"`
	LastThread  string         `json:"last_retrieved_thread_model_id"`
	Truncate    bool           `json:"truncate"`
	Strip       bool           `json:"strip_attachments"`
	Exclude     []string       `json:"exclude"`
	From        string         `json:"from_time"`
	To          string         `json:"to_time"`
}

// readSearch reads and checks the body of a search.
func (s *server) readSearch(w http.ResponseWriter, r *http.Request) (sent searchJSON, q store.Query, err error) {
	if err = readJSON(w, r, &sent); err != nil {
		return sent, q, err
	}
	q = store.Query{TraceID: sent.TraceID, Type: sent.Type, Filters: sent.Filters, Before: sent.LastID + sent.LastThread, Limit: defaultLimit}
	if sent.Limit != nil {
		q.Limit = *sent.Limit
	}
	if q.Limit < 1 || q.Limit > maxLimit {
		return sent, q, invalid("limit must be between 1 and 2000")
	}
	if q.From, q.To, err = between(sent.From, sent.To); err != nil {
		return sent, q, err
	}
	q.ProjectID, err = s.projectOf(r, sent.ProjectID, sent.ProjectName)
	return sent, q, err
}

// search streams rows, the newest first.
func (h rows) search(w http.ResponseWriter, r *http.Request) error {
	sent, query, err := h.readSearch(w, r)
	if errors.Is(err, errNoProject) {
		return stream(w, []store.Entry{})
	}
	if err != nil {
		return err
	}
	for left := query.Limit; left > 0; {
		query.Limit = min(left, streamStep)
		entries, err := h.store.List(r.Context(), h.kind, query)
		if err != nil {
			return err
		}
		if err := h.shape(r, entries, shape{sent.Truncate, sent.Strip, sent.Exclude}); err != nil {
			return err
		}
		if err := stream(w, entries); err != nil || len(entries) < query.Limit {
			return nil //nolint:nilerr // the client is gone
		}
		left -= len(entries)
		query.Before = entries[len(entries)-1].ID
	}
	return nil
}

// stream writes objects as Opik's streams have them, a line each.
func stream[T any](w http.ResponseWriter, objects []T) error {
	w.Header().Set("Content-Type", "application/octet-stream")
	for _, object := range objects {
		text, err := json.Marshal(object)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(text, '\r', '\n')); err != nil {
			return err
		}
	}
	return http.NewResponseController(w).Flush()
}
