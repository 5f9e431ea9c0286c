package rest

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Projects is the service for projects.
type Projects struct{ c *Client }

const projectsPath = "/v1/private/projects"

// A Project is what traces and threads are filed under. To write one, set Name, and the rest as needed, up to Visibility.
type Project struct {
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"` // of at most 255 characters
	Visibility  string `json:"visibility,omitempty"`  // private or public

	ID                 string    `json:"id,omitempty"`
	CreatedAt          time.Time `json:"created_at,omitzero"`
	CreatedBy          string    `json:"created_by,omitempty"`
	LastUpdatedAt      time.Time `json:"last_updated_at,omitzero"`
	LastUpdatedBy      string    `json:"last_updated_by,omitempty"`
	LastUpdatedTraceAt time.Time `json:"last_updated_trace_at,omitzero"`
}

// sent returns what is sent of a project.
func (p Project) sent() Project {
	return Project{Name: p.Name, Description: p.Description, Visibility: p.Visibility}
}

// Create makes a project and returns its id: POST /v1/private/projects. The error matches [ErrConflict] if there is one
// of that name. Traces need none: Opik makes their project when the first one arrives.
func (s *Projects) Create(ctx context.Context, project Project) (id string, err error) {
	if project.Name == "" {
		return "", errors.New("the project has no name")
	}
	return s.c.create(ctx, request{method: http.MethodPost, path: projectsPath, body: project.sent()}, "")
}

// Get reads a project by its id: GET /v1/private/projects/{id}. The error matches [ErrNotFound] if there is none.
func (s *Projects) Get(ctx context.Context, id string) (*Project, error) {
	return get[Project](ctx, s.c, projectsPath, "project", id)
}

// Find reads a project by its name: POST /v1/private/projects/retrieve. The error matches [ErrNotFound] if there is none.
func (s *Projects) Find(ctx context.Context, name string) (*Project, error) {
	if name == "" {
		return nil, errors.New("the name of the project is empty")
	}
	body := map[string]string{"name": name}
	return call[Project](ctx, s.c, request{method: http.MethodPost, path: projectsPath + "/retrieve", body: body, repeatable: true})
}

// List iterates over the projects whose name contains a text, which is all for "": GET /v1/private/projects.
func (s *Projects) List(ctx context.Context, name string) iter.Seq2[Project, error] {
	values := url.Values{"page": {"1"}, "size": {strconv.Itoa(defaultListPage)}}
	set(values, "name", name)
	return pages[Project](ctx, s.c, projectsPath, values)
}

// Update changes what is set of name, description and visibility: PATCH /v1/private/projects/{id}. The error matches
// [ErrNotFound] if there is no such project and [ErrConflict] if another one has the name.
func (s *Projects) Update(ctx context.Context, id string, project Project) error {
	return s.c.patch(ctx, projectsPath, "project", id, project.sent())
}

// Delete deletes a project: DELETE /v1/private/projects/{id}. That there is none is no error.
func (s *Projects) Delete(ctx context.Context, id string) error {
	return s.c.remove(ctx, projectsPath, "project", id)
}

// DeleteMany deletes projects: POST /v1/private/projects/delete, with at most 1000 in a request.
func (s *Projects) DeleteMany(ctx context.Context, ids ...string) error {
	return s.c.deleteMany(ctx, projectsPath+"/delete", "project", ids)
}
