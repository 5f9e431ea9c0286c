package store_test

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// TestAFullDiskCostsOnlyTheWritesThatDoNotFit has a bound on pages in place of the disk's end: SQLite answers both alike.
func TestAFullDiskCostsOnlyTheWritesThatDoNotFit(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	small := store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: "small", Start: 1}
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{small}))
	require.NoError(t, db.LimitPages(t.Context(), 120))
	large := store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: "large", Start: 1, Input: json.RawMessage(`"` + strings.Repeat("x ", 1<<19) + `"`)}
	err := db.Put(t.Context(), store.Trace, []store.Row{large})
	require.ErrorContains(t, err, "full", "the log says why")
	require.NotContains(t, err.Error(), "savepoint")
	_, err = db.Get(t.Context(), store.Trace, small.ID)
	require.NoError(t, err, "reading goes on")
	require.NoError(t, db.LimitPages(t.Context(), 1<<20))
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{large}), "and so does writing once there is room")
}

// TestManyOpenANewDatabaseAtOnce is a server and a tail that are started together.
func TestManyOpenANewDatabaseAtOnce(t *testing.T) {
	for range 5 {
		file := filepath.Join(t.TempDir(), "a.db")
		failed := make([]error, 8)
		var wait sync.WaitGroup
		for i := range failed {
			wait.Go(func() {
				db, err := store.Open(t.Context(), file)
				if failed[i] = err; err == nil {
					failed[i] = db.Close()
				}
			})
		}
		wait.Wait()
		for _, err := range failed {
			require.NoError(t, err)
		}
	}
}

func TestADatabaseOfSomethingElseIsLeftAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.db")
	notes, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = notes.ExecContext(t.Context(), "CREATE TABLE notes (text)")
	require.NoError(t, err)
	_, err = store.Open(t.Context(), file)
	require.ErrorContains(t, err, "is not one of opik-local")
	var tables int
	require.NoError(t, notes.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema").Scan(&tables))
	assert.Equal(t, 1, tables)
	require.NoError(t, notes.Close())
}

// TestSpansWithoutATraceGoToo is about what a program leaves that died before it sent its trace.
func TestSpansWithoutATraceGoToo(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	old := store.TimeOf(time.Now().Add(-48 * time.Hour))
	spans := make([]store.Row, 20)
	for i := range spans {
		spans[i] = store.Row{ID: uuid.Must(uuid.NewV7()).String(), TraceID: uuid.Must(uuid.NewV7()).String(), Name: strconv.Itoa(i), Start: 1, Created: old, Updated: old}
	}
	spans[0].Created = 0 // it has just come, whatever its sender says, and its trace may follow
	kept := store.Row{ID: spans[1].TraceID, Start: 1}
	require.NoError(t, db.Put(t.Context(), store.Span, spans))
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{kept}))
	_, err := db.Trim(t.Context(), store.Limits{Age: 24 * time.Hour})
	require.NoError(t, err)
	for i, span := range spans {
		_, err := db.Get(t.Context(), store.Span, span.ID)
		if i < 2 {
			require.NoError(t, err, i)
		} else {
			require.ErrorIs(t, err, store.ErrNotFound, i)
		}
	}
}
