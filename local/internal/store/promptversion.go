package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// PromptVersion is one state of a template, with the names of Opik's API. Only its tags ever change.
type PromptVersion struct {
	ID        string          `json:"id"`
	PromptID  string          `json:"prompt_id"`
	Commit    string          `json:"commit"`
	Number    string          `json:"version_number"` // v1 for the first
	Template  string          `json:"template"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	Type      string          `json:"type"`
	Change    string          `json:"change_description,omitempty"`
	Tags      []string        `json:"tags,omitempty"`
	Variables []string        `json:"variables,omitempty"`
	Structure string          `json:"template_structure"`
	Created   Time            `json:"created_at"`
	CreatedBy string          `json:"created_by"`
}

// VersionOf says which version of a prompt is asked for: by its commit, by its number as in v3, or else the latest.
type VersionOf struct{ Name, Project, Commit, Number string }

// commitSize is how many characters a commit has.
const commitSize = 8

// AddPromptVersion stores a version of a prompt, which it makes on first use.
func (s *Store) AddPromptVersion(ctx context.Context, of Prompt, version PromptVersion) (PromptVersion, error) {
	err := s.writer.do(ctx, func(t *tx) error {
		now := TimeOf(s.now())
		var id, structure string
		err := t.one("SELECT id, structure FROM prompts WHERE project_id = ? AND name = ?", []any{of.ProjectID, of.Name}, &id, &structure)
		if errors.Is(err, ErrNotFound) {
			id, structure = newID(), of.Structure
			err = t.addPrompt(Prompt{ID: id, ProjectID: of.ProjectID, Name: of.Name, Structure: structure}, now)
		}
		if err != nil {
			return err
		}
		version.Structure = structure
		return t.addVersion(id, &version, now)
	})
	return version, err
}

// addVersion stores the next version of a prompt, and fills in what the server decides.
func (t *tx) addVersion(promptID string, v *PromptVersion, now Time) error {
	v.ID = cmp.Or(v.ID, newID())
	v.Commit = cmp.Or(v.Commit, v.ID[len(v.ID)-commitSize:])
	v.PromptID, v.Created, v.CreatedBy, v.Variables = promptID, now, author, variables(v.Type, v.Template)
	var last, taken int64
	err := t.one("SELECT coalesce(max(number), 0), coalesce(sum(commit_id = ?1 OR id = ?2), 0) FROM prompt_versions WHERE prompt_id = ?3 OR id = ?2",
		[]any{v.Commit, v.ID, promptID}, &last, &taken)
	if err != nil {
		return err
	}
	if taken > 0 {
		return Conflict("Prompt version already exists")
	}
	v.Number = fmt.Sprintf("v%d", last+1)
	return errors.Join(t.exec("INSERT INTO prompt_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", v.ID, promptID, last+1, v.Commit, v.Type,
		v.Template, nullText(v.Metadata), v.Change, jsonText(v.Tags, len(v.Tags)), now),
		t.exec("UPDATE prompts SET updated = ? WHERE id = ?", now, promptID))
}

// placeholder is a variable of a template, in the form that Mustache and Jinja share.
var placeholder = regexp.MustCompile(`{{[{&#^]?\s*([\w.]+)[^{}]*}}`)

// variables are the names in a template.
func variables(kind, template string) []string {
	if kind == "python" {
		return nil
	}
	var names []string
	for _, found := range placeholder.FindAllStringSubmatch(template, -1) {
		if !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	return names
}

const selectVersion = `SELECT r.id, r.prompt_id, r.commit_id, r.number, r.type, r.template, r.metadata, r.change, r.tags, r.created, p.structure
	FROM prompt_versions r JOIN prompts p ON p.id = r.prompt_id WHERE `

// versions reads the versions of a condition.
func (s *Store) versions(ctx context.Context, where string, args ...any) ([]PromptVersion, error) {
	return collect(ctx, s, scanVersion, selectVersion+where, args...)
}

// scanVersion reads a row of selectVersion.
func scanVersion(rows *sql.Rows) (v PromptVersion, err error) {
	var number int64
	var metadata, tags sql.NullString
	v.CreatedBy = author
	if err := rows.Scan(&v.ID, &v.PromptID, &v.Commit, &number, &v.Type, &v.Template, &metadata, &v.Change, &tags, &v.Created, &v.Structure); err != nil {
		return v, err
	}
	v.Number, v.Metadata, v.Variables = fmt.Sprintf("v%d", number), raw(metadata), variables(v.Type, v.Template)
	return v, readTags(tags, &v.Tags)
}

// version reads the one version of a condition.
func (s *Store) version(ctx context.Context, where string, args ...any) (PromptVersion, error) {
	found, err := s.versions(ctx, where, args...)
	return first(found, err)
}

// PromptVersion returns a version by its id.
func (s *Store) PromptVersion(ctx context.Context, id string) (PromptVersion, error) {
	return s.version(ctx, "r.id = ?", id)
}

// PromptVersionOfCommit returns the newest version with a commit.
func (s *Store) PromptVersionOfCommit(ctx context.Context, commit string) (PromptVersion, error) {
	return s.version(ctx, "r.commit_id = ? ORDER BY r.id DESC LIMIT 1", commit)
}

// FindPromptVersion returns a version of the prompt of a name.
func (s *Store) FindPromptVersion(ctx context.Context, of VersionOf) (PromptVersion, error) {
	prompt, err := s.promptNamed(ctx, of.Name, of.Project)
	if err != nil {
		return PromptVersion{}, err
	}
	switch {
	case of.Commit != "":
		return s.version(ctx, "r.prompt_id = ? AND r.commit_id = ?", prompt.ID, of.Commit)
	case of.Number != "":
		number, err := strconv.Atoi(strings.TrimPrefix(of.Number, "v"))
		if err != nil {
			return PromptVersion{}, ErrNotFound
		}
		return s.version(ctx, "r.prompt_id = ? AND r.number = ?", prompt.ID, number)
	}
	return s.version(ctx, "r.prompt_id = ? ORDER BY r.number DESC LIMIT 1", prompt.ID)
}

// PromptVersions returns the versions of a prompt whose template or change contains a text, the newest first.
func (s *Store) PromptVersions(ctx context.Context, promptID, search string, filters []Filter) ([]PromptVersion, error) {
	c := clauses{text: "r.prompt_id = ?", args: []any{promptID}}
	if search != "" {
		pattern := "%" + escapeLike(search) + "%"
		c.and(`(r.template LIKE ? ESCAPE '\' OR r.change LIKE ? ESCAPE '\')`, pattern, pattern)
	}
	if err := c.filter(versionKind, filters); err != nil {
		return nil, err
	}
	return s.versions(ctx, c.text+" ORDER BY r.number DESC", c.args...)
}

// TagPromptVersions replaces the tags of versions, or adds to them.
func (s *Store) TagPromptVersions(ctx context.Context, ids, tags []string, add bool) error {
	return s.writer.do(ctx, func(t *tx) error {
		return forEach(ids, func(id string) error { return t.tagVersion(id, tags, add) })
	})
}

// tagVersion changes the tags of one version. One that is not there is skipped.
func (t *tx) tagVersion(id string, tags []string, add bool) error {
	var kept sql.NullString
	err := t.one("SELECT tags FROM prompt_versions WHERE id = ?", []any{id}, &kept)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	var row Row
	if err == nil && add {
		err = readTags(kept, &row.Tags)
	}
	if err != nil {
		return err
	}
	if err := row.mergeTags(Patch{AddTags: append([]string{}, tags...)}); err != nil {
		return err
	}
	return t.exec("UPDATE prompt_versions SET tags = ? WHERE id = ?", jsonText(row.Tags, len(row.Tags)), id)
}
