package export

import (
	"encoding/binary"
	"fmt"
	"math"
)

// ref says which element is meant.
type ref struct {
	section section
	index   uint32 // in its section
}

// element is an element taken apart. All of it is numbers: a table of references, and then what the element says, where
// other elements are named by their place in the table.
type element struct {
	refs []ref
	rest numbers
}

// element takes an element apart. The scratch is overwritten with its references where it has the room.
func (s *sections) element(of ref, scratch []ref) (element, error) {
	e := element{refs: scratch[:0], rest: numbers{data: s.bytes(of)}}
	size := e.rest.next()
	if int(size) > len(e.rest.left())/2 {
		return e, e.invalid(of)
	}
	for range size {
		to, valid := s.ref(e.rest.next(), e.rest.next())
		if !valid || e.rest.failed {
			return e, e.invalid(of)
		}
		e.refs = append(e.refs, to)
	}
	return e, nil
}

// ref makes a reference of its two numbers, and reports whether there is such an element.
func (s *sections) ref(of, index uint32) (ref, bool) {
	if of >= sectionCount || index >= s.count(section(of)) {
		return ref{}, false
	}
	return ref{section(of), index}, true
}

// follow reads a reference to an element of a section, and returns that one's index.
func (e *element) follow(to section) uint32 {
	at := e.rest.next()
	if int(at) >= len(e.refs) || e.refs[at].section != to {
		e.rest.failed = true
		return 0
	}
	return e.refs[at].index
}

// invalid returns the error for an element that does not say what its section's elements say.
func (e *element) invalid(of ref) error {
	return fmt.Errorf("element %d of section %d makes no sense", of.index, of.section)
}

// numbers reads unsigned varints. One that fails keeps on failing, and the numbers are zero from there.
type numbers struct {
	data   []byte
	at     int
	failed bool
}

// next reads a number.
func (n *numbers) next() uint32 {
	number, size := binary.Uvarint(n.data[n.at:])
	if size <= 0 || number > math.MaxInt32 {
		n.at, n.failed = len(n.data), true
		return 0
	}
	n.at += size
	return uint32(number)
}

// left returns what was not read yet.
func (n *numbers) left() []byte {
	return n.data[n.at:]
}
