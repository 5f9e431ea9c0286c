package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/local/internal/store"
)

func TestMain(m *testing.M) {
	if file := os.Getenv("INGEST"); file != "" {
		if err := ingest(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// open opens a database of the test.
func open(t *testing.T, file string) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// span is a small span.
func span(trace string) store.Row {
	return store.Row{ID: uuid.Must(uuid.NewV7()).String(), TraceID: trace, Name: "span", Type: "llm", Start: 1e18, End: 1e18 + 1e6,
		Input: json.RawMessage(`{"q":"what"}`), Usage: map[string]int64{"total_tokens": 2}}
}

func TestTwoClientsLoseNothing(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	const batches, size = 20, 100 / fewer
	trace := uuid.Must(uuid.NewV7()).String()
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			for range batches {
				rows := make([]store.Row, size)
				for i := range rows {
					rows[i] = span(trace)
				}
				assert.NoError(t, db.Put(t.Context(), store.Span, rows))
				assert.NoError(t, db.Put(t.Context(), store.Span, rows), "sent again, as a client does that got no answer")
			}
		})
	}
	wait.Wait()
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: trace, Name: "t", Start: 1e18}}))
	got, err := db.Get(t.Context(), store.Trace, trace)
	require.NoError(t, err)
	assert.EqualValues(t, 2*batches*size, got.Spans)
	assert.EqualValues(t, 2*2*batches*size, got.Tokens)
	count, err := db.Count(t.Context(), store.Span, store.Query{ProjectID: got.ProjectID, TraceID: trace})
	require.NoError(t, err)
	assert.EqualValues(t, 2*batches*size, count)
}

// ingest writes spans until it is killed, and says which are acknowledged.
func ingest(file string) error {
	db, err := store.Open(context.Background(), file)
	if err != nil {
		return err
	}
	for {
		row := span(uuid.Must(uuid.NewV7()).String())
		if err := db.Put(context.Background(), store.Span, []store.Row{row}); err != nil {
			return err
		}
		fmt.Println(row.ID)
	}
}

func TestAKillLosesNothingThatWasAcknowledged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.db")
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), "INGEST="+file)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	var acknowledged []string
	text := make([]byte, 37)
	for len(acknowledged) < 300 {
		_, err := output.Read(text)
		require.NoError(t, err)
		acknowledged = append(acknowledged, strings.TrimSpace(string(text)))
	}
	require.NoError(t, command.Process.Kill()) // SIGKILL, in mid-ingest
	_ = command.Wait()

	db := open(t, file)
	for _, id := range acknowledged {
		_, err := db.Get(t.Context(), store.Span, id)
		require.NoError(t, err, id)
	}
}

func TestExportAndImport(t *testing.T) {
	ctx := t.Context()
	from := open(t, filepath.Join(t.TempDir(), "a.db"))
	trace := uuid.Must(uuid.NewV7()).String()
	require.NoError(t, from.Put(ctx, store.Trace, []store.Row{{ID: trace, ProjectName: "p", Name: "t", Start: 1e18, ThreadID: "talk", Tags: []string{"a"}, Updated: 5}}))
	one := span(trace)
	one.ProjectName = "p"
	require.NoError(t, from.Put(ctx, store.Span, []store.Row{one}))
	require.NoError(t, from.PutScores(ctx, []store.Score{{Kind: store.Trace, EntityID: trace, ProjectName: "p", Name: "good", Value: 1, Source: "sdk"}}))
	_, err := from.AddComment(ctx, store.Trace, trace, "hm")
	require.NoError(t, err)
	require.NoError(t, from.Attach(ctx, store.Attachment{Kind: store.Trace, EntityID: trace, Name: "f", Mime: "text/plain"}, "p", strings.NewReader("content")))
	project, err := from.ProjectNamed(ctx, "P")
	require.NoError(t, err)
	require.NoError(t, from.CloseThreads(ctx, project.ID, []string{"talk"}, true))

	var exported bytes.Buffer
	require.NoError(t, from.Export(ctx, project.ID, &exported))
	to := open(t, filepath.Join(t.TempDir(), "b.db"))
	for range 2 {
		lines, err := to.Import(ctx, bytes.NewReader(exported.Bytes()))
		require.NoError(t, err)
		assert.Equal(t, 6, lines, "two rows, a score, a comment, a closed thread, a file")
	}
	want, err := from.Get(ctx, store.Trace, trace)
	require.NoError(t, err)
	got, err := to.Get(ctx, store.Trace, trace)
	require.NoError(t, err)
	assert.Equal(t, want.Tags, got.Tags)
	assert.Equal(t, want.Updated, got.Updated)
	assert.Equal(t, want.Sums, got.Sums)
	assert.Equal(t, want.Scores[0].Value, got.Scores[0].Value)
	assert.Equal(t, want.Comments, got.Comments)
	var content bytes.Buffer
	file := store.Attachment{Kind: store.Trace, EntityID: trace, ProjectID: got.ProjectID, Name: "f"}
	require.NoError(t, to.ReadAttachment(ctx, file, &content, func(store.Attachment) {}))
	assert.Equal(t, "content", content.String())
	thread, err := to.Thread(ctx, got.ProjectID, "talk")
	require.NoError(t, err)
	assert.Equal(t, "inactive", thread.Status)

	_, err = to.Import(ctx, strings.NewReader("{}\nnonsense"))
	require.Error(t, err)
}

func TestTrim(t *testing.T) {
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "a.db")
	db := open(t, file)
	old, large := json.RawMessage(`"old"`), json.RawMessage(`"`+strings.Repeat("x", 20_000)+`"`)
	now := store.TimeOf(time.Now())
	var rows []store.Row
	for i := range 600 {
		row := store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: strconv.Itoa(i), Start: now, Input: large, Updated: now + store.Time(i)}
		if i < 300 {
			row.Input, row.Updated = old, store.TimeOf(time.Now().Add(-48*time.Hour))+store.Time(i)
		}
		rows = append(rows, row)
	}
	require.NoError(t, db.Put(ctx, store.Trace, rows))
	removed, err := db.Trim(ctx, store.Limits{Age: 24 * time.Hour})
	require.NoError(t, err)
	assert.Equal(t, 300, removed)
	before, err := db.Size(ctx)
	require.NoError(t, err)
	removed, err = db.Trim(ctx, store.Limits{Size: before / 2})
	require.NoError(t, err)
	assert.Equal(t, 200, removed)
	_, err = db.Get(ctx, store.Trace, rows[599].ID)
	require.NoError(t, err, "the newest stay")
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Less(t, info.Size(), before, "the file shrinks")
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	file := store.Attachment{Kind: store.Trace, EntityID: "t", Name: "f"}
	require.NoError(t, db.Attach(t.Context(), file, "p", strings.NewReader("first")))
	for _, cut := range []error{errors.New("cut"), io.ErrUnexpectedEOF} { // the latter is what a client leaves that goes away
		require.Error(t, db.Attach(t.Context(), file, "p", io.MultiReader(strings.NewReader("x"), iotest.ErrReader(cut))))
	}
	files, err := db.Attachments(t.Context(), store.Trace, "t", "")
	require.NoError(t, err)
	require.Len(t, files, 1, "what was there stays")
	assert.EqualValues(t, 5, files[0].Size)
	_, err = db.Trim(t.Context(), store.Limits{})
	require.NoError(t, err)
}

func TestANewerDatabaseIsLeftAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "with ?strange #name.db")
	db, err := store.Open(t.Context(), file)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.FileExists(t, file)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	content[63] = 99 // user_version is at offset 60
	require.NoError(t, os.WriteFile(file, content, 0o600))
	_, err = store.Open(t.Context(), file)
	require.ErrorContains(t, err, "install a newer one")
}

func TestAClosedStoreRefuses(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	for range 20 { // the queue has room, so that it is up to chance which way a write goes
		require.Error(t, db.Put(t.Context(), store.Span, []store.Row{span("x")}))
	}
}

func TestChangesAreTold(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	listener, stop := db.Changes.Listen()
	defer stop()
	trace := uuid.Must(uuid.NewV7()).String()
	require.NoError(t, db.Put(t.Context(), store.Span, []store.Row{span(trace)}))
	<-listener.Wake
	assert.Equal(t, []string{trace}, taken(listener))
	assert.Empty(t, taken(listener))
	db.Changes.Close()
	_, more := <-listener.Wake
	assert.False(t, more, "who waits is told that nothing more comes")
	late, stopLate := db.Changes.Listen()
	defer stopLate()
	_, more = <-late.Wake
	assert.False(t, more)
	require.NoError(t, db.Put(t.Context(), store.Span, []store.Row{span(trace)}), "writes go on")
}

// taken are the traces of which a listener was told.
func taken(listener *store.Listener) []string {
	ids, _ := listener.Take()
	return ids
}

func TestResolve(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	one := span(uuid.Must(uuid.NewV7()).String())
	require.NoError(t, db.Put(t.Context(), store.Span, []store.Row{one}))
	kind, id, err := db.Resolve(t.Context(), one.ID[:20])
	require.NoError(t, err)
	assert.Equal(t, store.Span, kind)
	assert.Equal(t, one.ID, id)
	for _, prefix := range []string{"01", "ffffffffffff"} {
		_, _, err = db.Resolve(t.Context(), prefix)
		require.Error(t, err)
	}
}

func TestChart(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	var rows []store.Row
	for i := range 100 {
		start := store.Time(1e18 + i*1e9)
		rows = append(rows, store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: "t", Start: start, End: start + store.Time((i+1)*1e6)})
	}
	rows[99].Error = json.RawMessage(`{"exception_type":"E"}`)
	require.NoError(t, db.Put(t.Context(), store.Trace, rows))
	project, err := db.ProjectNamed(t.Context(), "")
	require.NoError(t, err)
	chart, err := db.Chart(t.Context(), store.Query{ProjectID: project.ID}, 10)
	require.NoError(t, err)
	require.Len(t, chart, 10)
	var traces, failed int64
	for _, bucket := range chart {
		traces, failed = traces+bucket.Traces, failed+bucket.Failed
	}
	assert.EqualValues(t, 100, traces)
	assert.EqualValues(t, 1, failed)
	assert.Greater(t, chart[9].P95, chart[0].P95)
}
