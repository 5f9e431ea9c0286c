package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/local/internal/store"
)

// projectRoutes are the endpoints of projects.
func (s *server) projectRoutes() map[string]handler {
	const base = "/v1/private/projects"
	return map[string]handler{
		"GET " + base:                            s.listProjects,
		"POST " + base:                           reading(s.createProject),
		"POST " + base + "/retrieve":             reading(s.retrieveProject),
		"POST " + base + "/delete":               reading(s.deleteProjects),
		"GET " + base + "/stats":                 s.projectStats,
		"GET " + base + "/{id}":                  s.getProject,
		"PATCH " + base + "/{id}":                reading(s.updateProject),
		"DELETE " + base + "/{id}":               s.deleteProject,
		"GET " + base + "/feedback-scores/names": s.projectScoreNames,
	}
}

// projectsAsked returns all projects that a request is about, and which part of them it wants.
func (s *server) projectsAsked(r *http.Request) (projects []store.Project, number, size int, err error) {
	if number, size, err = pageOf(r.URL.Query()); err == nil {
		projects, err = s.store.Projects(r.Context(), r.URL.Query().Get("name"))
	}
	return projects, number, size, err
}

// listProjects returns a page of projects.
func (s *server) listProjects(w http.ResponseWriter, r *http.Request) error {
	projects, number, size, err := s.projectsAsked(r)
	if err != nil {
		return err
	}
	if err := sortProjects(projects, r.URL.Query().Get("sorting")); err != nil {
		return err
	}
	content := part(projects, number, size)
	writeJSON(w, http.StatusOK, page[store.Project]{
		Page: number, Size: len(content), Total: int64(len(projects)), Content: content,
		Sortable: []string{"id", "name", "created_at", "last_updated_at", "last_updated_trace_at"},
	})
	return nil
}

// part is a page of a list.
func part[T any](list []T, number, size int) []T {
	start := min((number-1)*size, len(list))
	return list[start:min(start+size, len(list))]
}

// sortProjects sorts by what the client names, which is one field.
func sortProjects(projects []store.Project, sorting string) error {
	if sorting == "" {
		return nil
	}
	var keys []store.Sort
	if json.Unmarshal([]byte(sorting), &keys) != nil {
		return bad("Invalid sorting query parameter '" + printable(sorting) + "'")
	}
	for _, key := range slices.Backward(keys) {
		slices.SortStableFunc(projects, func(a, b store.Project) int {
			order := compareProjects(a, b, key.Field)
			if strings.EqualFold(key.Direction, "DESC") {
				return -order
			}
			return order
		})
	}
	return nil
}

// compareProjects compares by a field.
func compareProjects(a, b store.Project, field string) int {
	switch field {
	case "id":
		return cmp.Compare(a.ID, b.ID)
	case "created_at":
		return cmp.Compare(a.Created, b.Created)
	case "last_updated_at":
		return cmp.Compare(a.Updated, b.Updated)
	case "last_updated_trace_at":
		return cmp.Compare(a.LastTrace, b.LastTrace)
	}
	return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
}

// projectJSON is a project as clients send it.
type projectJSON struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
}

// createProject makes a project.
func (s *server) createProject(w http.ResponseWriter, r *http.Request, sent *projectJSON) error {
	if isBlank(text(sent.Name)) {
		return invalid("name must not be blank")
	}
	id, err := s.store.CreateProject(r.Context(), *sent.Name, text(sent.Description))
	return created(w, "/v1/private/projects", id, err)
}

// getProject returns a project by its id.
func (s *server) getProject(w http.ResponseWriter, r *http.Request) error {
	project, err := s.store.Project(r.Context(), r.PathValue("id"))
	return answer(w, project, named("Project", err))
}

// retrieveProject returns a project by its name.
func (s *server) retrieveProject(w http.ResponseWriter, r *http.Request, sent *projectJSON) error {
	if isBlank(text(sent.Name)) {
		return invalid("name must not be blank")
	}
	project, err := s.store.ProjectNamed(r.Context(), *sent.Name)
	return answer(w, project, named("Project", err))
}

// updateProject changes a project.
func (s *server) updateProject(w http.ResponseWriter, r *http.Request, sent *projectJSON) error {
	if !notBlank(sent.Name) {
		return invalid("name must not be blank")
	}
	return done(w, named("Project", s.store.UpdateProject(r.Context(), r.PathValue("id"), sent.Name, sent.Description)))
}

// deleteProject removes a project and all that is in it.
func (s *server) deleteProject(w http.ResponseWriter, r *http.Request) error {
	return done(w, s.store.DeleteProjects(r.Context(), []string{r.PathValue("id")}))
}

// deleteProjects removes projects.
func (s *server) deleteProjects(w http.ResponseWriter, r *http.Request, sent *idsJSON) error {
	return deleteIDs(w, r, sent, s.store.DeleteProjects)
}

// projectStats counts over the traces of each project.
func (s *server) projectStats(w http.ResponseWriter, r *http.Request) error {
	projects, number, size, err := s.projectsAsked(r)
	if err != nil {
		return err
	}
	type summary struct {
		ProjectID string       `json:"project_id"`
		Stats     []store.Stat `json:"stats"`
	}
	content := []summary{}
	for _, project := range part(projects, number, size) {
		stats, err := s.store.Stats(r.Context(), store.Trace, store.Query{ProjectID: project.ID})
		if err != nil {
			return err
		}
		content = append(content, summary{project.ID, stats})
	}
	writeJSON(w, http.StatusOK, page[summary]{Page: number, Size: len(content), Total: int64(len(projects)), Content: content})
	return nil
}

// projectScoreNames lists the names of scores of traces.
func (s *server) projectScoreNames(w http.ResponseWriter, r *http.Request) error {
	return s.writeScoreNames(w, r, store.Trace, "")
}
