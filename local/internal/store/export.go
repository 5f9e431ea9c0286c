package store

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Line of an export is one of its members.
type Line struct {
	Kind       Kind        `json:"kind,omitempty"` // of Row
	Row        *Row        `json:"row,omitempty"`
	Score      *Score      `json:"score,omitempty"`
	Comment    *Remark     `json:"comment,omitempty"`
	Attachment *Attachment `json:"attachment,omitempty"`
	Content    []byte      `json:"content,omitempty"` // of Attachment
	Thread     *ThreadLine `json:"thread,omitempty"`

	Prompt      *PromptLine  `json:"prompt,omitempty"`
	Environment *Environment `json:"environment,omitempty"`
}

// PromptLine is a prompt with all its versions, the first one first.
type PromptLine struct {
	Prompt
	ProjectName string          `json:"project_name,omitempty"`
	All         []PromptVersion `json:"versions"`
}

// Remark is a comment and what it is about: a row, or in an export the thread of a name in a project.
type Remark struct {
	Kind        Kind   `json:"kind"`
	EntityID    string `json:"entity_id"`
	ProjectName string `json:"project_name,omitempty"`
	Comment
}

// ThreadLine is what a thread has besides its traces.
type ThreadLine struct {
	ProjectName string   `json:"project_name"`
	ThreadID    string   `json:"thread_id"`
	Closed      bool     `json:"closed,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

// Export writes everything, or one project, as a line of JSON each. What is written while it runs may be missing.
func (s *Store) Export(ctx context.Context, projectID string, w io.Writer) error {
	names, err := s.projectNames(ctx)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	export := &export{store: s, names: names, project: projectID, encoder: json.NewEncoder(buffered)}
	export.encoder.SetEscapeHTML(false)
	for _, part := range []func(context.Context) error{export.traces, export.spans, export.scores, export.comments, export.threads, export.attachments,
		export.prompts, export.environments} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("exporting: %w", err)
		}
	}
	return buffered.Flush()
}

// export is one run of Export.
type export struct {
	store   *Store
	names   map[string]string
	project string
	encoder *json.Encoder
}

func (e *export) traces(ctx context.Context) error { return e.rows(ctx, Trace) }
func (e *export) spans(ctx context.Context) error  { return e.rows(ctx, Span) }

// rows writes the rows of a kind. Ids of projects are of this database, so names stand in their place.
func (e *export) rows(ctx context.Context, kind Kind) error {
	return e.store.each(ctx, func(rows *sql.Rows) error {
		var read scanned
		if err := rows.Scan(read.dest()...); err != nil {
			return err
		}
		row, err := read.row()
		if err != nil {
			return err
		}
		row.ProjectID, row.ProjectName = "", e.names[row.ProjectID]
		return e.encoder.Encode(Line{Kind: kind, Row: &row})
	}, "SELECT "+rowColumns+" FROM "+kind.table()+" r WHERE ?1 = '' OR r.project_id = ?1 ORDER BY r.key", e.project)
}

// scores writes all scores.
func (e *export) scores(ctx context.Context) error {
	return e.store.each(ctx, func(rows *sql.Rows) error {
		var score Score
		err := rows.Scan(&score.Kind, &score.EntityID, &score.ProjectID, &score.Name, &score.Author, &score.Value, &score.Category, &score.Reason, &score.Source)
		if err != nil {
			return err
		}
		score.ProjectID, score.ProjectName = "", e.names[score.ProjectID]
		return e.encoder.Encode(Line{Score: &score})
	}, "SELECT kind, entity_id, project_id, name, author, value, category, reason, source FROM scores WHERE ?1 = '' OR project_id = ?1", e.project)
}

// comments writes the comments. The id of a thread is of this database, so its name stands in its place.
func (e *export) comments(ctx context.Context) error {
	return e.store.each(ctx, func(rows *sql.Rows) error {
		var remark Remark
		var project string
		err := rows.Scan(&remark.ID, &remark.Kind, &remark.EntityID, &project, &remark.Text, &remark.Created, &remark.Updated)
		if err != nil {
			return err
		}
		remark.ProjectName = e.names[project]
		return e.encoder.Encode(Line{Comment: &remark})
	}, `SELECT c.id, c.kind, coalesce(t.thread_id, c.entity_id), coalesce(t.project_id, ''), c.text, c.created, c.updated
		FROM comments c LEFT JOIN threads t ON t.id = c.entity_id
		WHERE (c.kind <> 'thread' OR t.id IS NOT NULL) AND (?1 = '' OR t.project_id = ?1
		OR c.entity_id IN (SELECT id FROM traces WHERE project_id = ?1 UNION SELECT id FROM spans WHERE project_id = ?1))`, e.project)
}

// threads writes the threads that are closed or have tags. The others come with their traces.
func (e *export) threads(ctx context.Context) error {
	return e.store.each(ctx, func(rows *sql.Rows) error {
		var line ThreadLine
		var tags sql.NullString
		if err := rows.Scan(&line.ProjectName, &line.ThreadID, &line.Closed, &tags); err != nil {
			return err
		}
		line.ProjectName = e.names[line.ProjectName]
		if err := readTags(tags, &line.Tags); err != nil {
			return err
		}
		return e.encoder.Encode(Line{Thread: &line})
	}, "SELECT project_id, thread_id, closed, tags FROM threads WHERE (closed OR tags IS NOT NULL) AND (?1 = '' OR project_id = ?1)", e.project)
}

// attachments writes the files with their content.
func (e *export) attachments(ctx context.Context) error {
	return e.store.each(ctx, func(rows *sql.Rows) error {
		file, err := scanAttachment(rows)
		if err != nil {
			return err
		}
		var content strings.Builder
		if err := e.store.ReadAttachment(ctx, file, &content, func(Attachment) {}); err != nil {
			return err
		}
		file.ProjectID = e.names[file.ProjectID]
		return e.encoder.Encode(Line{Attachment: &file, Content: []byte(content.String())})
	}, selectAttachment+"(?1 = '' OR project_id = ?1)", e.project)
}

// prompts writes the prompts with their versions.
func (e *export) prompts(ctx context.Context) error {
	prompts, err := e.store.Prompts(ctx, "", e.project, nil)
	if err != nil {
		return err
	}
	for _, prompt := range slices.Backward(prompts) {
		versions, err := e.store.versions(ctx, "r.prompt_id = ? ORDER BY r.number", prompt.ID)
		if err != nil {
			return err
		}
		line := PromptLine{prompt, e.names[prompt.ProjectID], versions}
		line.ProjectID = ""
		if err := e.encoder.Encode(Line{Prompt: &line}); err != nil {
			return err
		}
	}
	return nil
}

// environments writes the environments. They belong to no project, so that an export of one has none.
func (e *export) environments(ctx context.Context) error {
	if e.project != "" {
		return nil
	}
	environments, err := e.store.Environments(ctx)
	for _, environment := range environments {
		if environment.Created == 0 {
			continue // every database has it
		}
		err = errors.Join(err, e.encoder.Encode(Line{Environment: &environment}))
	}
	return err
}
