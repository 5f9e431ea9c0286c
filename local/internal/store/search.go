package store

import (
	"context"
	"database/sql"
)

const (
	// fewRows is how many rows may hold the words of a search for all of them to be looked up. Where more do, the list
	// is walked from its beginning instead until the page is full.
	fewRows   = 1000
	walkStep  = 128 // rows of the list that are looked at first
	walkTimes = 4   // and so many times more each time that the page is not full
)

// unseen is the number of rows where nobody walked.
const unseen = -1

// ahead answers the search of a query that asks for one page of many: it returns the query of exactly the page's rows,
// and how many rows it saw on the way there, with the one behind the page. Other queries it returns as they are.
func (s *Store) ahead(ctx context.Context, kind Kind, q Query) (page Query, seen int64, err error) {
	if q.Limit <= 0 {
		return q, unseen, nil
	}
	common, err := s.Common(ctx, kind, q)
	if err != nil || !common {
		return q, unseen, err
	}
	keys, err := s.walk(ctx, kind, q)
	seen = int64(len(keys))
	last := min(q.Offset+q.Limit, len(keys))
	q.Search, q.Limit, q.Offset, q.keys = "", 0, 0, keys[min(q.Offset, last):last]
	return q, seen, err
}

// Page returns the rows of a page, and how many rows the query has. Where so many hold its words that counting them takes
// longer than a person waits, it counts no further than the row behind the page: who reads on until the total reads all.
func (s *Store) Page(ctx context.Context, kind Kind, q Query) (entries []Entry, total int64, err error) {
	page, total, err := s.ahead(ctx, kind, q)
	if err == nil && total == unseen {
		total, err = s.Count(ctx, kind, q)
	}
	if err != nil {
		return nil, 0, err
	}
	entries, err = s.rows(ctx, kind, page)
	return entries, total, err
}

// Common reports whether so many rows hold the words of a search that counting them takes longer than a person waits.
func (s *Store) Common(ctx context.Context, kind Kind, q Query) (bool, error) {
	match := matchText(q.Search)
	if match == "" || kind == Thread {
		return false, nil
	}
	var traces, spans int
	const count = "(SELECT count(*) FROM (SELECT 1 FROM traces_text WHERE traces_text MATCH ?1 LIMIT ?2)), " +
		"(SELECT count(*) FROM (SELECT 1 FROM spans_text WHERE spans_text MATCH ?1 LIMIT ?2))"
	err := s.one(ctx, "SELECT "+count, []any{match, s.few}, &traces, &spans)
	return max(traces, spans) == s.few, err
}

// walk goes through the list and returns the keys of the rows that hold the words, up to the one behind the page.
func (s *Store) walk(ctx context.Context, kind Kind, q Query) ([]int64, error) {
	match, want := matchText(q.Search), max(0, q.Offset)+q.Limit+1
	list := q
	list.Search, list.Offset, list.Limit = "", 0, max(walkStep, 2*q.Limit)
	keys := []int64{} // a page far behind the end has no room of its size
	for len(keys) < want {
		rows, err := s.listed(ctx, kind, list)
		if err != nil {
			return nil, err
		}
		if err := s.mark(ctx, kind, rows, match); err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.holds {
				keys = append(keys, row.key)
			}
		}
		if len(rows) < list.Limit {
			break
		}
		list.Offset, list.Limit = list.Offset+list.Limit, list.Limit*walkTimes
	}
	return keys[:min(want, len(keys))], nil
}

// candidate is a row of a list, and whether it holds the words of a search.
type candidate struct {
	key   int64
	id    string
	holds bool
}

// listed returns the rows of a query in their order.
func (s *Store) listed(ctx context.Context, kind Kind, q Query) ([]*candidate, error) {
	where, err := q.where(kind)
	if err != nil {
		return nil, err
	}
	return collect(ctx, s, func(rows *sql.Rows) (*candidate, error) {
		row := &candidate{}
		return row, rows.Scan(&row.key, &row.id)
	}, "SELECT r.key, r.id"+from[kind]+where.text+where.order+where.limit, where.args...)
}

// mark notes which of the rows hold the words: themselves, or, of a trace, in one of its spans.
func (s *Store) mark(ctx context.Context, kind Kind, rows []*candidate, match string) error {
	byKey := make(map[int64]*candidate, len(rows))
	for _, row := range rows {
		byKey[row.key] = row
	}
	if err := s.markKeys(ctx, kind, byKey, match); err != nil || kind == Span {
		return err
	}
	rest := make(map[string]*candidate, len(rows))
	ids := []string{}
	for _, row := range rows {
		if !row.holds {
			rest[row.id] = row
			ids = append(ids, row.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	spans := map[int64]*candidate{}
	err := s.each(ctx, func(read *sql.Rows) error {
		var key int64
		var trace string
		err := read.Scan(&key, &trace)
		spans[key] = rest[trace]
		return err
	}, "SELECT key, trace_id FROM spans WHERE trace_id IN (SELECT value FROM json_each(?))", jsonText(ids, 1))
	if err != nil {
		return err
	}
	return s.markKeys(ctx, Span, spans, match)
}

// markKeys notes which keys the full text finds. They lie close together, as what comes together is stored together.
func (s *Store) markKeys(ctx context.Context, kind Kind, byKey map[int64]*candidate, match string) error {
	if len(byKey) == 0 {
		return nil
	}
	first, last := int64(1<<62), int64(-1)
	for key := range byKey {
		first, last = min(first, key), max(last, key)
	}
	table := kind.table() + "_text"
	return s.each(ctx, func(read *sql.Rows) error {
		var key int64
		err := read.Scan(&key)
		if row, ok := byKey[key]; ok {
			row.holds = true
		}
		return err
	}, "SELECT rowid FROM "+table+" WHERE "+table+" MATCH ? AND rowid BETWEEN ? AND ?", match, first, last)
}
