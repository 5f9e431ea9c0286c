package queue

import (
	"unsafe"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// rowOverhead is what a row costs beside its body.
const rowOverhead = int(unsafe.Sizeof(record.Row{}))

// cost is what a row counts against the bounds of the queue.
func cost(row record.Row) int { return row.Size() + rowOverhead }

// A segment is a run of rows that become due together: a batch in the making. A flush seals the open segment, so
// that it never waits for rows that are pushed after it.
type segment struct {
	number uint64 // counts up
	rows   []record.Row
	bytes  int    // the cost of the rows
	memory []byte // of the bodies that write has written
}

// add appends a row.
func (s *segment) add(row record.Row) {
	s.rows = append(s.rows, row)
	s.bytes += cost(row)
}

// write writes the rows that are drafts, into memory that is used again. It is most of the work for a span, and is done
// here to take it off the goroutine that is traced.
func (s *segment) write() {
	for i := range s.rows {
		row := &s.rows[i]
		if row.Draft == nil {
			continue
		}
		if cap(s.memory)-len(s.memory) < row.Draft.Size() {
			s.memory = make([]byte, 0, max(row.Draft.Size(), s.bytes))
		}
		start := len(s.memory)
		s.memory = row.Draft.Append(s.memory)
		row.Body, row.Draft = s.memory[start:len(s.memory):len(s.memory)], nil
	}
}

// replace puts a newer row in the place of an older one.
func (s *segment) replace(i int, row record.Row) {
	s.bytes += cost(row) - cost(s.rows[i])
	s.rows[i] = row
}
