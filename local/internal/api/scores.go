package api

import (
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/opikgen/opikgen/local/internal/store"
)

// maxScore bounds the value of a score.
const maxScore = 999999999.999999999

// scoreJSON is a feedback score as clients send it.
type scoreJSON struct {
	ID          string   `json:"id"`
	ThreadID    string   `json:"thread_id"`
	ProjectName *string  `json:"project_name"`
	ProjectID   string   `json:"project_id"`
	Name        string   `json:"name"`
	Value       *float64 `json:"value"`
	Source      string   `json:"source"`
	Category    string   `json:"category_name"`
	Reason      string   `json:"reason"`
	Author      string   `json:"author"`
}

// score checks a score. What it is about is checked by who knows.
func (j *scoreJSON) score(kind store.Kind, path string) (store.Score, error) {
	r := rules{path: path}
	r.require(!isBlank(j.Name), "name must not be blank")
	r.require(j.Value != nil, "value must not be null")
	r.require(j.Value == nil || math.Abs(*j.Value) <= maxScore, "value must be between -999999999.999999999 and 999999999.999999999")
	r.require(slices.Contains([]string{"ui", "sdk", "online_scoring"}, j.Source), "source must be one of ui, sdk, online_scoring")
	r.require(notBlank(j.ProjectName), "project_name must not be blank")
	if err := r.err(); err != nil {
		return store.Score{}, err
	}
	return store.Score{
		Kind: kind, ProjectName: text(j.ProjectName), ProjectID: j.ProjectID, Name: j.Name, Author: j.Author,
		Value: *j.Value, Category: j.Category, Reason: j.Reason, Source: j.Source,
	}, nil
}

// score gives one score to a row, which must be there.
func (h rows) score(w http.ResponseWriter, r *http.Request, sent *scoreJSON) error {
	entry, err := h.entry(r)
	if err != nil {
		return err
	}
	score, err := sent.score(h.kind, "")
	if err != nil {
		return err
	}
	score.EntityID, score.ProjectID = entry.ID, entry.ProjectID
	return done(w, h.store.PutScores(r.Context(), []store.Score{score}))
}

// entry is the row that a path names.
func (h rows) entry(r *http.Request) (store.Entry, error) {
	id, err := checkID("id", r.PathValue("id"))
	if err != nil {
		return store.Entry{}, err
	}
	entry, err := h.store.Get(r.Context(), h.kind, id)
	return entry, named(entity(h.kind), err)
}

// scoreBatch gives scores to rows that may come later.
func (h rows) scoreBatch(w http.ResponseWriter, r *http.Request) error {
	return h.putScores(w, r, h.kind, func(sent *scoreJSON) (string, error) { return checkID(string(h.kind)+" id", sent.ID) })
}

// putScores reads a batch of scores. about returns what a score is about.
func (s *server) putScores(w http.ResponseWriter, r *http.Request, kind store.Kind, about func(*scoreJSON) (string, error)) error {
	var sent struct {
		Scores []scoreJSON `json:"scores"`
	}
	if err := readJSON(w, r, &sent); err != nil {
		return err
	}
	if len(sent.Scores) < 1 || len(sent.Scores) > maxBatch {
		return invalid("scores size must be between 1 and 1000")
	}
	scores := make([]store.Score, len(sent.Scores))
	for i := range sent.Scores {
		score, err := sent.Scores[i].score(kind, fmt.Sprintf("scores[%d].", i))
		if err != nil {
			return err
		}
		if score.EntityID, err = about(&sent.Scores[i]); err != nil {
			return err
		}
		scores[i] = score
	}
	return done(w, s.store.PutScores(r.Context(), scores))
}

// unscoreJSON says which score is taken back.
type unscoreJSON struct {
	Name   string `json:"name"`
	Author string `json:"author"`
}

// unscore takes a score back.
func (h rows) unscore(w http.ResponseWriter, r *http.Request, sent *unscoreJSON) error {
	id, err := checkID("id", r.PathValue("id"))
	if err != nil {
		return err
	}
	if isBlank(sent.Name) {
		return invalid("name must not be blank")
	}
	return done(w, h.store.DeleteScores(r.Context(), store.Score{Kind: h.kind, EntityID: id, Author: sent.Author}, []string{sent.Name}))
}

// scoreNames lists the names of scores.
func (h rows) scoreNames(w http.ResponseWriter, r *http.Request) error {
	project := r.URL.Query().Get("project_id")
	if h.kind == store.Span && project == "" {
		return bad("query param project_id must not be null")
	}
	return h.writeScoreNames(w, r, h.kind, project)
}

// writeScoreNames answers with the names of scores.
func (s *server) writeScoreNames(w http.ResponseWriter, r *http.Request, kind store.Kind, project string) error {
	names, err := s.store.ScoreNames(r.Context(), kind, project)
	if err != nil {
		return err
	}
	type named struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	list := make([]named, len(names))
	for i, name := range names {
		list[i] = named{name, "numerical"}
	}
	writeJSON(w, http.StatusOK, map[string]any{"scores": list})
	return nil
}
