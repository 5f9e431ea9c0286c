package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// firstVersion makes a database as the first release made it, with a row.
func firstVersion(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	for _, query := range []string{
		store.Schema, "PRAGMA user_version = 1",
		"INSERT INTO projects VALUES ('01900000-0000-7000-8000-000000000009', 'p', '', 1, 1)",
		`INSERT INTO traces (id, project_id, trace_id, parent_id, name, type, thread_id, model, provider, source, environment, start, cost_version, tokens, failed, created, updated)
			VALUES ('01900000-0000-7000-8000-000000000008', '01900000-0000-7000-8000-000000000009', '', '', 'kept', '', '', '', '', '', '', 1, '', 0, 0, 1, 1)`,
	} {
		_, err := db.ExecContext(t.Context(), query)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
}

func TestAnOlderDatabaseIsBroughtUpToDate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.db")
	firstVersion(t, file)
	for range 2 { // and only once
		db, err := store.Open(t.Context(), file)
		require.NoError(t, err)
		got, err := db.Get(t.Context(), store.Trace, "01900000-0000-7000-8000-000000000008")
		require.NoError(t, err)
		assert.Equal(t, "kept", got.Name)
		environments, err := db.Environments(t.Context())
		require.NoError(t, err)
		assert.Len(t, environments, 3)
		_, err = db.AddPromptVersion(t.Context(), store.Prompt{Name: "a", Structure: store.TextPrompt}, store.PromptVersion{Template: "x"})
		require.NoError(t, err)
		require.NoError(t, db.Close())
	}
}

func TestAMigrationThatFailsLeavesTheDatabaseAsItWas(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.db")
	firstVersion(t, file)
	raw, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = raw.ExecContext(t.Context(), "CREATE TABLE environments (x)") // it is in the way
	require.NoError(t, err)
	_, err = store.Open(t.Context(), file)
	require.ErrorContains(t, err, "migrating to version 2")
	var tables, version int
	require.NoError(t, raw.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name = 'prompts'").Scan(&tables))
	require.NoError(t, raw.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version))
	assert.Equal(t, []int{0, 1}, []int{tables, version})
	require.NoError(t, raw.Close())
}

func TestWhatIsNoDatabaseIsNotOpened(t *testing.T) {
	folder := t.TempDir()
	for _, file := range []string{folder, filepath.Join(folder, "migrate_test.go", "a.db")} {
		if file != folder {
			require.NoError(t, writeFile(filepath.Dir(file), "x"))
		}
		_, err := store.Open(t.Context(), file)
		require.Error(t, err, file)
	}
	text := filepath.Join(folder, "text")
	require.NoError(t, writeFile(text, "this is a text that is long enough to be taken for the header of a database, which it is not, as anybody can read here"))
	_, err := store.Open(t.Context(), text)
	require.ErrorContains(t, err, "opening the database")
}
