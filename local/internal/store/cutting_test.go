package store_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// kept stores a document and returns it as it is kept and as it is read.
func kept(t *testing.T, db *store.Store, document string) (short, whole string) {
	t.Helper()
	id := uuid.Must(uuid.NewV7()).String()
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: id, Start: 1, Input: json.RawMessage(document)}}))
	entry, err := db.Get(t.Context(), store.Trace, id)
	require.NoError(t, err)
	short = string(entry.Input)
	entries := []store.Entry{entry}
	require.NoError(t, db.Restore(t.Context(), store.Trace, entries))
	return short, string(entries[0].Input)
}

func TestWhereverAFileStandsItComesBack(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	file := encoded(1)
	for name, test := range map[string]struct {
		document string
		files    int
	}{
		"alone":                    {`"` + file + `"`, 1},
		"as a key":                 {`{"` + file + `":1}`, 1},
		"many":                     {`["` + file + `","` + encoded(2) + `",{"a":"` + file + `"}]`, 3},
		"at the end of a text":     {`"text ` + file + `"`, 1},
		"behind a line break":      {`"text\n` + file + `"`, 0}, // the letter of the escape could belong to it
		"with escaped slashes":     {`"` + strings.ReplaceAll(file, "A", `\/`) + `"`, 0},
		"among other long words":   {`["` + strings.Repeat("x", 255_999) + `","` + file + `","` + strings.Repeat("y", 400_000) + `"]`, 1},
		"one letter short":         {`"` + file[:255_999] + `"`, 0},
		"of exactly that length":   {`"` + file[:256_000] + `"`, 1},
		"a number that never ends": {strings.Repeat("1", 300_000), 0},
		"nothing":                  {`null`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			short, whole := kept(t, db, test.document)
			assert.Equal(t, test.files, strings.Count(short, "[input-attachment-"))
			sameText(t, test.document, whole)
			if test.files > 0 {
				assert.Less(t, len(short), len(test.document)-250_000)
			}
		})
	}
}

// FuzzCutting checks that whatever surrounds a file and whatever becomes of it, what is read is what was written.
func FuzzCutting(f *testing.F) {
	for _, seed := range []struct {
		before, after string
		last          byte
	}{{"", "", 1}, {"data:image/png;base64,", "", 2}, {"a", "=", 3}, {"[input-attachment-1-1.png]", "[", 4}, {"/", "+/", 5}, {"\\", "\"", 6}, {strings.Repeat("A", 1000), "\u2028", 7}} {
		f.Add(seed.before, seed.after, seed.last)
	}
	db, err := store.Open(f.Context(), filepath.Join(f.TempDir(), "a.db"))
	require.NoError(f, err)
	f.Cleanup(func() { assert.NoError(f, db.Close()) })
	f.Fuzz(func(t *testing.T, before, after string, last byte) {
		document, err := json.Marshal(map[string]string{"a": before + encoded(last) + after})
		require.NoError(t, err)
		_, whole := kept(t, db, string(document))
		assert.True(t, bytes.Equal(document, []byte(whole)))
	})
}

// FuzzFilter checks that any filter that is written in JSON is either refused or run.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`{"field":"name","operator":"=","value":"x"}`, `{"field":"environment","operator":"in","value":"a,b"}`, `{"field":"feedback_scores","key":"a","operator":"!=","value":"1e308"}`,
		`{"field":"metadata","key":"$.a['b'][0]","operator":">","value":"-0"}`, `{"field":"input_json","key":"","operator":"is_empty"}`, `{"field":"usage.prompt_tokens","operator":"<","value":"1"}`,
		`{"field":"span_feedback_scores.x","operator":">=","value":"0"}`, `{"field":"tags","operator":"!=","value":"\u0000"}`, `{"field":"start_time","operator":"=","value":"2026-01-01T00:00:00Z"}`,
	} {
		f.Add(seed, uint8(0))
	}
	db, err := store.Open(f.Context(), filepath.Join(f.TempDir(), "a.db"))
	require.NoError(f, err)
	f.Cleanup(func() { assert.NoError(f, db.Close()) })
	row := store.Row{ID: "a", Name: "x", Start: 1, ThreadID: "t", Input: json.RawMessage(`{"a":[1,"b",true,null]}`), Metadata: json.RawMessage(`{"a":{"b":[0]}}`), Tags: []string{"t"}}
	require.NoError(f, db.Put(f.Context(), store.Trace, []store.Row{row}))
	project, err := db.ProjectNamed(f.Context(), "")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		var filter store.Filter
		if json.Unmarshal([]byte(text), &filter) != nil {
			return
		}
		q := store.Query{ProjectID: project.ID, Filters: []store.Filter{filter}, Limit: 1}
		_, err := db.List(t.Context(), []store.Kind{store.Trace, store.Span}[kind%2], q)
		if err == nil && kind%2 == 0 {
			count, counted := db.Count(t.Context(), store.Trace, q)
			require.NoError(t, counted)
			assert.LessOrEqual(t, count, int64(1))
		}
		if _, threads := db.Threads(t.Context(), q); threads != nil {
			assert.ErrorAs(t, threads, new(store.Unknown))
		}
		if err != nil {
			assert.ErrorAs(t, err, new(store.Unknown))
		}
	})
}

func TestARowMayReferToAnyNumberOfFiles(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	var document strings.Builder
	for i := range 50_000 / fewer {
		document.WriteString("[input-attachment-" + strconv.Itoa(i) + "-1.png]")
	}
	row := store.Row{ID: uuid.Must(uuid.NewV7()).String(), Start: 1, Input: json.RawMessage(`"` + document.String() + `"`), Output: json.RawMessage(`"` + encoded(1) + `"`)}
	for range 2 { // the second looks at the references of the first
		require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{row}))
	}
	files, err := db.Attachments(t.Context(), store.Trace, row.ID, "")
	require.NoError(t, err)
	assert.Len(t, files, 1)
}
