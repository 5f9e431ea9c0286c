package store_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// FuzzQuery checks that whatever stands in a filter, a sorting or a search, the database gets SQL that it can run.
func FuzzQuery(f *testing.F) {
	for _, seed := range [][5]string{
		{"name", "=", "", "x", "words"}, {"metadata", "contains", "a.b[0]", "%_\\", `"`}, {"metadata.x", ">", `$."'`, "1", "a OR b"},
		{"feedback_scores.q", "<=", "", "0.5", "NEAR("}, {"tags", "not_contains", "", "'", "*"}, {"start_time", "<", "", "2026-01-02T03:04:05Z", "\x00"},
		{"input_json", "is_empty", "[", "", "-"}, {"output.a", "!=", "[1]", "]", "ä"}, {"metadata", "=", "a[][0]", "x", ""}, {"metadata", "=", `a\"[0`, "x", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4])
	}
	db, err := store.Open(f.Context(), filepath.Join(f.TempDir(), "a.db"))
	require.NoError(f, err)
	f.Cleanup(func() { assert.NoError(f, db.Close()) })
	require.NoError(f, db.Put(f.Context(), store.Trace, []store.Row{{ID: "a", Name: "x", Start: 1, Input: []byte(`{"a":[1]}`), Metadata: []byte(`[1]`), Tags: []string{"t"}}}))
	project, err := db.ProjectNamed(f.Context(), "")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, name, operator, key, value, search string) {
		query := store.Query{ProjectID: project.ID, Filters: []store.Filter{{Field: name, Operator: operator, Key: key, Value: value}}, Search: search,
			Sort: []store.Sort{{Field: name, Direction: operator}}, Limit: 1}
		_, err := db.List(t.Context(), store.Trace, query)
		if err != nil {
			assert.ErrorAs(t, err, new(store.Unknown))
		}
	})
}

// FuzzParseTime checks that an instant that is read is written so that it reads the same.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456789+01:00", "1970-01-01T00:00:00Z", "2262-04-11T23:47:15.999999999Z", "0000-00-00", "1e99"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := store.ParseTime(text)
		if err != nil {
			return
		}
		written, err := parsed.MarshalJSON()
		require.NoError(t, err)
		var again store.Time
		require.NoError(t, again.UnmarshalJSON(written))
		assert.Equal(t, parsed, again)
	})
}
