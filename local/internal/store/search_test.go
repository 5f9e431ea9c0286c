package store_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// library stores many traces: each holds "every", every other has a span with "half", each twentieth is "rare", and the
// older half is "old".
func library(t *testing.T, db *store.Store, traces int) (projectID string) {
	t.Helper()
	var rows, spans []store.Row
	for i := range traces {
		// Starts go against the order of the keys, so that neither can stand for the other.
		row := store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: fmt.Sprintf("n%d", i), Start: store.Time(1e18 - i*1e6), Input: json.RawMessage(`"every"`)}
		if i%20 == 0 {
			row.Output = json.RawMessage(`"rare"`)
		}
		if i >= traces/2 {
			row.Metadata = json.RawMessage(`"old"`)
		}
		span := store.Row{ID: uuid.Must(uuid.NewV7()).String(), TraceID: row.ID, Start: row.Start, Name: "step"}
		if i%2 == 0 {
			span.Input = json.RawMessage(`"half"`)
		}
		rows, spans = append(rows, row), append(spans, span)
	}
	require.NoError(t, db.Put(t.Context(), store.Trace, rows))
	require.NoError(t, db.Put(t.Context(), store.Span, spans))
	project, err := db.ProjectNamed(t.Context(), "")
	require.NoError(t, err)
	return project.ID
}

// order returns the names of rows.
func order(entries []store.Entry) string {
	var text strings.Builder
	for _, entry := range entries {
		text.WriteString(entry.Name + " ")
	}
	return text.String()
}

// few is how many rows hold a common word in these tests. The real bound is eight times as large, which takes as much longer.
const few = 120

// TestEveryPageOfASearchIsAPartOfTheWhole compares pages, which walk where words are common, with the whole list, which does not.
func TestEveryPageOfASearchIsAPartOfTheWhole(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	db.SetFew(few)
	project := library(t, db, 320)
	sorts := map[string][]store.Sort{
		"newest id": nil, "newest start": {{Field: "start_time", Direction: "DESC"}}, "name": {{Field: "name", Direction: "ASC"}},
	}
	common := map[string]bool{"every": true, "half": true, "rare": false, "old": true, "every half": false, "nothing": false}
	for words, want := range common {
		q := store.Query{ProjectID: project, Search: words}
		got, err := db.Common(t.Context(), store.Trace, q)
		require.NoError(t, err)
		assert.Equal(t, want, got, words)
		for name, sort := range sorts {
			t.Run(words+" by "+name, func(t *testing.T) {
				q.Sort, q.Limit, q.Offset = sort, 0, 0
				whole, err := db.List(t.Context(), store.Trace, q)
				require.NoError(t, err)
				count, err := db.Count(t.Context(), store.Trace, q)
				require.NoError(t, err)
				require.EqualValues(t, len(whole), count)
				q.Limit = 40
				for _, q.Offset = range []int{0, 130, len(whole) - 40, len(whole) - 10, len(whole) + 5, 1 << 40} {
					if q.Offset >= 0 {
						samePage(t, db, q, whole, want)
					}
				}
			})
		}
	}
}

// samePage compares a page with its part of the whole list.
func samePage(t *testing.T, db *store.Store, q store.Query, whole []store.Entry, common bool) {
	t.Helper()
	page, total, err := db.Page(t.Context(), store.Trace, q)
	require.NoError(t, err)
	first, last := min(q.Offset, len(whole)), min(q.Offset+q.Limit, len(whole))
	assert.Equal(t, order(whole[first:last]), order(page), "from %d", q.Offset)
	if common {
		assert.EqualValues(t, min(q.Offset+q.Limit+1, len(whole)), total, "the row behind the page is counted, and no other")
	} else {
		assert.EqualValues(t, len(whole), total)
	}
	glances, err := db.Glances(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, glances, last-first)
	for i, glance := range glances {
		assert.Equal(t, whole[first+i].ID, glance.ID)
	}
}

func TestSpansAreSearchedInPagesToo(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	db.SetFew(few)
	project := library(t, db, 550)
	q := store.Query{ProjectID: project, Search: "half", Filters: []store.Filter{{Field: "name", Operator: "=", Value: "step"}}}
	whole, err := db.List(t.Context(), store.Span, q)
	require.NoError(t, err)
	require.Len(t, whole, 275)
	var paged []store.Entry
	for q.Limit = 75; len(paged) < len(whole); q.Offset += q.Limit {
		page, err := db.List(t.Context(), store.Span, q)
		require.NoError(t, err)
		require.NotEmpty(t, page)
		paged = append(paged, page...)
	}
	for i := range whole {
		require.Equal(t, whole[i].ID, paged[i].ID)
	}
}

func TestASearchWithFiltersAndTimes(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	db.SetFew(few)
	project := library(t, db, 600)
	q := store.Query{ProjectID: project, Search: "every", Limit: 10, From: 1e18 - 400e6, Filters: []store.Filter{{Field: "output", Operator: "contains", Value: "rare"}}}
	entries, err := db.List(t.Context(), store.Trace, q)
	require.NoError(t, err)
	assert.Equal(t, "n400 n380 n360 n340 n320 n300 n280 n260 n240 n220 ", order(entries))
	q.Filters = append(q.Filters, store.Filter{Field: "name", Operator: "=", Value: "nobody"})
	entries, err = db.List(t.Context(), store.Trace, q)
	require.NoError(t, err)
	assert.Empty(t, entries, "a page that never fills ends with the list")
	q.Filters[1].Operator = "?"
	_, err = db.List(t.Context(), store.Trace, q)
	require.ErrorAs(t, err, new(store.Unknown))
}

func TestWordsAreFound(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	deep := strings.Repeat(`{"a":`, 100) + `"abyss"` + strings.Repeat("}", 100)
	rows := []store.Row{
		{Name: "name-of-it", ThreadID: "conversation7", Tags: []string{"tagged"}}, {Input: json.RawMessage(`{"key":"value \"quoted\" \u00fcber\nline"}`)},
		{Output: json.RawMessage(deep)}, {Error: json.RawMessage(`{"exception_type":"Timeout","message":"too slow"}`)},
		{Metadata: json.RawMessage(`["first",{"second":"third"}]`)}, {Input: json.RawMessage(`"` + strings.Repeat("filler ", 10_000) + `lastword"`)},
		{Input: json.RawMessage(`"` + strings.Repeat("x", 5000) + `"`), Output: json.RawMessage(`"after"`)}, {Input: json.RawMessage(`"broken \`)},
		{Name: "tokyo", Input: json.RawMessage(`"東京都のホテル"`)}, {Name: "long", Input: json.RawMessage(`"` + strings.Repeat("とても長い文", 100) + `"`)},
		{Name: "thai", Input: json.RawMessage(`"ที่โรงแรมนี้"`)}, {Name: "nfd", Input: json.RawMessage(`"cafe\u0301s"`)}, {Name: "hindi", Input: json.RawMessage(`"यह हिन्दी है"`)},
	}
	for i := range rows {
		rows[i].ID, rows[i].Start = uuid.Must(uuid.NewV7()).String(), 1
		if rows[i].Name == "" {
			rows[i].Name = strconv.Itoa(i)
		}
	}
	require.NoError(t, db.Put(t.Context(), store.Trace, rows))
	project, err := db.ProjectNamed(t.Context(), "")
	require.NoError(t, err)
	for words, want := range map[string]string{
		"name": "name-of-it ", "conversation7": "name-of-it ", "tagged": "name-of-it ", "quoted": "1 ", "UBER line": "1 ", "key": "1 ", "line value": "1 ", "value line nothing": "",
		"abyss": "2 ", "timeout slow": "3 ", "SECOND": "4 ", "filler": "5 ", "lastword": "", "xxxx": "", "after": "6 ", "aby": "2 ", "byss": "",
		"京都": "tokyo ", "京": "tokyo ", "京東": "", "ホテル": "tokyo ", "長い": "long ", "โรงแรม": "thai ", "แรม": "thai ", "cafe\u0301": "nfd ", "café": "nfd ", "हिन्दी": "hindi ",
		strings.Repeat("abyss ", 5000): "2 ",
		`"quoted"`:                     "1 ", "quoted OR abyss": "", "(": "8", "NEAR(quoted value)": "",
	} {
		entries, err := db.List(t.Context(), store.Trace, store.Query{ProjectID: project.ID, Search: words})
		require.NoError(t, err, words)
		if words == "(" {
			assert.Len(t, entries, len(rows), "what holds no word asks for nothing")
			continue
		}
		assert.Equal(t, want, order(entries), words)
	}
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: rows[2].ID, Name: "2", Start: 1, Output: json.RawMessage(`"surface"`)}}))
	entries, err := db.List(t.Context(), store.Trace, store.Query{ProjectID: project.ID, Search: "abyss"})
	require.NoError(t, err)
	assert.Empty(t, entries, "a row that was replaced is found by its new words only")
}
