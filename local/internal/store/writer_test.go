package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// TestARefusedWriteTakesNoOtherAlong mixes writes that are refused into those of other clients, with whom they share commits.
func TestARefusedWriteTakesNoOtherAlong(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	taken := store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: "taken", Start: 1}
	require.NoError(t, db.Create(t.Context(), store.Trace, taken))
	const clients, each = 8, 25 / fewer
	ids, outcomes := make([][]string, clients), make([][]bool, clients)
	var wait sync.WaitGroup
	for client := range clients {
		wait.Go(func() {
			for range each {
				row := store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: "fine", Start: 1}
				fine, conflict := db.Create(t.Context(), store.Trace, row), db.Create(t.Context(), store.Trace, taken)
				tooMany := db.Update(t.Context(), store.Trace, row.ID, store.Patch{AddTags: manyTags()})
				outcomes[client] = append(outcomes[client], fine == nil && errors.As(conflict, new(store.Conflict)) && errors.Is(tooMany, store.ErrTooManyTags))
				ids[client] = append(ids[client], row.ID)
			}
		})
	}
	wait.Wait()
	for client, list := range ids {
		require.Len(t, list, each)
		require.NotContains(t, outcomes[client], false)
		for _, id := range list {
			got, err := db.Get(t.Context(), store.Trace, id)
			require.NoError(t, err)
			assert.Empty(t, got.Tags, "nothing of a refused update is stored")
		}
	}
	project, err := db.ProjectNamed(t.Context(), "")
	require.NoError(t, err)
	total, err := db.Count(t.Context(), store.Trace, store.Query{ProjectID: project.ID})
	require.NoError(t, err)
	assert.EqualValues(t, clients*each+1, total)
}

// manyTags are more tags than an update may leave.
func manyTags() []string {
	tags := make([]string, store.MaxTags+1)
	for i := range tags {
		tags[i] = strconv.Itoa(i)
	}
	return tags
}

func TestABatchIsStoredWholeOrNotAtAll(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	good, other := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	_, err := db.Import(t.Context(), lines(t, store.Line{Kind: store.Trace, Row: &store.Row{ID: good, Start: 1}}, store.Line{}))
	require.Error(t, err)
	_, err = db.Get(t.Context(), store.Trace, good)
	require.ErrorIs(t, err, store.ErrNotFound, "what stood before the mistake is not stored either")
	_, err = db.Import(t.Context(), lines(t, store.Line{Kind: store.Trace, Row: &store.Row{ID: other, Start: 1}}))
	require.NoError(t, err)
}

func TestWhoStopsWaitingGetsHisContextsError(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	gone, stop := context.WithCancel(t.Context())
	stop()
	for range 20 { // it is up to chance whether the write was taken
		err := db.Put(gone, store.Trace, []store.Row{{ID: uuid.Must(uuid.NewV7()).String(), Start: 1}})
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: uuid.Must(uuid.NewV7()).String(), Start: 1}}), "the next one is served")
}

func TestReadersSeeWholeBatches(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: uuid.Must(uuid.NewV7()).String(), Start: 1}}))
	project, err := db.ProjectNamed(t.Context(), "")
	require.NoError(t, err)
	const size, batches = 50, 20
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range batches {
			rows := make([]store.Row, size)
			for i := range rows {
				rows[i] = store.Row{ID: uuid.Must(uuid.NewV7()).String(), TraceID: uuid.Must(uuid.NewV7()).String(), Start: 1}
			}
			assert.NoError(t, db.Put(t.Context(), store.Span, rows))
		}
	}()
	for seen := int64(0); seen < size*batches; {
		count, err := db.Count(t.Context(), store.Span, store.Query{ProjectID: project.ID})
		require.NoError(t, err)
		require.GreaterOrEqual(t, count, seen, "what was seen stays")
		require.Zero(t, count%size, "no part of a batch is seen")
		seen = count
	}
	<-done
}

func TestAListenerIsToldOnceHoweverMuchIsWritten(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	first, stopFirst := db.Changes.Listen()
	second, stopSecond := db.Changes.Listen()
	defer stopSecond()
	rows := make([]store.Row, 1500)
	for i := range rows {
		rows[i] = store.Row{ID: uuid.Must(uuid.NewV7()).String(), Start: 1}
	}
	for _, batch := range [][]store.Row{rows, rows[:10]} {
		require.NoError(t, db.Put(t.Context(), store.Trace, batch))
	}
	<-first.Wake
	ids, many := first.Take()
	assert.Len(t, ids, 1000, "a slow listener is not told of everything")
	assert.True(t, many, "but that there is more")
	ids, many = first.Take()
	assert.Empty(t, ids)
	assert.False(t, many)
	assert.Len(t, taken(second), 1000, "listeners do not take from each other")
	stopFirst()
	require.NoError(t, db.Put(t.Context(), store.Trace, rows[:1]))
	assert.Empty(t, taken(first), "who stopped is told nothing")
	assert.Equal(t, []string{rows[0].ID}, taken(second))
}

func TestWhatChangesATrace(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	ctx, trace, id := t.Context(), uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	listener, stop := db.Changes.Listen()
	defer stop()
	name := "late"
	comment := store.Comment{}
	steps := []struct {
		what string
		do   func() error
	}{
		{"a trace", func() error { return db.Put(ctx, store.Trace, []store.Row{{ID: trace, Start: 1}}) }},
		{"a span", func() error { return db.Put(ctx, store.Span, []store.Row{{ID: id, TraceID: trace, Start: 1}}) }},
		{"an update", func() error {
			return db.Update(ctx, store.Span, id, store.Patch{TraceID: trace, Name: &name})
		}},
		{"a score", func() error {
			return db.PutScores(ctx, []store.Score{{Kind: store.Span, EntityID: id, Name: "q", Value: 1, Source: "ui"}})
		}},
		{"a score that is taken back", func() error {
			return db.DeleteScores(ctx, store.Score{Kind: store.Span, EntityID: id}, []string{"q"})
		}},
		{"a comment", func() (err error) { comment, err = db.AddComment(ctx, store.Span, id, "x"); return err }},
		{"a comment that changes", func() error { return db.UpdateComment(ctx, store.Span, comment.ID, "y") }},
		{"a file", func() error {
			return db.Attach(ctx, store.Attachment{Kind: store.Span, EntityID: id, Name: "f"}, "", lines(t))
		}},
		{"its deletion", func() error { return db.DeleteTraces(ctx, []string{trace}, "") }},
	}
	for _, step := range steps {
		t.Run(step.what, func(t *testing.T) {
			require.NoError(t, step.do())
			assert.Equal(t, []string{trace}, taken(listener))
		})
	}
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	cost, ttft := 0.1, 12.5
	full := store.Row{ID: uuid.Must(uuid.NewV7()).String(), ProjectName: "p", TraceID: uuid.Must(uuid.NewV7()).String(), ParentID: uuid.Must(uuid.NewV7()).String(),
		Name: "näme\x00\n", Type: "llm", Start: 1e18 + 1, End: 2e18 + 999, Input: json.RawMessage(`{"b":1,"a":[null,"\u0000"]}`), Output: json.RawMessage(`null`),
		Metadata: json.RawMessage(`"text"`), Model: "m", Provider: "p", Tags: []string{"b", "a"}, Usage: map[string]int64{"x": -1, "total_tokens": 1 << 31},
		Error: json.RawMessage(`{"exception_type":"E"}`), Cost: &cost, TTFT: &ttft, Source: "sdk", Environment: "qa", Created: 5, Updated: 7}
	empty := store.Row{ID: uuid.Must(uuid.NewV7()).String(), TraceID: full.TraceID, ProjectName: "p", Start: 1, Created: 5, Updated: 7}
	for _, want := range []store.Row{full, empty} {
		require.NoError(t, db.Put(t.Context(), store.Span, []store.Row{want}))
		got, err := db.Get(t.Context(), store.Span, want.ID)
		require.NoError(t, err)
		want.ProjectID = got.ProjectID
		assert.Equal(t, want, got.Row)
	}
}
