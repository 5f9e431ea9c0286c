package store

import (
	"context"
	"database/sql"
)

// Bucket is what happened in a stretch of time.
type Bucket struct {
	Start  Time    `json:"start"`
	Traces int64   `json:"traces"`
	Failed int64   `json:"failed"`
	Tokens int64   `json:"tokens"`
	Cost   float64 `json:"cost"`
	P50    float64 `json:"p50"` // milliseconds
	P95    float64 `json:"p95"`

	durations []float64
}

// Chart divides the time of a query's traces into buckets of one width.
func (s *Store) Chart(ctx context.Context, q Query, buckets int) ([]Bucket, error) {
	var first, last Time
	where, err := q.where(Trace)
	if err != nil {
		return nil, err
	}
	if err := s.one(ctx, "SELECT coalesce(min(r.start), 0), coalesce(max(r.start), 0)"+from[Trace]+where.text+" AND r.start > 0",
		where.args, &first, &last); err != nil {
		return nil, err
	}
	width := max(1, (last-first)/Time(buckets)+1)
	chart := make([]Bucket, buckets)
	for i := range chart {
		chart[i].Start = first + Time(i)*width
	}
	err = s.each(ctx, func(rows *sql.Rows) error {
		var one charted
		err := rows.Scan(&one.start, &one.end, &one.failed, &one.tokens, &one.cost)
		chart[(one.start-first)/width].add(one)
		return err
	}, "SELECT r.start, r.end, r.failed OR coalesce(u.failed, 0) > 0, coalesce(u.tokens, 0), coalesce(u.cost, 0)"+
		from[Trace]+where.text+" AND r.start BETWEEN ? AND ?", append(where.args, first, last)...)
	for i := range chart {
		chart[i].summarize()
	}
	return chart, err
}

// charted is a trace as the charts see it.
type charted struct {
	start          Time
	end            sql.NullInt64
	failed, tokens int64
	cost           float64
}

// add counts one trace.
func (b *Bucket) add(one charted) {
	b.Traces++
	b.Failed += one.failed
	b.Tokens += one.tokens
	b.Cost += one.cost
	if one.end.Valid {
		b.durations = append(b.durations, float64(Time(one.end.Int64)-one.start)/1e6)
	}
}

// summarize computes what needs all durations.
func (b *Bucket) summarize() {
	p := percentiles(b.durations)
	b.P50 = p.P50
	if n := len(b.durations); n > 0 {
		b.P95 = b.durations[int(0.95*float64(n-1))]
	}
}
