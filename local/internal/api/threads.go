package api

import (
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/local/internal/store"
)

// threadRoutes are the endpoints of conversations.
func (s *server) threadRoutes() map[string]handler {
	const base = "/v1/private/traces/threads"
	comments := rows{s, store.Thread}
	return map[string]handler{
		"GET " + base:                              s.listThreads,
		"POST " + base + "/search":                 s.searchThreads,
		"POST " + base + "/retrieve":               s.retrieveThread,
		"GET " + base + "/stats":                   s.threadStats,
		"PUT " + base + "/open":                    s.turnThreads(false),
		"PUT " + base + "/close":                   s.turnThreads(true),
		"PATCH " + base + "/batch":                 reading(s.tagThreads),
		"PATCH " + base + "/{id}":                  reading(s.tagThread),
		"POST " + base + "/delete":                 s.deleteThreads,
		"PUT " + base + "/feedback-scores":         s.scoreThreads,
		"POST " + base + "/feedback-scores/delete": s.unscoreThread,
		"GET " + base + "/feedback-scores/names":   s.threadScoreNames,
		"POST " + base + "/{id}/comments":          reading(s.commentThread),
		"GET " + base + "/{id}/comments/{comment}": comments.getComment,
		"PATCH " + base + "/comments/{comment}":    reading(comments.changeComment),
		"POST " + base + "/comments/delete":        reading(comments.deleteComments),
	}
}

// listThreads returns a page of threads, the one that changed last first.
func (s *server) listThreads(w http.ResponseWriter, r *http.Request) error {
	found, err := listed(s, r, store.Thread, func(q store.Query) ([]store.ThreadRow, int64, error) {
		if len(q.Sort) == 0 {
			q.Sort = []store.Sort{{Field: "last_updated_at", Direction: "DESC"}}
		}
		total, err := s.store.Count(r.Context(), store.Thread, q)
		if err != nil {
			return nil, 0, err
		}
		threads, err := s.store.Threads(r.Context(), q)
		return threads, total, err
	})
	return answer(w, found, err)
}

// searchThreads streams threads.
func (s *server) searchThreads(w http.ResponseWriter, r *http.Request) error {
	_, query, err := s.readSearch(w, r)
	threads := []store.ThreadRow{}
	if err == nil {
		threads, err = s.store.Threads(r.Context(), query)
	}
	if err != nil && !errors.Is(err, errNoProject) {
		return err
	}
	return stream(w, threads)
}

// threadStats counts the threads.
func (s *server) threadStats(w http.ResponseWriter, r *http.Request) error {
	total, err := s.counted(r, store.Thread)
	return answer(w, map[string]any{"stats": []store.Stat{{Name: "thread_count", Type: "COUNT", Value: total}}}, err)
}

// threadJSON names threads of a project, and what to do with them.
type threadJSON struct {
	ProjectName string   `json:"project_name"`
	ProjectID   string   `json:"project_id"`
	ThreadID    string   `json:"thread_id"`
	ThreadIDs   []string `json:"thread_ids"`
	Names       []string `json:"names"`
	Author      string   `json:"author"`
}

// readThreads reads which threads a request is about. It names one or, where it may, several.
func (s *server) readThreads(w http.ResponseWriter, r *http.Request) (sent threadJSON, err error) {
	if err := readJSON(w, r, &sent); err != nil {
		return sent, err
	}
	if (sent.ThreadID == "") == (len(sent.ThreadIDs) == 0) || len(sent.ThreadIDs) > maxBatch {
		return sent, invalid("exactly one of thread_id and thread_ids, of size 1 to 1000, must be provided")
	}
	if sent.ThreadID != "" {
		sent.ThreadIDs = []string{sent.ThreadID}
	}
	sent.ProjectID, err = s.projectOf(r, sent.ProjectID, sent.ProjectName)
	if errors.Is(err, errNoProject) {
		return sent, missing("Project")
	}
	return sent, err
}

// retrieveThread returns one thread.
func (s *server) retrieveThread(w http.ResponseWriter, r *http.Request) error {
	sent, err := s.readThreads(w, r)
	if err != nil {
		return err
	}
	thread, err := s.store.Thread(r.Context(), sent.ProjectID, sent.ThreadID)
	return answer(w, thread, named("Thread", err))
}

// turnThreads opens or closes threads. They must be there.
func (s *server) turnThreads(closed bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		sent, err := s.readThreads(w, r)
		if err != nil {
			return err
		}
		for _, thread := range sent.ThreadIDs {
			if _, err := s.store.Thread(r.Context(), sent.ProjectID, thread); err != nil {
				return missing("Thread")
			}
		}
		if err := s.store.CloseThreads(r.Context(), sent.ProjectID, sent.ThreadIDs, closed); err != nil {
			return err
		}
		return s.noContent(w, r)
	}
}

// tagThread changes the tags of the thread in the path.
func (s *server) tagThread(w http.ResponseWriter, r *http.Request, sent *rowJSON) error {
	return s.writeTags(w, r, []string{r.PathValue("id")}, sent, false)
}

// threadTagsJSON is new tags of several threads.
type threadTagsJSON struct {
	IDs       []string `json:"ids"`
	Update    rowJSON  `json:"update"`
	MergeTags bool     `json:"merge_tags"`
}

// tagThreads changes the tags of several threads.
func (s *server) tagThreads(w http.ResponseWriter, r *http.Request, sent *threadTagsJSON) error {
	if len(sent.IDs) < 1 || len(sent.IDs) > maxBatch {
		return invalid("ids size must be between 1 and 1000")
	}
	return s.writeTags(w, r, sent.IDs, &sent.Update, sent.MergeTags)
}

// writeTags stores tags of threads.
func (s *server) writeTags(w http.ResponseWriter, r *http.Request, ids []string, sent *rowJSON, merge bool) error {
	patch, err := sent.patch(store.Trace)
	if err != nil {
		return err
	}
	if merge {
		patch.AddTags, patch.Tags = append(patch.AddTags, patch.Tags...), nil
	}
	return done(w, named("Thread", s.store.TagThreads(r.Context(), ids, patch)))
}

// deleteThreads removes threads with their traces.
func (s *server) deleteThreads(w http.ResponseWriter, r *http.Request) error {
	sent, err := s.readThreads(w, r)
	if err != nil {
		return err
	}
	return done(w, s.store.DeleteThreads(r.Context(), sent.ProjectID, sent.ThreadIDs))
}

// scoreThreads gives scores to threads.
func (s *server) scoreThreads(w http.ResponseWriter, r *http.Request) error {
	return s.putScores(w, r, store.Thread, func(sent *scoreJSON) (string, error) {
		if isBlank(sent.ThreadID) {
			return "", invalid("thread_id must not be blank")
		}
		return sent.ThreadID, nil
	})
}

// unscoreThread takes scores of a thread back.
func (s *server) unscoreThread(w http.ResponseWriter, r *http.Request) error {
	sent, err := s.readThreads(w, r)
	if err != nil {
		return err
	}
	if len(sent.Names) < 1 || len(sent.Names) > maxBatch {
		return invalid("names size must be between 1 and 1000")
	}
	of := store.Score{Kind: store.Thread, EntityID: sent.ThreadID, ProjectID: sent.ProjectID, Author: sent.Author}
	return done(w, s.store.DeleteScores(r.Context(), of, sent.Names))
}

// threadScoreNames lists the names of scores of threads.
func (s *server) threadScoreNames(w http.ResponseWriter, r *http.Request) error {
	return s.writeScoreNames(w, r, store.Thread, r.URL.Query().Get("project_id"))
}

// commentThread adds a comment to a thread, which is named by its model id.
func (s *server) commentThread(w http.ResponseWriter, r *http.Request, sent *commentJSON) error {
	if uuid.Validate(r.PathValue("id")) != nil {
		return missing("Thread")
	}
	return s.addComment(w, r, store.Remark{Kind: store.Thread, EntityID: r.PathValue("id")}, sent)
}
