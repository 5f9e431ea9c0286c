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
	Closed     *ClosedRow  `json:"closed_thread,omitempty"`

	Prompt      *PromptLine  `json:"prompt,omitempty"`
	Environment *Environment `json:"environment,omitempty"`
}

// PromptLine is a prompt with all its versions, the first one first.
type PromptLine struct {
	Prompt
	ProjectName string          `json:"project_name,omitempty"`
	All         []PromptVersion `json:"versions"`
}

// Remark is a comment and what it is about.
type Remark struct {
	Kind     Kind   `json:"kind"`
	EntityID string `json:"entity_id"`
	Comment
}

// ClosedRow names a thread that is closed.
type ClosedRow struct {
	ProjectName string `json:"project_name"`
	ThreadID    string `json:"thread_id"`
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
	for _, part := range []func(context.Context) error{export.traces, export.spans, export.scores, export.comments, export.closed, export.attachments,
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

// comments writes the comments about rows.
func (e *export) comments(ctx context.Context) error {
	return e.store.each(ctx, func(rows *sql.Rows) error {
		var remark Remark
		err := rows.Scan(&remark.ID, &remark.Kind, &remark.EntityID, &remark.Text, &remark.Created, &remark.Updated)
		if err != nil {
			return err
		}
		return e.encoder.Encode(Line{Comment: &remark})
	}, `SELECT id, kind, entity_id, text, created, updated FROM comments WHERE ?1 = '' OR entity_id IN
		(SELECT id FROM traces WHERE project_id = ?1 UNION SELECT id FROM spans WHERE project_id = ?1)`, e.project)
}

// closed writes which threads are closed.
func (e *export) closed(ctx context.Context) error {
	return e.store.each(ctx, func(rows *sql.Rows) error {
		var project, thread string
		if err := rows.Scan(&project, &thread); err != nil {
			return err
		}
		return e.encoder.Encode(Line{Closed: &ClosedRow{e.names[project], thread}})
	}, "SELECT project_id, thread_id FROM threads WHERE closed AND (?1 = '' OR project_id = ?1)", e.project)
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

// importStep is how many lines share a transaction.
const importStep = 500

// Import reads what Export wrote. Rows that are there already keep their newest version, so that it may run twice.
func (s *Store) Import(ctx context.Context, r io.Reader) (lines int, err error) {
	decoder := json.NewDecoder(r)
	for {
		group, err := readLines(decoder)
		if len(group) > 0 {
			if err := s.importLines(ctx, group); err != nil {
				return lines, fmt.Errorf("importing after line %d: %w", lines, err)
			}
		}
		lines += len(group)
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, fmt.Errorf("reading line %d: %w", lines+1, err)
		}
	}
}

// readLines reads as many lines as one transaction takes.
func readLines(decoder *json.Decoder) (group []Line, err error) {
	for len(group) < importStep {
		var line Line
		if err := decoder.Decode(&line); err != nil {
			return group, err
		}
		group = append(group, line)
	}
	return group, nil
}

// importLines stores a group of lines. Files are streams and stored one by one.
func (s *Store) importLines(ctx context.Context, group []Line) error {
	for _, line := range group {
		if line.Row != nil {
			line.Row.cut(TimeOf(s.now()))
		}
	}
	err := s.writer.do(ctx, func(t *tx) error {
		projects, now := map[string]string{}, TimeOf(s.now())
		return forEach(group, func(line Line) error { return t.importLine(line, projects, now) })
	})
	if err != nil {
		return err
	}
	for _, line := range group {
		if line.Attachment == nil {
			continue
		}
		file := *line.Attachment
		project := file.ProjectID
		file.ProjectID = ""
		if err := s.Attach(ctx, file, project, strings.NewReader(string(line.Content))); err != nil {
			return err
		}
	}
	return nil
}

// importLine stores one line.
func (t *tx) importLine(line Line, projects map[string]string, now Time) error {
	switch {
	case line.Row != nil && (line.Kind == Trace || line.Kind == Span):
		return t.put(line.Kind, *line.Row, projects, now)
	case line.Score != nil:
		return t.putScore(*line.Score, projects, now)
	case line.Comment != nil:
		c := line.Comment
		return t.exec("INSERT OR IGNORE INTO comments VALUES (?, ?, ?, ?, ?, ?)", c.ID, c.Kind, c.EntityID, c.Text, c.Created, c.Updated)
	case line.Closed != nil:
		id, err := t.projectOnce(projects, line.Closed.ProjectName, now)
		return errors.Join(err, t.addThread(id, line.Closed.ThreadID, now),
			t.exec("UPDATE threads SET closed = 1 WHERE project_id = ? AND thread_id = ?", id, line.Closed.ThreadID))
	case line.Prompt != nil:
		return t.importPrompt(*line.Prompt, projects, now)
	case line.Environment != nil:
		e := line.Environment
		return t.exec("INSERT OR IGNORE INTO environments VALUES (?, ?, ?, ?, ?, ?, ?)",
			e.ID, e.Name, e.Description, e.Color, e.Position, e.Created, e.Updated)
	case line.Attachment != nil:
		return nil
	}
	return errors.New("the line holds nothing that an export writes")
}

// importPrompt stores a prompt and those of its versions that are not there.
func (t *tx) importPrompt(line PromptLine, projects map[string]string, now Time) (err error) {
	if line.ProjectName != "" {
		if line.ProjectID, err = t.projectOnce(projects, line.ProjectName, now); err != nil {
			return err
		}
	}
	err = t.exec("INSERT OR IGNORE INTO prompts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", line.ID, line.ProjectID, line.Name, line.Description,
		line.Structure, jsonText(line.Tags, len(line.Tags)), line.Created, line.Updated)
	var id string // a prompt of that name may have been there under another id
	err = errors.Join(err, t.one("SELECT id FROM prompts WHERE project_id = ? AND name = ?", []any{line.ProjectID, line.Name}, &id))
	for number, v := range line.All {
		if err != nil {
			return err
		}
		err = t.exec("INSERT OR IGNORE INTO prompt_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", v.ID, id, number+1, v.Commit, v.Type, v.Template,
			nullText(v.Metadata), v.Change, jsonText(v.Tags, len(v.Tags)), v.Created)
	}
	return err
}
