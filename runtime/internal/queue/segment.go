package queue

import (
	"unsafe"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// rowOverhead is what a row costs beside its body.
const rowOverhead = int(unsafe.Sizeof(record.Row{}))

// cost is what a row counts against the bounds of the queue.
func cost(row record.Row) int { return len(row.Body) + rowOverhead }

// A segment is a run of rows that become due together: a batch in the making. A flush seals the open segment, so
// that it never waits for rows that are pushed after it.
type segment struct {
	number uint64 // counts up
	rows   []record.Row
	bytes  int // the cost of the rows
}

// add appends a row.
func (s *segment) add(row record.Row) {
	s.rows = append(s.rows, row)
	s.bytes += cost(row)
}

// replace puts a newer row in the place of an older one.
func (s *segment) replace(i int, row record.Row) {
	s.bytes += cost(row) - cost(s.rows[i])
	s.rows[i] = row
}
