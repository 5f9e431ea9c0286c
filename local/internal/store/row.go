package store

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
)

// Kind says what a row is.
type Kind string

// The kinds of rows, and what else can have scores and comments.
const (
	Trace  Kind = "trace"
	Span   Kind = "span"
	Thread Kind = "thread"
)

// table is where rows of the kind are.
func (k Kind) table() string { return string(k) + "s" }

// Row is a trace or a span, with the names of Opik's API.
type Row struct {
	ID          string           `json:"id"`
	ProjectID   string           `json:"project_id,omitempty"`
	ProjectName string           `json:"project_name,omitempty"`
	TraceID     string           `json:"trace_id,omitempty"`
	ParentID    string           `json:"parent_span_id,omitempty"`
	Name        string           `json:"name"`
	Type        string           `json:"type,omitempty"`
	ThreadID    string           `json:"thread_id,omitempty"`
	Start       Time             `json:"start_time"`
	End         Time             `json:"end_time,omitzero"`
	Input       json.RawMessage  `json:"input,omitempty"`
	Output      json.RawMessage  `json:"output,omitempty"`
	Metadata    json.RawMessage  `json:"metadata,omitempty"`
	Model       string           `json:"model,omitempty"`
	Provider    string           `json:"provider,omitempty"`
	Tags        []string         `json:"tags,omitempty"`
	Usage       map[string]int64 `json:"usage,omitempty"`
	Error       json.RawMessage  `json:"error_info,omitempty"`
	Cost        *float64         `json:"total_estimated_cost,omitempty"`
	CostVersion string           `json:"total_estimated_cost_version,omitempty"`
	TTFT        *float64         `json:"ttft,omitempty"`
	Source      string           `json:"source,omitempty"`
	Environment string           `json:"environment,omitempty"`
	Created     Time             `json:"created_at,omitzero"`
	Updated     Time             `json:"last_updated_at,omitzero"`

	files []cutting // what was cut out of the documents and is to be stored with the row
}

// Partial reports whether the row was made by an update that came before its create.
func (r *Row) Partial() bool { return r.Start == 0 }

// columns are what every statement reads and writes, in this order.
const columns = `id, project_id, trace_id, parent_id, name, type, thread_id, model, provider, source, environment,
	start, end, ttft, cost, cost_version, tokens, failed, created, updated, tags, usage, error, metadata, input, output`

// placeholders stand for the columns.
var placeholders = strings.TrimSuffix(strings.Repeat("?, ", strings.Count(columns, ",")+1), ", ")

// assignments set every column to a value.
var assignments = strings.Join(strings.Split(columns, ","), " = ?,") + " = ?"

// values are the row's columns.
func (r *Row) values() []any {
	return []any{
		r.ID, r.ProjectID, r.TraceID, r.ParentID, r.Name, r.Type, r.ThreadID, r.Model, r.Provider, r.Source, r.Environment,
		r.Start, nullTime(r.End), r.TTFT, r.Cost, r.CostVersion, r.tokens(), len(r.Error) > 0, r.Created, r.Updated,
		jsonText(r.Tags, len(r.Tags)), jsonText(r.Usage, len(r.Usage)), nullText(r.Error), nullText(r.Metadata), nullText(r.Input), nullText(r.Output),
	}
}

// tokens is the total, also where the client counted only its parts.
func (r *Row) tokens() int64 {
	return cmp.Or(r.Usage["total_tokens"], r.Usage["prompt_tokens"]+r.Usage["completion_tokens"])
}

// nullTime is nil for no time.
func nullTime(t Time) any {
	if t == 0 {
		return nil
	}
	return int64(t)
}

// nullText is nil for nothing, so that SQL tells it from JSON's null.
func nullText(text json.RawMessage) any {
	if len(text) == 0 {
		return nil
	}
	return string(text)
}

// jsonText is the JSON of a list or a map, and nil for an empty one.
func jsonText(value any, size int) any {
	if size == 0 {
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil // texts and numbers can always be encoded
	}
	return string(text)
}

// A scanned row receives the columns.
type scanned struct {
	Row
	end                                           sql.NullInt64
	tokens                                        int64
	failed                                        bool
	tags, usage, failure, metadata, input, output sql.NullString
}

// dest are the targets of the columns.
func (s *scanned) dest() []any {
	return []any{
		&s.ID, &s.ProjectID, &s.TraceID, &s.ParentID, &s.Name, &s.Type, &s.ThreadID, &s.Model, &s.Provider, &s.Source, &s.Environment,
		&s.Start, &s.end, &s.TTFT, &s.Cost, &s.CostVersion, &s.tokens, &s.failed, &s.Created, &s.Updated,
		&s.tags, &s.usage, &s.failure, &s.metadata, &s.input, &s.output,
	}
}

// row returns what was read.
func (s *scanned) row() (Row, error) {
	row := s.Row
	row.End = Time(s.end.Int64)
	row.Error, row.Metadata, row.Input, row.Output = raw(s.failure), raw(s.metadata), raw(s.input), raw(s.output)
	if err := readTags(s.tags, &row.Tags); err != nil {
		return Row{}, err
	}
	if s.usage.Valid {
		return row, json.Unmarshal([]byte(s.usage.String), &row.Usage)
	}
	return row, nil
}

// raw is JSON as it was stored.
func raw(text sql.NullString) json.RawMessage {
	if !text.Valid {
		return nil
	}
	return json.RawMessage(text.String)
}

// readTags reads tags as they were stored.
func readTags(text sql.NullString, tags *[]string) error {
	if !text.Valid {
		return nil
	}
	return json.Unmarshal([]byte(text.String), tags)
}

// union returns the tags of both, each once, in the order in which they came.
func union(tags, more []string) []string {
	seen := make(map[string]struct{}, len(tags)+len(more))
	all := make([]string, 0, len(tags)+len(more))
	for _, tag := range slices.Concat(tags, more) {
		if _, ok := seen[tag]; !ok {
			seen[tag] = struct{}{}
			all = append(all, tag)
		}
	}
	return all
}
