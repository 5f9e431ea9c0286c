package store

// sums are what a trace shows of its spans, or what a write adds to that.
type sums struct {
	spans, llm, tools, failed, tokens int64
	cost                              float64
}

// count adds a span to the sums, or with -1 takes it away.
func (s *sums) count(row Row, sign int64) {
	s.spans += sign
	s.llm += sign * one(row.Type == "llm")
	s.tools += sign * one(row.Type == "tool")
	s.failed += sign * one(len(row.Error) > 0)
	s.tokens += sign * row.tokens()
	if row.Cost != nil {
		s.cost += float64(sign) * *row.Cost
	}
}

// one is 1 where something holds.
func one(holds bool) int64 {
	if holds {
		return 1
	}
	return 0
}

// sum notes what the write that runs does to a trace: it may replace an old row, which counted if it was live.
func (t *tx) sum(row Row, old *Row) {
	at := place{row.TraceID, row.ProjectID}
	sum := t.sums[at]
	sum.count(row, 1)
	if old != nil {
		sum.count(*old, -1)
	}
	t.sums[at] = sum
}

const addSums = `INSERT INTO sums VALUES (?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT DO UPDATE SET spans = spans + excluded.spans, llm = llm + excluded.llm, tools = tools + excluded.tools,
	failed = failed + excluded.failed, tokens = tokens + excluded.tokens, cost = cost + excluded.cost`

// storeSums stores what a write noted, once for each trace.
func (t *tx) storeSums() error {
	for at, sum := range t.sums {
		err := t.exec(addSums, at.id, at.projectID, sum.spans, sum.llm, sum.tools, sum.failed, sum.tokens, sum.cost)
		if err != nil {
			return err
		}
	}
	return nil
}

// countAgain counts the spans of every trace in which an id stands, after one of its rows hid another.
func (t *tx) countAgain(row Row) error {
	if err := t.storeSums(); err != nil { // so that what is noted is not added twice
		return err
	}
	clear(t.sums)
	return t.exec(`INSERT OR REPLACE INTO sums SELECT trace_id, project_id, sum(live), sum(live * (type = 'llm')), sum(live * (type = 'tool')),
		sum(live * failed), sum(live * tokens), sum(live * coalesce(cost, 0)) FROM spans
		WHERE project_id = ?2 AND trace_id IN (SELECT trace_id FROM spans WHERE id = ?1 AND project_id = ?2) GROUP BY trace_id, project_id`, row.ID, row.ProjectID)
}
