package queue

import "github.com/opikgen/opikgen/runtime/internal/record"

// A key tells rows apart.
type key struct {
	kind record.Kind
	id   [16]byte
}

func keyOf(row record.Row) key { return key{row.Kind, row.ID} }

// A place is where a row waits.
type place struct {
	segment *segment
	i       int
}

// An index finds the waiting row of an id, so that a newer one can take its place. It costs more than all the rest of
// a push, and most programs send each row once. So it is made when a row comes that may have a predecessor, and left
// when no row waits any more.
type index struct {
	used   bool
	places map[key]place // empty while it is not used
}

// predecessor returns the place of the waiting row that a new one replaces. q.mu is held.
func (q *Queue) predecessor(row record.Row) (place, bool) {
	if row.Kind.Follows() {
		return place{}, false
	}
	if !q.index.used && (row.Start || row.Resent) {
		q.index.use(q.line, q.open)
	}
	at, ok := q.index.places[keyOf(row)]
	return at, ok
}

// use makes the index of the rows that wait.
func (x *index) use(line []*segment, open *segment) {
	x.used = true
	if x.places == nil {
		x.places = map[key]place{}
	}
	for _, s := range line {
		x.enter(s)
	}
	if open != nil {
		x.enter(open)
	}
}

// enter notes the rows of a segment.
func (x *index) enter(s *segment) {
	for i, row := range s.rows {
		x.note(row, place{s, i})
	}
}

// note remembers where a row waits.
func (x *index) note(row record.Row, at place) {
	if x.used && !row.Kind.Follows() {
		x.places[keyOf(row)] = at
	}
}

// forget leaves out the rows of a segment that is on its way. last says that none waits behind it.
func (x *index) forget(s *segment, last bool) {
	if !x.used {
		return
	}
	if last {
		clear(x.places)
		x.used = false
		return
	}
	for _, row := range s.rows {
		delete(x.places, keyOf(row))
	}
}
