package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// Entry is a row with what belongs to it, as Opik's API shows it.
type Entry struct {
	Row
	Duration  *float64        `json:"duration,omitempty"` // milliseconds
	Scores    []FeedbackScore `json:"feedback_scores,omitempty"`
	Comments  []Comment       `json:"comments,omitempty"`
	CreatedBy string          `json:"created_by"`
	UpdatedBy string          `json:"last_updated_by"`
	*Sums                     // of a trace
}

// Sums is what a trace shows of its spans.
type Sums struct {
	Visibility string   `json:"visibility_mode"`
	Spans      int64    `json:"span_count"`
	LLM        int64    `json:"llm_span_count"`
	Tools      bool     `json:"has_tool_spans"`
	Failed     int64    `json:"-"`
	Tokens     int64    `json:"-"`
	Providers  []string `json:"providers,omitempty"`
}

// rowColumns are the columns of r.
var rowColumns = "r." + strings.Join(strings.Fields(columns), " r.")

const sumColumns = ", coalesce(u.spans, 0), coalesce(u.llm, 0), coalesce(u.tools, 0) > 0, coalesce(u.failed, 0), coalesce(u.tokens, 0), u.cost"

// selects read rows of each kind.
var selects = map[Kind]string{
	Trace: "SELECT " + rowColumns + sumColumns + from[Trace],
	Span:  "SELECT " + rowColumns + from[Span],
}

// List reads the rows of a query, with their scores and comments.
func (s *Store) List(ctx context.Context, kind Kind, q Query) ([]Entry, error) {
	q, _, err := s.ahead(ctx, kind, q)
	if err != nil {
		return nil, err
	}
	return s.rows(ctx, kind, q)
}

// rows reads the rows of a query that needs no walk.
func (s *Store) rows(ctx context.Context, kind Kind, q Query) ([]Entry, error) {
	where, err := q.where(kind)
	if err != nil {
		return nil, err
	}
	return s.entries(ctx, kind, where.text+where.order+where.limit, where.args...)
}

// Count counts the rows of a query.
func (s *Store) Count(ctx context.Context, kind Kind, q Query) (total int64, err error) {
	q.Sort = nil
	where, err := q.where(kind)
	if err != nil {
		return 0, err
	}
	source := from[kind]
	if kind == Trace && len(q.Filters) == 0 {
		source = " FROM traces r" // no condition looks at sums
	}
	return total, s.one(ctx, "SELECT count(*)"+source+where.text, where.args, &total)
}

// Get returns the row that a reader of an id sees.
func (s *Store) Get(ctx context.Context, kind Kind, id string) (Entry, error) {
	entries, err := s.entries(ctx, kind, " WHERE r.id = ?1 ORDER BY r."+strings.ReplaceAll(sortKey, ", ", ", r.")+" LIMIT 1", id)
	return first(entries, err)
}

// entries reads rows and what belongs to them.
func (s *Store) entries(ctx context.Context, kind Kind, clauses string, args ...any) ([]Entry, error) {
	entries, err := collect(ctx, s, func(rows *sql.Rows) (Entry, error) { return scanEntry(kind, rows) }, selects[kind]+clauses, args...)
	if err != nil {
		return nil, err
	}
	return entries, s.decorate(ctx, kind, entries)
}

// scanEntry reads one row.
func scanEntry(kind Kind, rows *sql.Rows) (Entry, error) {
	var read scanned
	entry := Entry{CreatedBy: author, UpdatedBy: author}
	dest := read.dest()
	var cost *float64
	if kind == Trace {
		entry.Sums = &Sums{Visibility: "default"}
		u := entry.Sums
		dest = append(dest, &u.Spans, &u.LLM, &u.Tools, &u.Failed, &u.Tokens, &cost)
	}
	err := rows.Scan(dest...)
	if err != nil {
		return entry, err
	}
	if entry.Row, err = read.row(); err != nil {
		return entry, err
	}
	if kind == Trace {
		entry.Cost = cost
	}
	if entry.End != 0 && !entry.Partial() {
		duration := float64(entry.End-entry.Start) / 1e6
		entry.Duration = &duration
	}
	return entry, nil
}

// decorate adds scores and comments, and to traces what is counted over their spans.
func (s *Store) decorate(ctx context.Context, kind Kind, entries []Entry) error {
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].ID
	}
	scores, err := s.scores(ctx, kind, ids)
	if err != nil {
		return err
	}
	comments, err := s.comments(ctx, kind, ids)
	if err != nil {
		return err
	}
	names, err := s.projectNames(ctx)
	if err != nil {
		return err
	}
	for i := range entries {
		entry := &entries[i]
		entry.ProjectName = names[entry.ProjectID]
		entry.Scores, entry.Comments = scores[place{entry.ID, entry.ProjectID}], comments[entry.ID]
	}
	if kind == Trace {
		return s.decorateTraces(ctx, ids, entries)
	}
	return nil
}

// projectNames returns the names of all projects by their ids.
func (s *Store) projectNames(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var id, name string
		err := rows.Scan(&id, &name)
		names[id] = name
		return err
	}, "SELECT id, name FROM projects")
	return names, err
}

// decorateTraces adds token counts and providers.
func (s *Store) decorateTraces(ctx context.Context, ids []string, entries []Entry) error {
	usage, providers := map[place]map[string]int64{}, map[place][]string{}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var at place
		var name string
		var count int64
		err := rows.Scan(&at.id, &at.projectID, &name, &count)
		if usage[at] == nil {
			usage[at] = map[string]int64{}
		}
		usage[at][name] = count
		return err
	}, `SELECT s.trace_id, s.project_id, u.key, sum(u.value) FROM spans s, json_each(s.usage) u WHERE s.live = 1 AND s.usage IS NOT NULL
		AND s.trace_id IN (SELECT value FROM json_each(?)) GROUP BY s.trace_id, s.project_id, u.key`, jsonText(ids, 1))
	if err != nil {
		return err
	}
	err = s.each(ctx, func(rows *sql.Rows) error {
		var at place
		var provider string
		err := rows.Scan(&at.id, &at.projectID, &provider)
		providers[at] = append(providers[at], provider)
		return err
	}, `SELECT DISTINCT trace_id, project_id, provider FROM spans WHERE live = 1 AND provider <> ''
		AND trace_id IN (SELECT value FROM json_each(?)) ORDER BY provider`, jsonText(ids, 1))
	for i := range entries {
		at := place{entries[i].ID, entries[i].ProjectID}
		entries[i].Usage, entries[i].Providers = usage[at], slices.Clip(providers[at])
	}
	return err
}

// Sortable are the fields that a list of the kind can be sorted by.
func Sortable(kind Kind) []string {
	names := sortable(kind)
	slices.Sort(names)
	return names
}
