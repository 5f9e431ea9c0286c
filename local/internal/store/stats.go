package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
)

// Stat is one figure about many rows, as Opik's API shows it.
type Stat struct {
	Name  string `json:"name"`
	Type  string `json:"type"` // COUNT, PERCENTAGE or AVG
	Value any    `json:"value"`
}

// Percentiles are the value of a PERCENTAGE.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
}

// measured is what the figures are made of.
type measured struct {
	count, inputs, outputs, metadata, tags, failed, llm, spans int64
	cost                                                       float64
	durations                                                  []float64
	usage, scores                                              map[string]mean
}

// mean is a sum and what to divide it by.
type mean struct {
	sum   float64
	count int64
}

func (m mean) value() float64 { return m.sum / float64(max(1, m.count)) }

// extras are what the statistics read of each kind beside the row.
var extras = map[Kind]string{
	Trace: "coalesce(u.llm, 0), coalesce(u.spans, 0), coalesce(u.cost, 0)",
	Span:  "0, 0, coalesce(r.cost, 0)",
}

// Stats counts over the rows of a query.
func (s *Store) Stats(ctx context.Context, kind Kind, q Query) ([]Stat, error) {
	q.Sort, q.Limit = nil, 0
	where, err := q.where(kind)
	if err != nil {
		return nil, err
	}
	m := measured{usage: map[string]mean{}, scores: map[string]mean{}}
	err = s.each(ctx, m.scan, "SELECT r.start, r.end, r.input IS NOT NULL, r.output IS NOT NULL, r.metadata IS NOT NULL, "+
		"coalesce(json_array_length(r.tags), 0), r.failed, "+extras[kind]+from[kind]+where.text, where.args...)
	if err != nil {
		return nil, err
	}
	chosen := " IN (SELECT r.id" + from[kind] + where.text + ") GROUP BY 1"
	if err := s.average(ctx, m.usage, usageMeans[kind]+chosen, where.args); err != nil {
		return nil, err
	}
	err = s.average(ctx, m.scores, scoreMeans[kind]+chosen, where.args)
	return m.stats(string(kind)), err
}

// usageMeans add up token counts, of a trace over its spans. What follows them says of which rows.
var usageMeans = map[Kind]string{
	Trace: "SELECT t.key, sum(t.value), count(DISTINCT s.trace_id)" + usages + " AND s.trace_id",
	Span:  "SELECT t.key, sum(t.value), count(*)" + usages + " AND s.id",
}

const usages = " FROM spans s, json_each(s.usage) t WHERE s.live = 1 AND s.usage IS NOT NULL AND s.project_id = ?1"

// scoreMeans add up feedback scores.
var scoreMeans = map[Kind]string{
	Trace: "SELECT s.name, sum(s.value), count(*) FROM scores s WHERE s.kind = 'trace' AND s.project_id = ?1 AND s.entity_id",
	Span:  "SELECT s.name, sum(s.value), count(*) FROM scores s WHERE s.kind = 'span' AND s.project_id = ?1 AND s.entity_id",
}

// average fills means by the name in the query's first column.
func (s *Store) average(ctx context.Context, means map[string]mean, query string, args []any) error {
	return s.each(ctx, func(rows *sql.Rows) error {
		var name string
		var one mean
		err := rows.Scan(&name, &one.sum, &one.count)
		means[name] = one
		return err
	}, query, args...)
}

// scan reads one row of the figures.
func (m *measured) scan(rows *sql.Rows) error {
	var start Time
	var end sql.NullInt64
	var inputs, outputs, metadata, tags, failed, llm, spans int64
	var cost float64
	if err := rows.Scan(&start, &end, &inputs, &outputs, &metadata, &tags, &failed, &llm, &spans, &cost); err != nil {
		return err
	}
	m.count++
	m.inputs, m.outputs, m.metadata, m.tags = m.inputs+inputs, m.outputs+outputs, m.metadata+metadata, m.tags+tags
	m.failed, m.llm, m.spans, m.cost = m.failed+failed, m.llm+llm, m.spans+spans, m.cost+cost
	if end.Valid && start != 0 {
		m.durations = append(m.durations, float64(Time(end.Int64)-start)/1e6)
	}
	return nil
}

// stats names the figures as Opik does.
func (m *measured) stats(kind string) []Stat {
	rows := float64(max(1, m.count))
	stats := []Stat{
		{kind + "_count", "COUNT", m.count},
		{"duration", "PERCENTAGE", percentiles(m.durations)},
		{"input", "COUNT", m.inputs},
		{"output", "COUNT", m.outputs},
		{"metadata", "COUNT", m.metadata},
		{"tags", "AVG", float64(m.tags) / rows},
		{"total_estimated_cost", "AVG", m.cost / rows},
		{"total_estimated_cost_sum", "AVG", m.cost},
		{"error_count", "COUNT", m.failed},
	}
	if kind == string(Trace) {
		stats = append(stats, Stat{"llm_span_count", "AVG", float64(m.llm) / rows}, Stat{"span_count", "AVG", float64(m.spans) / rows})
	}
	for _, group := range []struct {
		prefix string
		means  map[string]mean
	}{{"usage.", m.usage}, {"feedback_scores.", m.scores}} {
		for _, name := range slices.Sorted(maps.Keys(group.means)) {
			stats = append(stats, Stat{group.prefix + name, "AVG", group.means[name].value()})
		}
	}
	return stats
}

// percentiles sorts the values.
func percentiles(values []float64) Percentiles {
	if len(values) == 0 {
		return Percentiles{}
	}
	slices.Sort(values)
	at := func(share float64) float64 { return values[int(share*float64(len(values)-1))] }
	return Percentiles{at(0.5), at(0.9), at(0.99)}
}
