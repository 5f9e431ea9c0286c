package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"strings"
)

// Prompt is a named template with its versions, with the names of Opik's API.
type Prompt struct {
	ID          string         `json:"id"`
	ProjectID   string         `json:"project_id,omitempty"` // empty where it belongs to no project
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Structure   string         `json:"template_structure"`
	Tags        []string       `json:"tags,omitempty"`
	Versions    int64          `json:"version_count"`
	Latest      *PromptVersion `json:"latest_version,omitempty"`
	Requested   *PromptVersion `json:"requested_version,omitempty"`
	Created     Time           `json:"created_at"`
	CreatedBy   string         `json:"created_by"`
	Updated     Time           `json:"last_updated_at"`
	UpdatedBy   string         `json:"last_updated_by"`
}

// The kinds of what prompts consist of, for their filters.
const (
	promptKind  Kind = "prompt"
	versionKind Kind = "prompt version"
)

// The structures of templates.
const (
	TextPrompt = "text"
	ChatPrompt = "chat"
)

// CreatePrompt makes a prompt, and its first version where one is given.
func (s *Store) CreatePrompt(ctx context.Context, prompt Prompt, first *PromptVersion) (id string, err error) {
	prompt.ID = cmp.Or(prompt.ID, newID())
	return prompt.ID, s.writer.do(ctx, func(t *tx) error {
		now := TimeOf(s.now())
		var exists int
		if err := t.one("SELECT count(*) FROM prompts WHERE id = ? OR project_id = ? AND name = ?",
			[]any{prompt.ID, prompt.ProjectID, prompt.Name}, &exists); err != nil {
			return err
		}
		if exists > 0 {
			return Conflict("Prompt id or name already exists")
		}
		if err := t.addPrompt(prompt, now); err != nil || first == nil {
			return err
		}
		version := *first
		return t.addVersion(prompt.ID, &version, now)
	})
}

// addPrompt stores the row of a prompt.
func (t *tx) addPrompt(p Prompt, now Time) error {
	return t.exec("INSERT INTO prompts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		p.ID, p.ProjectID, p.Name, p.Description, p.Structure, jsonText(p.Tags, len(p.Tags)), now, now)
}

// PromptProject returns the id of the project that a prompt shall belong to, which it makes on first use; no name is none.
func (s *Store) PromptProject(ctx context.Context, name string) (id string, err error) {
	if strings.TrimSpace(name) == "" {
		return "", nil
	}
	return id, s.writer.do(ctx, func(t *tx) (err error) {
		id, err = t.project(name, TimeOf(s.now()))
		return err
	})
}

// UpdatePrompt renames and describes a prompt. Tags are replaced where they are given.
func (s *Store) UpdatePrompt(ctx context.Context, id, name, description string, tags []string) error {
	if _, err := s.Prompt(ctx, id); err != nil {
		return err
	}
	return s.writer.do(ctx, func(t *tx) error {
		var taken int
		err := t.one("SELECT count(*) FROM prompts WHERE name = ?1 AND id <> ?2 AND project_id = (SELECT project_id FROM prompts WHERE id = ?2)",
			[]any{name, id}, &taken)
		if err != nil {
			return err
		}
		if taken > 0 {
			return Conflict("Prompt id or name already exists")
		}
		return t.exec("UPDATE prompts SET name = ?, description = ?, tags = coalesce(?, tags), updated = ? WHERE id = ?",
			name, description, jsonText(tags, len(tags)), TimeOf(s.now()), id)
	})
}

// DeletePrompts removes prompts with their versions. One that is not there is skipped.
func (s *Store) DeletePrompts(ctx context.Context, ids []string) error {
	list := jsonText(ids, 1)
	return s.writer.do(ctx, func(t *tx) error {
		return errors.Join(t.exec("DELETE FROM prompt_versions WHERE prompt_id IN (SELECT value FROM json_each(?))", list),
			t.exec("DELETE FROM prompts WHERE id IN (SELECT value FROM json_each(?))", list))
	})
}

const selectPrompt = `SELECT r.id, r.project_id, r.name, r.description, r.structure, r.tags, r.created, r.updated,
	(SELECT count(*) FROM prompt_versions v WHERE v.prompt_id = r.id) FROM prompts r WHERE `

// scanPrompt reads a row of selectPrompt.
func scanPrompt(rows *sql.Rows) (Prompt, error) {
	p := Prompt{CreatedBy: author, UpdatedBy: author}
	var tags sql.NullString
	err := rows.Scan(&p.ID, &p.ProjectID, &p.Name, &p.Description, &p.Structure, &tags, &p.Created, &p.Updated, &p.Versions)
	return p, errors.Join(err, readTags(tags, &p.Tags))
}

// prompts reads the prompts of a condition.
func (s *Store) prompts(ctx context.Context, where string, args ...any) ([]Prompt, error) {
	return collect(ctx, s, scanPrompt, selectPrompt+where, args...)
}

// Prompts returns the prompts whose name contains a text, of one project or of all, the newest first.
func (s *Store) Prompts(ctx context.Context, name, projectID string, filters []Filter) ([]Prompt, error) {
	c := clauses{text: `r.name LIKE ? ESCAPE '\' AND (? = '' OR r.project_id = ?)`, args: []any{"%" + escapeLike(name) + "%", projectID, projectID}}
	if err := c.filter(promptKind, filters); err != nil {
		return nil, err
	}
	return s.prompts(ctx, c.text+" ORDER BY r.id DESC", c.args...)
}

// Prompt returns a prompt with its latest version.
func (s *Store) Prompt(ctx context.Context, id string) (Prompt, error) {
	found, err := s.prompts(ctx, "r.id = ?", id)
	prompt, err := first(found, err)
	if err != nil {
		return prompt, err
	}
	versions, err := s.versions(ctx, "r.prompt_id = ? ORDER BY r.number DESC LIMIT 1", id)
	if len(versions) > 0 {
		prompt.Latest = &versions[0]
	}
	return prompt, err
}

// promptNamed finds the prompt of a name: in the project that is named, or else where it belongs to none. Where no project
// is named it may belong to any.
func (s *Store) promptNamed(ctx context.Context, name, project string) (Prompt, error) {
	where, args := "r.name = ? ORDER BY r.project_id <> '', r.id DESC LIMIT 1", []any{name}
	if strings.TrimSpace(project) != "" {
		found, err := s.ProjectNamed(ctx, project)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Prompt{}, err
		}
		where, args = "r.name = ? AND r.project_id IN (?, '') ORDER BY r.project_id DESC LIMIT 1", append(args, found.ID)
	}
	found, err := s.prompts(ctx, where, args...)
	return first(found, err)
}
