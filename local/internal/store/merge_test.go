package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// model is what Opik's contract says about one row, written down once more and without a database.
type model struct {
	kind  store.Kind
	there bool
	row   store.Row
}

// put is a row of a batch: the newest stamp wins whole, and none is now.
func (m *model) put(row store.Row, now store.Time) {
	if row.Updated == 0 {
		row.Updated = now
	}
	if !m.there || row.Updated >= m.row.Updated {
		m.there, m.row = true, row
	}
}

// create is a single create: it completes a partial row, and changes no other.
func (m *model) create(row store.Row, now store.Time) (conflict bool) {
	row.Updated = now
	switch {
	case !m.there:
		m.there, m.row = true, row
	case m.row.Partial():
		patched := m.row
		m.row = row
		m.take(patched)
	default:
		return m.kind == store.Trace
	}
	return false
}

// take lets what a partial row says win.
func (m *model) take(said store.Row) {
	for _, pair := range [][2]*string{{&m.row.Name, &said.Name}, {&m.row.ThreadID, &said.ThreadID}, {&m.row.Model, &said.Model}} {
		if *pair[1] != "" {
			*pair[0] = *pair[1]
		}
	}
	if said.Type != "" && said.Type != "unknown" {
		m.row.Type = said.Type
	}
	for _, pair := range [][2]*json.RawMessage{{&m.row.Input, &said.Input}, {&m.row.Output, &said.Output}} {
		if *pair[1] != nil {
			*pair[0] = *pair[1]
		}
	}
	if said.End != 0 {
		m.row.End = said.End
	}
	if said.Tags != nil {
		m.row.Tags = said.Tags
	}
}

// update merges what is said, or makes a partial row.
func (m *model) update(p store.Patch, now store.Time) {
	if !m.there {
		m.there, m.row = true, store.Row{ID: m.row.ID, TraceID: m.row.TraceID}
		if m.kind == store.Span {
			m.row.Type = "unknown"
		}
	} else if m.row.Updated > now {
		return
	}
	m.row.Updated = now
	said := store.Row{Input: p.Input, Output: p.Output, Tags: p.Tags}
	for _, pair := range []struct {
		said *string
		kept *string
	}{{p.Name, &said.Name}, {p.ThreadID, &said.ThreadID}, {p.Model, &said.Model}, {p.Type, &said.Type}} {
		if pair.said != nil {
			*pair.kept = *pair.said
		}
	}
	if p.End != nil {
		said.End = *p.End
	}
	m.take(said)
}

// chance makes rows, updates and moments.
type chance struct {
	*rand.Rand
	kind store.Kind
}

// text is one of a few texts, or none.
func (c chance) text(prefix string) string {
	if c.IntN(3) == 0 {
		return ""
	}
	return fmt.Sprintf("%s%d", prefix, c.IntN(5))
}

// document is a small document, or none.
func (c chance) document() json.RawMessage {
	if c.IntN(3) == 0 {
		return nil
	}
	return json.RawMessage(fmt.Sprintf(`{"n":%d}`, c.IntN(9)))
}

// tags are a few, or none.
func (c chance) tags() []string {
	if c.IntN(2) == 0 {
		return nil
	}
	return []string{c.text("t") + "x", "y"}
}

// row is a whole row.
func (c chance) row(id, trace string, stamp store.Time) store.Row {
	row := store.Row{ID: id, Name: c.text("name"), Start: 1e18 + store.Time(c.IntN(1000)), End: store.Time(c.IntN(2)) * (1e18 + 5000),
		Input: c.document(), Output: c.document(), Tags: c.tags(), Updated: stamp}
	if c.kind == store.Trace {
		row.ThreadID = c.text("thread")
		return row
	}
	row.TraceID, row.Type, row.Model = trace, []string{"llm", "tool", "unknown"}[c.IntN(3)], c.text("model")
	return row
}

// patch is an update.
func (c chance) patch(trace string) store.Patch {
	name, end := c.text("late"), store.Time(1e18+9000+c.IntN(9))
	p := store.Patch{Input: c.document(), Output: c.document(), Tags: c.tags()}
	if c.IntN(2) == 0 {
		p.Name = &name // which may be blank and then says nothing
	}
	if c.IntN(2) == 0 {
		p.End = &end
	}
	if c.kind == store.Trace {
		thread := c.text("thread")
		p.ThreadID = &thread
		return p
	}
	kind, model := "llm", c.text("model")
	p.TraceID, p.Type, p.Model = trace, &kind, &model
	return p
}

// TestAnyOrderOfWritesMergesAsTheContractSays plays random writes against the database and the model.
func TestAnyOrderOfWritesMergesAsTheContractSays(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	clock := time.Now()
	db.SetClock(func() time.Time { return clock })
	for seed := range uint64(60) {
		kind := []store.Kind{store.Trace, store.Span}[seed%2]
		c := chance{rand.New(rand.NewPCG(seed, 7)), kind}
		id, trace := uuid.Must(uuid.NewV7()).String(), ""
		if kind == store.Span {
			trace = uuid.Must(uuid.NewV7()).String()
		}
		m := &model{kind: kind, row: store.Row{ID: id, TraceID: trace}}
		var history []string
		for range 1 + c.IntN(8) {
			clock = clock.Add(time.Millisecond)
			history = append(history, write(t, db, c, m, id, trace, store.TimeOf(clock)))
			got, err := db.Get(t.Context(), kind, id)
			require.NoError(t, err)
			require.Equal(t, comparable(m.row), comparable(got.Row), "%s, seed %d: %v", kind, seed, history)
		}
	}
}

// write makes one random write on both sides, and says which.
func write(t *testing.T, db *store.Store, c chance, m *model, id, trace string, now store.Time) string {
	t.Helper()
	switch c.IntN(4) {
	case 0:
		stamp := []store.Time{0, now - 1500e3, now - 1e6, now + 1e6}[c.IntN(4)]
		row := c.row(id, trace, stamp)
		require.NoError(t, db.Put(t.Context(), c.kind, []store.Row{row}))
		m.put(row, now)
		return fmt.Sprintf("batch at %d", stamp-now)
	case 1:
		row := c.row(id, trace, 0)
		err := db.Create(t.Context(), c.kind, row)
		if m.create(row, now) {
			require.ErrorAs(t, err, new(store.Conflict))
		} else {
			require.NoError(t, err)
		}
		return "create"
	case 2:
		patch := c.patch(trace)
		require.NoError(t, db.Update(t.Context(), c.kind, id, patch))
		m.update(patch, now)
		return "update"
	default:
		patch := c.patch(trace)
		require.NoError(t, db.UpdateAll(t.Context(), c.kind, []string{id, uuid.NewString()}, patch, false))
		if m.there {
			m.update(patch, now)
			return "update of several"
		}
		require.NoError(t, db.Update(t.Context(), c.kind, id, patch)) // so that there is something to read
		m.update(patch, now)
		return "update of several, then one"
	}
}

// comparable leaves of a row what the model knows.
func comparable(r store.Row) store.Row {
	return store.Row{ID: r.ID, TraceID: r.TraceID, Name: r.Name, Type: r.Type, ThreadID: r.ThreadID, Model: r.Model, Start: r.Start, End: r.End,
		Input: r.Input, Output: r.Output, Tags: slices.Clone(r.Tags), Updated: r.Updated}
}

// TestSumsAreThoseOfTheSpans plays random writes of spans, also to other places, and adds up what is left.
func TestSumsAreThoseOfTheSpans(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	c := rand.New(rand.NewPCG(1, 2))
	trace, ids := uuid.Must(uuid.NewV7()).String(), make([]string, 6)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7()).String()
	}
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: trace, Start: 1}}))
	for round := range 80 / fewer {
		cost := float64(c.IntN(4))
		row := store.Row{ID: ids[c.IntN(len(ids))], TraceID: trace, Type: []string{"llm", "tool", "general"}[c.IntN(3)], Start: 1, Cost: &cost,
			Usage: map[string]int64{"total_tokens": int64(c.IntN(10))}}
		if c.IntN(5) == 0 {
			row.ParentID = ids[c.IntN(len(ids))] // in another place, where it hides or is hidden
		}
		if c.IntN(3) == 0 {
			row.Error = json.RawMessage(`{"exception_type":"E"}`)
		}
		require.NoError(t, db.Put(t.Context(), store.Span, []store.Row{row}))
		got, err := db.Get(t.Context(), store.Trace, trace)
		require.NoError(t, err)
		spans, err := db.List(t.Context(), store.Span, store.Query{ProjectID: got.ProjectID, TraceID: trace})
		require.NoError(t, err)
		var llm, failed, tokens int64
		var total float64
		for _, span := range spans {
			if span.Type == "llm" {
				llm++
			}
			if span.Error != nil {
				failed++
			}
			tokens += span.Usage["total_tokens"]
			total += *span.Cost
		}
		require.Equal(t, []int64{int64(len(spans)), llm, failed, tokens}, []int64{got.Spans, got.LLM, got.Failed, got.Tokens}, "round %d", round)
		require.InDelta(t, total, *got.Cost, 1e-9)
	}
	assert.NoError(t, db.DeleteTraces(t.Context(), []string{trace}, ""))
}
