package batch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/batch"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// rows makes one row for each word, of which the first letter is the kind and the rest the body.
func rows(text string) []record.Row {
	var list []record.Row
	for i, word := range strings.Fields(text) {
		row := record.Row{Kind: record.KindSpan, ID: [16]byte{15: byte(i)}, Body: []byte(word[1:])}
		if word[0] == 't' {
			row.Kind = record.KindTrace
		}
		list = append(list, row)
	}
	return list
}

// show writes requests as rows reads them, one in each pair of brackets.
func show(requests [][]record.Row) string {
	var text strings.Builder
	for _, request := range requests {
		var words []string
		for _, row := range request {
			words = append(words, row.Kind.String()[:1]+string(row.Body))
		}
		fmt.Fprint(&text, words)
	}
	return text.String()
}

func TestPlan(t *testing.T) {
	tests := []struct {
		name   string
		limits batch.Limits
		rows   string
		want   string
	}{
		{"nothing", batch.Limits{Rows: 10}, "", ""},
		{"one kind stays as it is", batch.Limits{Rows: 10}, "sa sb sc", "[sa sb sc]"},
		{"traces come first", batch.Limits{Rows: 10}, "sa sb t1 sc t2", "[t1 t2][sa sb sc]"},
		{"no limits", batch.Limits{}, "sa t1 sb", "[t1][sa sb]"},
		{"rows", batch.Limits{Rows: 2}, "sa sb sc sd se", "[sa sb][sc sd][se]"},
		{"rows of each kind", batch.Limits{Rows: 2}, "sa t1 sb sc t2", "[t1 t2][sa sb][sc]"},
		{"bytes with commas", batch.Limits{Bytes: 8}, "saaa sbbb scc sd", "[saaa sbbb][scc sd]"},
		{"a row over the limit travels alone", batch.Limits{Bytes: 4}, "sa sbbbbbbbb sc", "[sa][sbbbbbbbb][sc]"},
		{"bytes after the first request", batch.Limits{Bytes: 8}, "saaa sbbb sccc sddd", "[saaa sbbb][sccc sddd]"},
		{"one row", batch.Limits{Rows: 1}, "sa sb", "[sa][sb]"},
		{"one byte", batch.Limits{Bytes: 1}, "s s", "[s][s]"},
		{"whichever comes first", batch.Limits{Rows: 3, Bytes: 6}, "sa sb sc sdddd se", "[sa sb sc][sdddd][se]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, show(test.limits.Plan(rows(test.rows))))
		})
	}
}

// TestPlanOfWhatFollows has rows that say something about others: of those the order and what is in one request count.
func TestPlanOfWhatFollows(t *testing.T) {
	tests := []struct {
		name string
		kind record.Kind
		ids  string // of the rows, a letter each
		want string // the requests
	}{
		{"scores", record.KindSpanScore, "abc", "abc"},
		{"scores that replace each other", record.KindSpanScore, "abacb", "ab acb"},
		{"a score said three times", record.KindThreadScore, "aaa", "a a a"},
		{"updates", record.KindSpanUpdate, "ab", "a b"},
		{"comments", record.KindTraceComment, "aa", "a a"},
		{"spans have versions", record.KindSpan, "aba", "aba"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			given := []record.Row{{Kind: record.KindTrace}}
			for _, id := range test.ids {
				given = append(given, record.Row{Kind: test.kind, ID: [16]byte{byte(id)}})
			}
			var got []string
			for _, request := range (batch.Limits{}).Plan(given)[1:] {
				var ids []byte
				for _, row := range request {
					ids = append(ids, row.ID[0])
				}
				got = append(got, string(ids))
			}
			assert.Equal(t, test.want, strings.Join(got, " "))
		})
	}
}

// TestPlanOfOneKindCopiesNoRow holds what a steady stream of spans costs: the counts and the list of requests.
func TestPlanOfOneKindCopiesNoRow(t *testing.T) {
	for _, word := range []string{"s ", "t "} {
		given := rows(strings.Repeat(word, 100))
		requests := batch.Limits{Rows: 100}.Plan(given)
		assert.Same(t, &given[0], &requests[0][0])
	}
}

func TestPlanLeavesItsInputAlone(t *testing.T) {
	given := rows("sa t1 sb t2 sc")
	before := slices.Clone(given)
	batch.Limits{Rows: 1}.Plan(given)
	assert.Equal(t, before, given)
}

func TestHalve(t *testing.T) {
	tests := []struct{ name, rows, want string }{
		{"two", "sa sb", "[sa][sb]"},
		{"even", "sa sb sc sd", "[sa sb][sc sd]"},
		{"odd", "sa sb sc", "[sa][sb sc]"},
		{"the large one first", "saaaaaaaaaa sb sc sd", "[saaaaaaaaaa][sb sc sd]"},
		{"the large one last", "sa sb sc sddddddddddd", "[sa sb sc][sddddddddddd]"},
		{"empty bodies", "s s", "[s][s]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			left, right := batch.Halve(rows(test.rows))
			assert.Equal(t, test.want, show([][]record.Row{left, right}))
		})
	}
}

// FuzzPlan checks what must hold for any rows and any limits.
func FuzzPlan(f *testing.F) {
	f.Add([]byte{3, 200, 5, 0, 130}, 2, 64)
	f.Add([]byte{}, 0, 0)
	f.Fuzz(func(t *testing.T, lengths []byte, maxRows, maxBytes int) {
		var given []record.Row
		for i, n := range lengths {
			// The highest bit is the kind, the others are the length.
			given = append(given, record.Row{Kind: record.Kind(n >> 7), ID: [16]byte{byte(i), byte(i >> 8)}, Body: make([]byte, n&127)})
		}
		limits := batch.Limits{Rows: maxRows, Bytes: maxBytes}
		requests := limits.Plan(given)
		slices.SortStableFunc(given, func(a, b record.Row) int { return int(a.Kind) - int(b.Kind) })
		assert.Equal(t, given, slices.Concat(requests...), "all rows, traces first, in order")
		for _, request := range requests {
			checkRequest(t, limits, request)
		}
	})
}

// checkRequest checks one request of a plan, and how it would be divided.
func checkRequest(t *testing.T, limits batch.Limits, request []record.Row) {
	t.Helper()
	other := func(row record.Row) bool { return row.Kind != request[0].Kind }
	assert.False(t, slices.ContainsFunc(request, other), "one kind")
	if limits.Rows > 0 {
		assert.LessOrEqual(t, len(request), limits.Rows)
	}
	if len(request) == 1 {
		return
	}
	if limits.Bytes > 0 {
		assert.LessOrEqual(t, batch.Size(request), limits.Bytes)
	}
	left, right := batch.Halve(request)
	assert.Equal(t, request, slices.Concat(left, right))
	assert.NotEmpty(t, left)
	assert.NotEmpty(t, right)
}

func TestSize(t *testing.T) {
	assert.Equal(t, 0, batch.Size(nil))
	assert.Equal(t, 6, batch.Size(rows("saaa sb")), "a comma for each")
}

func BenchmarkPlan(b *testing.B) {
	var given []record.Row
	for i := range 1000 {
		given = append(given, record.Row{Kind: record.Kind(min(i%5, 1)), Body: make([]byte, 2048)})
	}
	limits := batch.Limits{Rows: 1000, Bytes: 4 << 20}
	b.ReportAllocs()
	for b.Loop() {
		limits.Plan(given)
	}
}
