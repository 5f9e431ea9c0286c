package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

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
	for len(group) < importStep && err == nil {
		var line Line
		if err = decoder.Decode(&line); err == nil {
			group = append(group, line)
		}
	}
	return group, err
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
		return t.importComment(*line.Comment, projects, now)
	case line.Thread != nil:
		return t.importThread(*line.Thread, projects, now)
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

// importComment stores a comment that is not there.
func (t *tx) importComment(c Remark, projects map[string]string, now Time) (err error) {
	if c.Kind == Thread {
		if c.EntityID, err = t.threadOnce(projects, c.ProjectName, c.EntityID, now); err != nil {
			return err
		}
	}
	return t.exec("INSERT OR IGNORE INTO comments VALUES (?, ?, ?, ?, ?, ?)", c.ID, c.Kind, c.EntityID, c.Text, c.Created, c.Updated)
}

// importThread closes and tags a thread, which keeps the tags that it has.
func (t *tx) importThread(line ThreadLine, projects map[string]string, now Time) error {
	id, err := t.threadOnce(projects, line.ProjectName, line.ThreadID, now)
	if err != nil {
		return err
	}
	return errors.Join(t.tagThread(id, Patch{AddTags: line.Tags}, now), t.exec("UPDATE threads SET closed = max(closed, ?) WHERE id = ?", line.Closed, id))
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
