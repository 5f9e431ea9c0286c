package store

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Query says which rows to read. The zero value of a field asks for nothing.
type Query struct {
	ProjectID string
	TraceID   string
	Type      string
	Filters   []Filter
	Search    string // words that the row, or for a trace one of its spans, must hold
	Sort      []Sort // without any, the newest id first
	From, To  Time   // of the start
	Before    string // only ids below this one
	Limit     int
	Offset    int

	keys []int64 // where it is not nil, only these rows
}

// Sort is one key of an order, as Opik's API has it.
type Sort struct {
	Field     string `json:"field"`
	Direction string `json:"direction"`
}

// clauses are a query in SQL. The first argument is always the project.
type clauses struct {
	text, order, limit string
	args               []any
}

// from is the table of each kind, as r, with what fields refer to.
var from = map[Kind]string{
	Trace:  " FROM traces r LEFT JOIN sums u ON u.trace_id = r.id AND u.project_id = r.project_id",
	Span:   " FROM spans r",
	Thread: " FROM " + threadRows,
}

// where writes the query in SQL.
func (q Query) where(kind Kind) (clauses, error) {
	c := clauses{text: " WHERE r.project_id = ?1", args: []any{q.ProjectID}}
	if kind != Thread {
		c.text += " AND r.live = 1"
	}
	if err := c.filter(kind, q.Filters); err != nil {
		return c, err
	}
	c.narrow(kind, q)
	return c, c.sort(kind, q)
}

// and adds a condition.
func (c *clauses) and(text string, args ...any) {
	c.text += " AND " + text
	c.args = append(c.args, args...)
}

// maxFilters is how many conditions there may be. SQLite has a bound for them, too.
const maxFilters = 200

// filter adds the conditions of filters.
func (c *clauses) filter(kind Kind, filters []Filter) error {
	if len(filters) > maxFilters {
		return Unknown(fmt.Sprintf("%d filters are too many: there may be %d", len(filters), maxFilters))
	}
	for _, filter := range filters {
		condition, err := filter.condition(kind)
		if err != nil {
			return err
		}
		c.and(condition.text, condition.args...)
	}
	return nil
}

// narrow adds the conditions that are not filters.
func (c *clauses) narrow(kind Kind, q Query) {
	if q.TraceID != "" {
		c.and("r.trace_id = ?", q.TraceID)
	}
	if q.Type != "" {
		c.and("r.type = ?", q.Type)
	}
	if q.From != 0 {
		c.and("r.start >= ?", q.From)
	}
	if q.To != 0 {
		c.and("r.start <= ?", q.To)
	}
	if q.Before != "" {
		c.and(cursor(kind)+" < ?", q.Before)
	}
	if q.keys != nil {
		c.and("r.key IN (SELECT value FROM json_each(?))", jsonText(q.keys, 1))
	}
	if match := matchText(q.Search); match != "" {
		c.and(searches[kind], match)
	}
}

// cursor is what pages through a kind.
func cursor(kind Kind) string {
	if kind == Thread {
		return "r.model_id"
	}
	return "r.id"
}

// searches find rows by their words. The parameter is numbered by its place, so that it can be used twice.
var searches = map[Kind]string{
	Trace: `(r.key IN (WITH q(words) AS (SELECT ?) SELECT rowid FROM traces_text WHERE traces_text MATCH (SELECT words FROM q)
		UNION SELECT t.key FROM traces t JOIN spans s ON s.trace_id = t.id
		WHERE s.key IN (SELECT rowid FROM spans_text WHERE spans_text MATCH (SELECT words FROM q))))`,
	Span: "r.key IN (SELECT rowid FROM spans_text WHERE spans_text MATCH ?)",
	Thread: `r.id IN (SELECT thread_id FROM traces WHERE project_id = ?1 AND key IN
		(SELECT rowid FROM traces_text WHERE traces_text MATCH ?))`,
}

// maxSearch is how many words of a search are looked for.
const maxSearch = 64

// matchText turns what a person typed into a query of the full text: every word must occur, the last may be a beginning.
// Characters of a script without spaces must stand together.
func matchText(search string) string {
	words := strings.FieldsFunc(search, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) })
	words = slices.DeleteFunc(words, func(word string) bool { return !strings.ContainsFunc(word, isAlphanumeric) })
	if len(words) == 0 {
		return ""
	}
	words = words[:min(len(words), maxSearch)]
	return `"` + spaced(strings.Join(words, `" "`)) + `"*`
}

// isAlphanumeric reports whether a character can be looked for alone. A mark changes another one.
func isAlphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// sort writes the order and the page.
func (c *clauses) sort(kind Kind, q Query) error {
	var keys []string
	for _, sort := range q.Sort {
		key, err := c.sortKey(kind, sort)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	c.order = " ORDER BY " + strings.Join(append(keys, cursor(kind)+" DESC"), ", ")
	if q.Limit > 0 {
		c.limit = fmt.Sprintf(" LIMIT %d OFFSET %d", q.Limit, max(0, q.Offset))
	}
	return nil
}

// sortKey writes one key.
func (c *clauses) sortKey(kind Kind, sort Sort) (string, error) {
	found, key, err := lookUp(kind, sort.Field)
	if err != nil {
		return "", err
	}
	expr := found.expr
	switch found.kind {
	case scoreField:
		c.args = append(c.args, key)
	case jsonField:
		expr = "json_extract(" + expr + ", ?)"
		c.args = append(c.args, jsonPath(key))
	}
	direction := "ASC"
	if strings.EqualFold(sort.Direction, "DESC") {
		direction = "DESC"
	}
	return expr + " " + direction + " NULLS LAST", nil
}
