package page_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

// listed is an answer of the list.
type listed struct {
	Total  int            `json:"total"`
	More   bool           `json:"more"`
	Traces []store.Glance `json:"traces"`
}

// list reads a page of the list.
func list(t *testing.T, address, project string, query url.Values) (found listed) {
	t.Helper()
	query.Set("project_id", project)
	status, _, text := get(t, address+"/local/traces?"+query.Encode())
	require.Equal(t, http.StatusOK, status, text)
	require.NoError(t, json.Unmarshal([]byte(text), &found))
	return found
}

// many stores traces that all hold the word common.
func many(t *testing.T, db *store.Store, count int) (project string) {
	t.Helper()
	rows := make([]store.Row, count)
	for i := range rows {
		rows[i] = store.Row{ID: uuid.Must(uuid.NewV7()).String(), Name: fmt.Sprintf("n%04d", i), Start: store.Time(2e18 + i*1e6), End: store.Time(2e18 + i*2e6), Input: json.RawMessage(`"common"`)}
		if i%100 == 0 {
			rows[i].Error, rows[i].Output = json.RawMessage(`{"exception_type":"E"}`), json.RawMessage(`"seldom"`)
		}
	}
	require.NoError(t, db.Put(t.Context(), store.Trace, rows))
	found, err := db.ProjectNamed(t.Context(), "")
	require.NoError(t, err)
	return found.ID
}

func TestPagesOfTheList(t *testing.T) {
	db, address := serve(t)
	project := many(t, db, 1500)
	tests := []struct {
		name        string
		query       url.Values
		total, size int
		more        bool
		first       string
	}{
		{"all", url.Values{"size": {"50"}}, 1500, 50, true, "n1499"},
		{"the second page", url.Values{"size": {"50"}, "page": {"2"}}, 1500, 50, true, "n1449"},
		{"the last page", url.Values{"size": {"40"}, "page": {"38"}}, 1500, 20, false, "n0019"},
		{"behind the end", url.Values{"size": {"50"}, "page": {"99"}}, 1500, 0, false, ""},
		{"far behind the end", url.Values{"size": {"500"}, "page": {"9223372036854775807"}}, 1500, 0, false, ""},
		{"far behind the end of a common word", url.Values{"size": {"500"}, "page": {"9223372036854775807"}, "search": {"common"}}, -1, 0, false, ""},
		{"no size", url.Values{}, 1500, 1, true, "n1499"},
		{"a size that is too much", url.Values{"size": {"100000"}}, 1500, 500, true, "n1499"},
		{"a page that is none", url.Values{"size": {"2"}, "page": {"-3"}}, 1500, 2, true, "n1499"},
		{"a common word", url.Values{"size": {"50"}, "search": {"common"}}, -1, 50, true, "n1499"},
		{"the last page of it", url.Values{"size": {"50"}, "search": {"common"}, "page": {"30"}}, -1, 50, false, "n0049"},
		{"a rare word", url.Values{"size": {"50"}, "search": {"seldom"}}, 15, 15, false, "n1400"},
		{"a filter", url.Values{"size": {"5"}, "filters": {`[{"field":"error_info","operator":"is_not_empty"}]`}}, 15, 5, true, "n1400"},
		{"a filter and a common word", url.Values{"size": {"5"}, "search": {"common"}, "filters": {`[{"field":"name","operator":"=","value":"N0007"}]`}}, -1, 1, false, "n0007"},
		{"an order", url.Values{"size": {"5"}, "sorting": {`[{"field":"duration","direction":"DESC"}]`}}, 1500, 5, true, "n1499"},
		{"another order and a common word", url.Values{"size": {"5"}, "search": {"common"}, "sorting": {`[{"field":"name","direction":"ASC"}]`}}, -1, 5, true, "n0000"},
		{"a time", url.Values{"size": {"5"}, "from_time": {store.Time(2e18 + 1497e6).Std().Format("2006-01-02T15:04:05.999999999Z07:00")}}, 3, 3, false, "n1499"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := list(t, address, project, test.query)
			assert.Equal(t, test.total, got.Total)
			assert.Equal(t, test.more, got.More)
			require.Len(t, got.Traces, test.size)
			if test.first != "" {
				assert.Equal(t, test.first, got.Traces[0].Name)
			}
		})
	}
}

func TestALineIsShortWhateverTheTraceHolds(t *testing.T) {
	db, address := serve(t)
	tags := make([]string, 1000)
	for i := range tags {
		tags[i] = fmt.Sprintf("tag%d", i)
	}
	huge := json.RawMessage(`{"text":"` + strings.Repeat("ü", 1<<20) + `"}`)
	require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{{ID: uuid.Must(uuid.NewV7()).String(), Name: "huge", Start: 2e18, Tags: tags, Input: huge, Output: huge}}))
	project, err := db.ProjectNamed(t.Context(), "")
	require.NoError(t, err)
	status, _, text := get(t, address+"/local/traces?size=1&project_id="+project.ID)
	require.Equal(t, http.StatusOK, status)
	assert.Less(t, len(text), 3000)
	assert.NotContains(t, text, "\ufffd", "a cut does not split a letter")
}

func TestAnImageOfARowIsShown(t *testing.T) {
	_, address := serve(t)
	_, _, script := get(t, address+"/value.js")
	assert.Contains(t, script, "data:image", "images that stand in the data are shown")
	_, header, _ := get(t, address+"/")
	assert.Contains(t, header.Get("Content-Security-Policy"), "img-src 'self' data:")
}

func TestChart(t *testing.T) {
	db, address := serve(t)
	project := many(t, db, 600)
	read := func(query string) (traces, failed int64) {
		status, _, text := get(t, address+"/local/chart?project_id="+project+query)
		require.Equal(t, http.StatusOK, status)
		var buckets []store.Bucket
		require.NoError(t, json.Unmarshal([]byte(text), &buckets))
		require.Len(t, buckets, 60)
		for _, bucket := range buckets {
			traces, failed = traces+bucket.Traces, failed+bucket.Failed
		}
		return traces, failed
	}
	for query, want := range map[string][2]int64{"": {600, 6}, "&search=seldom": {6, 6}, "&search=nothing": {0, 0}, "&filters=" + url.QueryEscape(`[{"field":"name","operator":"<","value":"n0100"}]`): {100, 1}} {
		traces, failed := read(query)
		assert.Equal(t, want, [2]int64{traces, failed}, query)
	}
}
