package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// writeFile writes a small file.
func writeFile(name, text string) error { return os.WriteFile(name, []byte(text), 0o600) }

// encoded is a file that leaves its row.
func encoded(last byte) string {
	content := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0, 1, 2}, 70_000)...)
	return base64.StdEncoding.EncodeToString(append(content, last))
}

// fill writes a bit of everything, by chance.
func fill(t *testing.T, db *store.Store, seed uint64) {
	t.Helper()
	ctx, c := t.Context(), chance{rand.New(rand.NewPCG(seed, 1)), store.Trace}
	for i := range 12 {
		project := []string{"", "first", "Second ü"}[c.IntN(3)]
		trace := c.row(uuid.Must(uuid.NewV7()).String(), "", 0)
		trace.ProjectName, trace.Metadata = project, json.RawMessage(`{"picture":"`+encoded(byte(i))+`"}`)
		require.NoError(t, db.Put(ctx, store.Trace, []store.Row{trace}))
		c.kind = store.Span
		span := c.row(uuid.Must(uuid.NewV7()).String(), trace.ID, 0)
		span.ProjectName, span.Usage, span.Model, span.Provider = project, map[string]int64{"prompt_tokens": int64(i)}, "gpt-4o", "openai"
		require.NoError(t, db.Put(ctx, store.Span, []store.Row{span}))
		c.kind = store.Trace
		require.NoError(t, db.PutScores(ctx, []store.Score{
			{Kind: store.Span, EntityID: span.ID, ProjectName: project, Name: "q", Value: float64(i) / 3, Reason: "because \"so\"", Source: "sdk"},
			{Kind: store.Thread, EntityID: "talk", ProjectName: project, Name: "kind", Value: 1, Author: "eve", Source: "ui"}}))
		_, err := db.AddComment(ctx, store.Span, span.ID, fmt.Sprintf("comment %d\n<b>", i))
		require.NoError(t, err)
		require.NoError(t, db.Attach(ctx, store.Attachment{Kind: store.Span, EntityID: span.ID, Name: "../f", Mime: "text/plain"}, project, strings.NewReader(strings.Repeat("x", i*i*i*900))))
		id, err := db.PromptProject(ctx, project)
		require.NoError(t, err)
		_, err = db.AddPromptVersion(ctx, store.Prompt{Name: fmt.Sprint("prompt", c.IntN(3)), ProjectID: id, Structure: store.ChatPrompt},
			store.PromptVersion{Template: strconv.Itoa(i), Type: "mustache", Metadata: json.RawMessage(`{"a":1}`), Tags: []string{"x"}})
		require.NoError(t, err)
	}
	_, err := db.CreateEnvironment(ctx, store.Environment{Name: "qa", Color: "red"})
	require.NoError(t, err)
}

// exported are the lines of an export, in an order of their own.
func exported(t *testing.T, db *store.Store) []string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, db.Export(t.Context(), "", &text))
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	slices.Sort(lines)
	return lines
}

// sameText compares texts that are too long to print.
func sameText(t *testing.T, want, got string) {
	t.Helper()
	if want != got {
		require.Failf(t, "they differ", "%.500s\nis not\n%.500s", got, want)
	}
}

func TestWhatIsExportedIsImported(t *testing.T) {
	for seed := range max(1, 2/uint64(fewer)) {
		from, to := open(t, filepath.Join(t.TempDir(), "a.db")), open(t, filepath.Join(t.TempDir(), "b.db"))
		fill(t, from, seed)
		want := exported(t, from)
		for times := range 2 {
			lines, err := to.Import(t.Context(), strings.NewReader(strings.Join(want, "\n")))
			require.NoError(t, err)
			assert.Equal(t, len(want), lines)
			got := exported(t, to)
			require.Len(t, got, len(want), "import number %d", times)
			for i := range want {
				sameText(t, want[i], got[i])
			}
		}
		sameFiles(t, from, to)
	}
}

func TestThreadsKeepTheirCommentsAndTags(t *testing.T) {
	ctx := t.Context()
	from, to := open(t, filepath.Join(t.TempDir(), "a.db")), open(t, filepath.Join(t.TempDir(), "b.db"))
	talk := func(db *store.Store) store.ThreadRow {
		project, err := db.ProjectNamed(ctx, "p")
		require.NoError(t, err)
		thread, err := db.Thread(ctx, project.ID, "talk")
		require.NoError(t, err)
		return thread
	}
	for _, db := range []*store.Store{from, to} { // each has an id of its own for the thread
		id := uuid.Must(uuid.NewV7()).String()
		require.NoError(t, db.Put(ctx, store.Trace, []store.Row{{ID: id, ProjectName: "p", ThreadID: "talk", Start: store.TimeOf(time.Now())}}))
	}
	thread := talk(from)
	comment, err := from.AddComment(ctx, store.Thread, thread.ModelID, "well said")
	require.NoError(t, err)
	require.NoError(t, from.TagThreads(ctx, []string{thread.ModelID}, store.Patch{Tags: []string{"a", "b"}}))
	require.NoError(t, from.CloseThreads(ctx, thread.ProjectID, []string{"talk"}, true))
	require.NoError(t, to.TagThreads(ctx, []string{talk(to).ModelID}, store.Patch{Tags: []string{"own", "b"}}))

	for _, project := range []string{"", thread.ProjectID, ""} {
		var text bytes.Buffer
		require.NoError(t, from.Export(ctx, project, &text))
		_, err = to.Import(ctx, &text)
		require.NoError(t, err)
		got := talk(to)
		assert.NotEqual(t, thread.ModelID, got.ModelID)
		assert.Equal(t, []string{"own", "b", "a"}, got.Tags)
		assert.Equal(t, "inactive", got.Status)
		assert.Equal(t, []store.Comment{comment}, got.Comments)
	}

	other := talk(to)
	require.NoError(t, from.DeleteThreads(ctx, thread.ProjectID, []string{"talk"}))
	_, err = from.Comment(ctx, store.Thread, thread.ModelID, comment.ID)
	require.ErrorIs(t, err, store.ErrNotFound, "a thread takes its comments along")
	require.NoError(t, to.DeleteProjects(ctx, []string{other.ProjectID}))
	_, err = to.Comment(ctx, store.Thread, other.ModelID, comment.ID)
	require.ErrorIs(t, err, store.ErrNotFound, "and so does a project")
}

// sameFiles checks that both give back what was cut out.
func sameFiles(t *testing.T, from, to *store.Store) {
	t.Helper()
	for _, name := range []string{"", "first", "Second ü"} {
		project, err := from.ProjectNamed(t.Context(), name)
		if err != nil {
			continue // chance did not take it
		}
		other, err := to.ProjectNamed(t.Context(), name)
		require.NoError(t, err)
		entries, err := from.List(t.Context(), store.Trace, store.Query{ProjectID: project.ID})
		require.NoError(t, err)
		copies, err := to.List(t.Context(), store.Trace, store.Query{ProjectID: other.ID})
		require.NoError(t, err)
		require.NoError(t, from.Restore(t.Context(), store.Trace, entries))
		require.NoError(t, to.Restore(t.Context(), store.Trace, copies))
		require.Len(t, copies, len(entries))
		for i := range entries {
			assert.Greater(t, len(entries[i].Metadata), 256_000)
			assert.True(t, bytes.Equal(entries[i].Metadata, copies[i].Metadata))
		}
	}
}

func TestAnExportOfOneProjectHasNothingOfOthers(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	fill(t, db, 5)
	project, err := db.ProjectNamed(t.Context(), "first")
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, db.Export(t.Context(), project.ID, &text))
	for line := range strings.SplitSeq(strings.TrimSpace(text.String()), "\n") {
		var read store.Line
		require.NoError(t, json.Unmarshal([]byte(line), &read))
		switch {
		case read.Row != nil:
			assert.Equal(t, "first", read.Row.ProjectName)
		case read.Score != nil:
			assert.Equal(t, "first", read.Score.ProjectName)
		case read.Attachment != nil:
			assert.Equal(t, "first", read.Attachment.ProjectID)
		case read.Prompt != nil:
			assert.Equal(t, "first", read.Prompt.ProjectName)
		default:
			assert.NotNil(t, read.Comment, line)
		}
	}
}

func TestWhatCannotBeImported(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"no JSON":              {"nonsense", "reading line 1"},
		"half a line":          {`{"row":`, "reading line 1"},
		"nothing":              {"{}", "holds nothing that an export writes"},
		"a row of no kind":     {`{"kind":"dog","row":{"id":"x","start_time":"2026-01-02T03:04:05Z"}}`, "holds nothing that an export writes"},
		"a moment":             {`{"kind":"trace","row":{"id":"x","start_time":"never"}}`, "cannot read"},
		"a moment out of time": {`{"kind":"trace","row":{"id":"x","start_time":"2300-01-01T00:00:00Z"}}`, "must be after or equal"},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, filepath.Join(t.TempDir(), "a.db"))
			good := `{"kind":"trace","row":{"id":"good","project_name":"p","start_time":"2026-01-02T03:04:05Z","name":"good"}}` + "\n"
			_, err := db.Import(t.Context(), strings.NewReader(test.text))
			require.ErrorContains(t, err, test.want)
			lines, err := db.Import(t.Context(), strings.NewReader(good))
			require.NoError(t, err, "the database is as before")
			assert.Equal(t, 1, lines)
		})
	}
}

func TestAgeAndSize(t *testing.T) {
	ctx, file := t.Context(), filepath.Join(t.TempDir(), "a.db")
	db := open(t, file)
	now := time.Now()
	db.SetClock(func() time.Time { return now })
	put := func(age time.Duration, content string) string {
		id, span := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
		stamp := store.TimeOf(now.Add(-age))
		text := json.RawMessage(`{"a":"` + content + `"}`)
		require.NoError(t, db.Put(ctx, store.Span, []store.Row{{ID: span, TraceID: id, Start: stamp, Input: text, Updated: stamp}}))
		require.NoError(t, db.Put(ctx, store.Trace, []store.Row{{ID: id, Start: stamp, Updated: stamp, ThreadID: "talk"}}))
		require.NoError(t, db.PutScores(ctx, []store.Score{{Kind: store.Span, EntityID: span, Name: "q", Value: 1, Source: "sdk"}}))
		require.NoError(t, db.Attach(ctx, store.Attachment{Kind: store.Span, EntityID: span, Name: "f"}, "", strings.NewReader(strings.Repeat("x", 1<<20))))
		return id
	}
	var ids []string
	for day := range 6 {
		ids = append(ids, put(time.Duration(day)*24*time.Hour+time.Hour, encoded(byte(day))))
	}
	before, err := db.Size(ctx)
	require.NoError(t, err)
	removed, err := db.Trim(ctx, store.Limits{Age: 72 * time.Hour})
	require.NoError(t, err)
	assert.Equal(t, 3, removed)
	after, err := db.Size(ctx)
	require.NoError(t, err)
	assert.Less(t, after, before*6/10, "spans, scores and files go with their traces")
	for i, id := range ids {
		_, err := db.Get(ctx, store.Trace, id)
		assert.Equal(t, i >= 3, err != nil, i)
	}
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), after+1<<16, "the room is given back")

	removed, err = db.Trim(ctx, store.Limits{Age: 72 * time.Hour, Size: 1})
	require.NoError(t, err)
	assert.Equal(t, 3, removed, "a size that nothing fits leaves nothing, and ends")
	removed, err = db.Trim(ctx, store.Limits{})
	require.NoError(t, err)
	assert.Zero(t, removed, "without limits all stays")
}

func TestUploadsThatNobodyEndsAreRemoved(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	now := time.Now()
	db.SetClock(func() time.Time { return now })
	began, end := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- db.Attach(t.Context(), store.Attachment{Kind: store.Trace, EntityID: "t", Name: "f"}, "", &slow{strings.NewReader(strings.Repeat("x", 3<<20)), began, end})
	}()
	<-began
	_, err := db.Trim(t.Context(), store.Limits{})
	require.NoError(t, err)
	now = now.Add(23 * time.Hour)
	_, err = db.Trim(t.Context(), store.Limits{})
	require.NoError(t, err)
	close(end)
	require.NoError(t, <-done)
	files, err := db.Attachments(t.Context(), store.Trace, "t", "")
	require.NoError(t, err)
	require.Len(t, files, 1, "an upload that still runs is left alone for a day")
	assert.EqualValues(t, 3<<20, files[0].Size)
}

// slow is an upload that pauses after its first piece.
type slow struct {
	from       *strings.Reader
	began, end chan struct{}
}

func (s *slow) Read(p []byte) (int, error) {
	if s.began != nil && s.from.Len() < 2<<20 {
		close(s.began)
		s.began = nil
		<-s.end
	}
	return s.from.Read(p)
}
