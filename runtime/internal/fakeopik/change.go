package fakeopik

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"
)

// spanPath is where one span is updated.
const spanPath = "/v1/private/spans/"

// fields are the members of a row.
type fields map[string]json.RawMessage

// epoch marks a partial row.
const epoch = `"1970-01-01T00:00:00Z"`

// takeUpdate changes a span.
func (s *Server) takeUpdate(r *http.Request, request *Request) error {
	id, ok := strings.CutPrefix(r.URL.Path, spanPath)
	if !ok {
		return &refusal{http.StatusNotFound, "HTTP 404 Not Found"}
	}
	if err := checkID(id); err != nil {
		return err
	}
	var update fields
	if err := s.readJSON(r, request, &update); err != nil {
		return err
	}
	request.Rows = 1
	if update["trace_id"] == nil {
		return &refusal{http.StatusUnprocessableEntity, "traceId must not be null"}
	}
	return s.change(id, update)
}

// look answers whether a span is there, without its row: nobody here reads it.
func (s *Server) look(r *http.Request) error {
	id, ok := strings.CutPrefix(r.URL.Path, spanPath)
	if _, stored := s.Spans()[id]; !ok || !stored {
		return &refusal{http.StatusNotFound, "Span not found"}
	}
	return nil
}

// change merges an update with the row that is there, or makes a partial one.
func (s *Server) change(id string, update fields) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepare()
	row := s.rows["spans"][id]
	kept := fields{"start_time": json.RawMessage(epoch), "type": json.RawMessage(`"unknown"`)}
	if row.Versions > 0 {
		kept = fields{}
		if err := json.Unmarshal(row.JSON, &kept); err != nil {
			return err
		}
		if err := sameOwner(kept, update); err != nil {
			return err
		}
	}
	kept.merge(update)
	kept["id"], _ = json.Marshal(id) // a string can always be encoded
	text, err := json.Marshal(kept)
	s.rows["spans"][id] = Row{JSON: text, Updated: time.Now(), Versions: row.Versions + 1}
	return err
}

// merge takes over what an update says. Tags to add are added.
func (f fields) merge(update fields) {
	var tags, more []string
	_ = json.Unmarshal(f["tags"], &tags) // there may be none
	_ = json.Unmarshal(update["tags_to_add"], &more)
	maps.Copy(f, update)
	delete(f, "tags_to_add")
	if len(more) > 0 {
		f["tags"], _ = json.Marshal(append(tags, more...)) // texts can always be encoded
	}
}

// sameOwner checks that an update repeats what it may not change.
func sameOwner(kept, update fields) error {
	for name, message := range map[string]string{
		"trace_id":       "trace_id does not match the existing span",
		"parent_span_id": "parent_span_id does not match the existing span",
		"project_name":   "Project name and workspace name do not match the existing span",
	} {
		if kept.text(name) != update.text(name) {
			return &refusal{http.StatusConflict, message}
		}
	}
	return nil
}

// text returns a member that is a string. A row without a project is in the default project.
func (f fields) text(name string) string {
	var text string
	_ = json.Unmarshal(f[name], &text) // what is not there is ""
	if name == "project_name" {
		return cmp.Or(text, "Default Project")
	}
	return text
}
