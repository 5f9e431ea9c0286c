package store_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// lines are lines of an export, to read from.
func lines(t *testing.T, all ...store.Line) io.Reader {
	t.Helper()
	var text bytes.Buffer
	for _, line := range all {
		require.NoError(t, json.NewEncoder(&text).Encode(line))
	}
	return &text
}

func TestMoments(t *testing.T) {
	tests := []struct {
		text string
		want store.Time
		is   string // as it is written; empty where it cannot be read
	}{
		{`"1970-01-01T00:00:00Z"`, 0, `"1970-01-01T00:00:00Z"`}, {`"2026-01-02T03:04:05Z"`, 1767323045e9, `"2026-01-02T03:04:05Z"`},
		{`"2026-01-02T03:04:05.123456789Z"`, 1767323045123456789, `"2026-01-02T03:04:05.123456789Z"`}, {`"2026-01-02T03:04:05.100Z"`, 1767323045100000000, `"2026-01-02T03:04:05.1Z"`},
		{`"2026-01-02T05:04:05+02:00"`, 1767323045e9, `"2026-01-02T03:04:05Z"`}, {`1767323045`, 1767323045e9, `"2026-01-02T03:04:05Z"`}, {`1767323045.25`, 1767323045250000000, `"2026-01-02T03:04:05.25Z"`},
		{`"2262-04-11T23:47:15.999999999Z"`, 9223372035999999999, `"2262-04-11T23:47:15.999999999Z"`},
		{`"2262-04-11T23:47:16Z"`, 0, ``}, {`"1969-12-31T23:59:59.999999999Z"`, 0, ``}, {`-1`, 0, ``}, {`1e300`, 0, ``}, {`"NaN"`, 0, ``}, {`"2026-01-02"`, 0, ``}, {`""`, 0, ``},
		{`"2026-02-30T00:00:00Z"`, 0, ``}, {`{}`, 0, ``}, {`true`, 0, ``}, {`"0000-01-01T00:00:00Z"`, 0, ``}, {`"99999-01-01T00:00:00Z"`, 0, ``},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			var got store.Time
			err := json.Unmarshal([]byte(test.text), &got)
			if test.is == "" {
				require.Error(t, err, "%d", got)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
			written, err := json.Marshal(got)
			require.NoError(t, err)
			assert.Equal(t, test.is, string(written))
			assert.Equal(t, got, store.TimeOf(got.Std()))
		})
	}
}

func TestFilesOfEverySize(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	file := store.Attachment{Kind: store.Trace, EntityID: uuid.Must(uuid.NewV7()).String(), Name: "f", Mime: "x/y"}
	for _, size := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 7} {
		content := bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, size/7+1)[:size]
		require.NoError(t, db.Attach(t.Context(), file, "p", io.MultiReader(bytes.NewReader(content[:size/3]), bytes.NewReader(content[size/3:]))))
		listed, err := db.Attachments(t.Context(), store.Trace, file.EntityID, "")
		require.NoError(t, err)
		require.Len(t, listed, 1, "it takes the place of the one before")
		assert.EqualValues(t, size, listed[0].Size)
		assert.Equal(t, "x/y", listed[0].Mime)
		var read bytes.Buffer
		began := false
		require.NoError(t, db.ReadAttachment(t.Context(), listed[0], &read, func(found store.Attachment) {
			began = true
			assert.Zero(t, read.Len(), "it is told before the first byte")
			assert.EqualValues(t, size, found.Size)
		}))
		assert.True(t, began)
		assert.True(t, bytes.Equal(content, read.Bytes()), size)
	}
	require.ErrorIs(t, db.ReadAttachment(t.Context(), store.Attachment{Name: "g"}, io.Discard, nil), store.ErrNotFound)
}

func TestFilesOfOthersAreLeftAlone(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	id := uuid.Must(uuid.NewV7()).String()
	for _, file := range []store.Attachment{{Kind: store.Trace, EntityID: id, Name: "f"}, {Kind: store.Span, EntityID: id, Name: "f"}, {Kind: store.Trace, EntityID: id, Name: "F"}} {
		for _, project := range []string{"p", "q"} {
			require.NoError(t, db.Attach(t.Context(), file, project, strings.NewReader(project+string(file.Kind)+file.Name)))
		}
	}
	p, err := db.ProjectNamed(t.Context(), "p")
	require.NoError(t, err)
	require.NoError(t, db.DeleteAttachments(t.Context(), store.Attachment{Kind: store.Trace, EntityID: id, ProjectID: p.ID}, []string{"f", "nothing"}))
	listed, err := db.Attachments(t.Context(), store.Trace, id, "")
	require.NoError(t, err)
	assert.Len(t, listed, 3)
	listed, err = db.Attachments(t.Context(), store.Span, id, p.ID)
	require.NoError(t, err)
	assert.Len(t, listed, 1)
}

func TestAProjectTakesAllAlongAndNothingElse(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	fill(t, db, 9)
	for _, name := range []string{"first", "Second ü"} {
		project, err := db.ProjectNamed(t.Context(), strings.ToUpper(name[:1])+name[1:])
		require.NoError(t, err)
		before := exported(t, db)
		require.NoError(t, db.DeleteProjects(t.Context(), []string{project.ID, "nobody"}))
		after := exported(t, db)
		assert.Less(t, len(after), len(before))
		kept := map[string]bool{}
		for _, line := range before {
			kept[line] = true
		}
		for _, line := range after {
			assert.NotContains(t, line, `"project_name":"`+name+`"`)
			assert.True(t, kept[line], "what is left is as it was: %.200s", line)
		}
		_, err = db.Project(t.Context(), project.ID)
		require.ErrorIs(t, err, store.ErrNotFound)
	}
}

func TestProjectsByTheirNames(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	for i, name := range []string{"Alpha", "beta", "100%", "under_score", " spaced "} {
		require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: uuid.Must(uuid.NewV7()).String(), ProjectName: name, Start: store.Time(1e18 + i)}}))
	}
	for search, want := range map[string]int{"": 5, "a": 3, "ALPHA": 1, "%": 1, "_": 1, "spaced": 1, "nobody": 0} {
		found, err := db.Projects(t.Context(), search)
		require.NoError(t, err)
		assert.Len(t, found, want, search)
	}
	all, err := db.Projects(t.Context(), "")
	require.NoError(t, err)
	assert.Equal(t, "spaced", all[0].Name, "the one with the newest trace stands first")
	same, err := db.ProjectNamed(t.Context(), " ALPHA ")
	require.NoError(t, err)
	assert.Equal(t, "Alpha", same.Name)
	_, err = db.CreateProject(t.Context(), "alpha", "")
	require.ErrorAs(t, err, new(store.Conflict))
	name := "gamma"
	require.NoError(t, db.UpdateProject(t.Context(), same.ID, &name, nil))
	require.ErrorIs(t, db.UpdateProject(t.Context(), "nobody", &name, nil), store.ErrNotFound)
}

func TestThreadsAreMadeOfTheirTraces(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	cost := 0.25
	trace := func(thread, project string, second int, more func(*store.Row)) string {
		row := store.Row{ID: uuid.Must(uuid.NewV7()).String(), ProjectName: project, ThreadID: thread, Start: store.Time(1e18 + second*1e9), End: store.Time(1e18 + second*1e9 + 5e8),
			Input: json.RawMessage(fmt.Sprintf(`"q%d"`, second)), Output: json.RawMessage(fmt.Sprintf(`"a%d"`, second))}
		if more != nil {
			more(&row)
		}
		require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{row}))
		require.NoError(t, db.Put(t.Context(), store.Span, []store.Row{{ID: uuid.Must(uuid.NewV7()).String(), TraceID: row.ID, ProjectName: project, Start: row.Start, Cost: &cost,
			Usage: map[string]int64{"total_tokens": 3}}}))
		return row.ID
	}
	last := trace("talk", "p", 2, nil)
	trace("talk", "p", 1, nil)
	trace("talk", "q", 0, nil)
	trace("", "p", 9, nil)
	trace("run", "p", 5, func(r *store.Row) { r.End = 0 })
	project, err := db.ProjectNamed(t.Context(), "p")
	require.NoError(t, err)

	talk, err := db.Thread(t.Context(), project.ID, "talk")
	require.NoError(t, err)
	assert.Equal(t, []string{`"q1"`, `"a2"`, "active"}, []string{string(talk.First), string(talk.Last), talk.Status})
	assert.EqualValues(t, 4, talk.Messages)
	assert.InDelta(t, 1500, talk.Duration, 1e-6)
	assert.InDelta(t, 0.5, talk.Cost, 1e-9)
	assert.Equal(t, map[string]int64{"total_tokens": 6}, talk.Usage)
	all, err := db.Threads(t.Context(), store.Query{ProjectID: project.ID})
	require.NoError(t, err)
	assert.Len(t, all, 2)

	require.NoError(t, db.CloseThreads(t.Context(), project.ID, []string{"talk", "run"}, true))
	require.NoError(t, db.TagThreads(t.Context(), []string{talk.ModelID}, store.Patch{Tags: []string{"a", "b", "a"}}))
	require.NoError(t, db.TagThreads(t.Context(), []string{talk.ModelID}, store.Patch{AddTags: []string{"c"}, RemoveTags: []string{"a"}}))
	require.ErrorIs(t, db.TagThreads(t.Context(), []string{talk.ModelID}, store.Patch{AddTags: manyTags()}), store.ErrTooManyTags)
	talk, err = db.Thread(t.Context(), project.ID, "talk")
	require.NoError(t, err)
	assert.Equal(t, []string{"b", "c"}, talk.Tags)
	assert.Equal(t, "inactive", talk.Status)

	require.NoError(t, db.DeleteTraces(t.Context(), []string{last}, ""))
	talk, err = db.Thread(t.Context(), project.ID, "talk")
	require.NoError(t, err)
	assert.Equal(t, `"a1"`, string(talk.Last), "it is what is left of it")
	require.NoError(t, db.DeleteThreads(t.Context(), project.ID, []string{"talk"}))
	_, err = db.Thread(t.Context(), project.ID, "talk")
	require.ErrorIs(t, err, store.ErrNotFound)
	other, err := db.ProjectNamed(t.Context(), "q")
	require.NoError(t, err)
	_, err = db.Thread(t.Context(), other.ID, "talk")
	require.NoError(t, err, "a thread of the same name elsewhere stays")
}

func TestStatsAddUp(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	ctx, cost := t.Context(), 0.5
	var rows, spans []store.Row
	for i := range 10 {
		row := store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: strconv.Itoa(i), Start: 1e18, End: store.Time(1e18 + (i+1)*1e6), Tags: []string{"a", "b"}[:i%3%2+1]}
		if i%2 == 0 {
			row.Input, row.Error = json.RawMessage(`1`), json.RawMessage(`{"exception_type":"E"}`)
		}
		rows = append(rows, row)
		spans = append(spans, store.Row{ID: uuid.Must(uuid.NewV7()).String(), TraceID: row.ID, Type: "llm", Start: 1e18, Cost: &cost, Usage: map[string]int64{"total_tokens": int64(i)}})
	}
	rows[9].End = 0
	require.NoError(t, db.Put(ctx, store.Trace, rows))
	require.NoError(t, db.Put(ctx, store.Span, spans))
	require.NoError(t, db.PutScores(ctx, []store.Score{{Kind: store.Trace, EntityID: rows[0].ID, Name: "q", Value: 1, Source: "ui"}, {Kind: store.Trace, EntityID: rows[1].ID, Name: "q", Value: 0, Source: "ui"}}))
	project, err := db.ProjectNamed(ctx, "")
	require.NoError(t, err)
	stats := func(kind store.Kind, q store.Query) map[string]any {
		q.ProjectID = project.ID
		list, err := db.Stats(ctx, kind, q)
		require.NoError(t, err)
		found := map[string]any{}
		for _, stat := range list {
			found[stat.Name] = stat.Value
		}
		return found
	}
	all := stats(store.Trace, store.Query{})
	assert.EqualValues(t, 10, all["trace_count"])
	assert.Equal(t, store.Percentiles{P50: 5, P90: 8, P99: 8}, all["duration"], "what still runs has no duration")
	assert.EqualValues(t, 5, all["input"])
	assert.EqualValues(t, 5, all["error_count"])
	assert.InDelta(t, 5.0, all["total_estimated_cost_sum"], 1e-9)
	assert.InDelta(t, 4.5, all["usage.total_tokens"], 1e-9)
	assert.InDelta(t, 0.5, all["feedback_scores.q"], 1e-9)
	assert.InDelta(t, 1.0, all["llm_span_count"], 1e-9)
	one := stats(store.Trace, store.Query{Filters: []store.Filter{{Field: "name", Operator: "=", Value: "0"}}})
	assert.EqualValues(t, 1, one["trace_count"])
	assert.InDelta(t, 1.0, one["feedback_scores.q"], 1e-9)
	none := stats(store.Trace, store.Query{Search: "nobody"})
	assert.EqualValues(t, 0, none["trace_count"])
	assert.Equal(t, store.Percentiles{}, none["duration"])
	assert.EqualValues(t, 10, stats(store.Span, store.Query{Type: "llm"})["span_count"])
	for name, value := range all {
		if number, ok := value.(float64); ok {
			assert.False(t, math.IsNaN(number), name)
		}
	}
}

func TestScoresOfSeveralAuthors(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	clock := time.Now()
	db.SetClock(func() time.Time { return clock })
	id := uuid.Must(uuid.NewV7()).String()
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: id, Start: 1}}))
	give := func(name, author string, value float64) {
		clock = clock.Add(time.Second)
		require.NoError(t, db.PutScores(t.Context(), []store.Score{{Kind: store.Trace, EntityID: id, Name: name, Author: author, Value: value, Source: "ui", Reason: author + name}}))
	}
	give("b", "", 1)
	give("a", "eve", 0)
	give("a", "bob", 1)
	give("a", "eve", 0.5) // once more
	got, err := db.Get(t.Context(), store.Trace, id)
	require.NoError(t, err)
	require.Len(t, got.Scores, 2)
	first := got.Scores[0]
	assert.Equal(t, "a", first.Name)
	assert.InDelta(t, 0.75, first.Value, 1e-9)
	assert.Len(t, first.ByAuthor, 2)
	assert.Equal(t, "evea", first.ByAuthor["eve"].Reason)
	assert.Equal(t, store.TimeOf(clock), first.Updated)
	assert.Equal(t, "admin", got.Scores[1].CreatedBy)
	names, err := db.ScoreNames(t.Context(), store.Trace, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, names)
	require.NoError(t, db.DeleteScores(t.Context(), store.Score{Kind: store.Trace, EntityID: id}, []string{"a", "b", "c"}))
	names, err = db.ScoreNames(t.Context(), store.Trace, "")
	require.NoError(t, err)
	assert.Empty(t, names)
}
