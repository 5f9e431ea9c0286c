package fakeopik

import (
	"encoding/json"
	"maps"
	"net/http"
)

// Scored is what a score is about, and under which name. The server keeps one score for it.
type Scored struct {
	Of      string // "traces", "spans" or "threads"
	ID      string // of the trace, the span or the thread
	Project string // in which alone it is seen
	Name    string
}

// scorePaths says what the scores of an endpoint are about.
var scorePaths = map[string]string{
	"/v1/private/traces/feedback-scores":         "traces",
	"/v1/private/spans/feedback-scores":          "spans",
	"/v1/private/traces/threads/feedback-scores": "threads",
}

// takeScores checks all scores before it keeps the first. It does not look whether there is what they are about.
func (s *Server) takeScores(r *http.Request, request *Request) error {
	of, ok := scorePaths[r.URL.Path]
	if !ok {
		return &refusal{http.StatusNotFound, "HTTP 404 Not Found"}
	}
	list, err := s.readList(r, request, "scores")
	if err != nil {
		return err
	}
	checked := map[Scored]json.RawMessage{}
	for _, row := range list {
		key, err := checkScore(of, row)
		if err != nil {
			return err
		}
		if checked[key] != nil {
			return &refusal{http.StatusUnprocessableEntity, "two scores of one name: nobody knows which is kept"}
		}
		checked[key] = row
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepare()
	maps.Copy(s.scores, checked)
	return nil
}

// checkScore is Opik's validation of one score.
func checkScore(of string, row json.RawMessage) (Scored, error) {
	var score struct {
		ID      string   `json:"id"`
		Thread  string   `json:"thread_id"`
		Project string   `json:"project_name"`
		Name    string   `json:"name"`
		Source  string   `json:"source"`
		Value   *float64 `json:"value"`
	}
	if err := json.Unmarshal(row, &score); err != nil {
		return Scored{}, &refusal{http.StatusBadRequest, "Unable to process JSON: " + err.Error()}
	}
	if score.Name == "" || score.Value == nil || *score.Value < -999999999.999999999 || *score.Value > 999999999.999999999 || score.Source != "sdk" {
		return Scored{}, &refusal{http.StatusUnprocessableEntity, "name, value or source is not valid"}
	}
	if of == "threads" {
		if score.Thread == "" {
			return Scored{}, &refusal{http.StatusUnprocessableEntity, "threadId must not be blank"}
		}
		return Scored{of, score.Thread, score.Project, score.Name}, nil
	}
	return Scored{of, score.ID, score.Project, score.Name}, checkID(score.ID)
}

// Scores returns the scores that are stored.
func (s *Server) Scores() map[Scored]json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.scores)
}
