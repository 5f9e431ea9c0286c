// Package batch plans requests: which rows go together, and how a refused request is divided.
// It decides and returns; sending is left to others.
package batch

import "github.com/opikgen/opikgen/runtime/internal/record"

// Limits bound one request. A field that is zero is no bound.
type Limits struct {
	Rows  int // Opik takes 1 to 1000
	Bytes int // of the rows, uncompressed, with the comma between them
}

// Plan divides rows into requests within the limits. A request holds rows of one kind; traces come before spans,
// and rows of one kind keep their order. A row that is over the limit by itself travels alone. Scores that replace each
// other are in different requests: the server does not say which of one request it keeps.
func (l Limits) Plan(rows []record.Row) [][]record.Row {
	var requests [][]record.Row
	for _, group := range byKind(rows) {
		if len(group) > 0 {
			requests = l.cut(requests, group)
		}
	}
	return requests
}

// byKind parts rows by kind, in the order of the kinds. Rows of a single kind, the common case of a steady stream
// of spans, are returned as they are.
func byKind(rows []record.Row) [][]record.Row {
	var counts []int
	for _, row := range rows {
		for int(row.Kind) >= len(counts) {
			counts = append(counts, 0)
		}
		counts[row.Kind]++
	}
	if len(counts) > 0 && counts[len(counts)-1] == len(rows) {
		return [][]record.Row{rows}
	}
	groups := make([][]record.Row, len(counts))
	for kind, n := range counts {
		groups[kind] = make([]record.Row, 0, n)
	}
	for _, row := range rows {
		groups[row.Kind] = append(groups[row.Kind], row)
	}
	return groups
}

// cut appends rows, of which there is one at least, to requests in as few pieces as the limits allow.
func (l Limits) cut(requests [][]record.Row, rows []record.Row) [][]record.Row {
	start, size := 0, 0
	apart := newApart(rows[0].Kind)
	for i, row := range rows {
		weight := len(row.Body) + 1
		if i > start && (l.over(i-start+1, size+weight) || apart.from(row)) {
			requests = append(requests, rows[start:i])
			start, size = i, 0
			clear(apart.ids)
		}
		size += weight
		apart.note(row)
	}
	return append(requests, rows[start:])
}

// over reports whether so many rows of so many bytes are too much for one request.
func (l Limits) over(rows, bytes int) bool {
	return l.Rows > 0 && rows > l.Rows || l.Bytes > 0 && bytes > l.Bytes
}

// Halve divides a refused request in two, as evenly by bytes as whole rows allow. Neither half is empty, so dividing
// ends at single rows. It must be given at least two rows.
func Halve(rows []record.Row) (left, right []record.Row) {
	half, size, middle := Size(rows)/2, 0, 0
	for middle == 0 || size+len(rows[middle].Body) < half {
		size += len(rows[middle].Body) + 1
		middle++
	}
	return rows[:middle], rows[middle:]
}

// Size is the number of bytes that rows take in a request.
func Size(rows []record.Row) int {
	size := 0
	for _, row := range rows {
		size += len(row.Body) + 1
	}
	return size
}
