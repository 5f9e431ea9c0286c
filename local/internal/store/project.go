package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/google/uuid"
)

// DefaultProject is where rows without a project are.
const DefaultProject = "Default Project"

// Project is a project, with the names of Opik's API.
type Project struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Visibility  string `json:"visibility"`
	Created     Time   `json:"created_at"`
	CreatedBy   string `json:"created_by"`
	Updated     Time   `json:"last_updated_at"`
	UpdatedBy   string `json:"last_updated_by"`
	LastTrace   Time   `json:"last_updated_trace_at,omitzero"`
}

// newID mints an id that sorts by time.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// project returns the id of a project, which it makes on first use.
func (t *tx) project(name string, now Time) (id string, err error) {
	name = cmp.Or(strings.TrimSpace(name), DefaultProject)
	err = t.one("SELECT id FROM projects WHERE name = ?", []any{name}, &id)
	if !errors.Is(err, ErrNotFound) {
		return id, err
	}
	id = newID()
	return id, t.exec("INSERT INTO projects (id, name, created, updated) VALUES (?, ?, ?, ?)", id, name, now, now)
}

// projectOnce is project with a memory, for the rows of a batch.
func (t *tx) projectOnce(known map[string]string, name string, now Time) (id string, err error) {
	if id, ok := known[name]; ok {
		return id, nil
	}
	id, err = t.project(name, now)
	known[name] = id
	return id, err
}

// projectOf returns the id of the project that an update names.
func (t *tx) projectOf(patch Patch, now Time) (string, error) {
	if patch.ProjectID != "" {
		return patch.ProjectID, nil
	}
	return t.project(patch.ProjectName, now)
}

// CreateProject makes a project. Its name may not exist.
func (s *Store) CreateProject(ctx context.Context, name, description string) (id string, err error) {
	id = newID()
	return id, s.writer.do(ctx, func(t *tx) error {
		var exists string
		if err := t.one("SELECT id FROM projects WHERE name = ?", []any{strings.TrimSpace(name)}, &exists); err == nil {
			return Conflict("Project already exists")
		}
		now := TimeOf(s.now())
		return t.exec("INSERT INTO projects VALUES (?, ?, ?, ?, ?)", id, strings.TrimSpace(name), description, now, now)
	})
}

// UpdateProject changes a project's name and description, where they are given.
func (s *Store) UpdateProject(ctx context.Context, id string, name, description *string) error {
	if _, err := s.Project(ctx, id); err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error {
		return t.exec("UPDATE projects SET name = coalesce(?, name), description = coalesce(?, description), updated = ? WHERE id = ?",
			name, description, TimeOf(s.now()), id)
	})
}

// DeleteProjects removes projects and all that is in them.
func (s *Store) DeleteProjects(ctx context.Context, ids []string) error {
	return s.writer.do(ctx, func(t *tx) error {
		return forEach(ids, t.deleteProject)
	})
}

// deleteProject removes one project.
func (t *tx) deleteProject(id string) error {
	for _, query := range []string{
		"DELETE FROM chunks WHERE attachment IN (SELECT key FROM attachments WHERE project_id = ?)",
		"DELETE FROM attachments WHERE project_id = ?",
		"DELETE FROM comments WHERE entity_id IN (SELECT id FROM traces WHERE project_id = ?1 UNION SELECT id FROM spans WHERE project_id = ?1 " +
			"UNION SELECT id FROM threads WHERE project_id = ?1)",
		"DELETE FROM prompt_versions WHERE prompt_id IN (SELECT id FROM prompts WHERE project_id = ?)", "DELETE FROM prompts WHERE project_id = ?",
		"DELETE FROM scores WHERE project_id = ?", "DELETE FROM threads WHERE project_id = ?",
		"DELETE FROM spans WHERE project_id = ?", "DELETE FROM traces WHERE project_id = ?", "DELETE FROM projects WHERE id = ?",
	} {
		if err := t.exec(query, id); err != nil {
			return err
		}
	}
	t.touch(id)
	return nil
}

const selectProject = `SELECT id, name, description, created, updated,
	coalesce((SELECT max(start) FROM traces WHERE project_id = projects.id AND live = 1), 0) AS latest FROM projects`

// scanProject reads a row of selectProject.
func scanProject(rows *sql.Rows) (Project, error) {
	p := Project{Visibility: "private", CreatedBy: author, UpdatedBy: author}
	err := rows.Scan(&p.ID, &p.Name, &p.Description, &p.Created, &p.Updated, &p.LastTrace)
	return p, err
}

// Project returns a project by its id.
func (s *Store) Project(ctx context.Context, id string) (Project, error) {
	return s.findProject(ctx, " WHERE id = ?", id)
}

// ProjectNamed returns a project by its name, in whichever case.
func (s *Store) ProjectNamed(ctx context.Context, name string) (Project, error) {
	return s.findProject(ctx, " WHERE name = ?", cmp.Or(strings.TrimSpace(name), DefaultProject))
}

// findProject reads the one project of a condition.
func (s *Store) findProject(ctx context.Context, where, value string) (Project, error) {
	return first(collect(ctx, s, scanProject, selectProject+where, value))
}

// Projects returns the projects whose name contains a text, the one with the newest trace first.
func (s *Store) Projects(ctx context.Context, name string) ([]Project, error) {
	return collect(ctx, s, scanProject, selectProject+" WHERE name LIKE ? ESCAPE '\\' ORDER BY latest DESC, id DESC", "%"+escapeLike(name)+"%")
}

// escapeLike makes a text mean itself in LIKE ... ESCAPE '\'.
func escapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
