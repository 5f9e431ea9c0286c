package export

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// section is one kind of elements, in the order in which the data has them.
type section uint8

// The sections. An object has one element in each of those of names, objects, extensions and dictionaries, under the
// same index.
const (
	stringSection section = iota // bytes, the one section whose elements have no table
	metaSection                  // the public root, which lists the objects, and the private one
	fileSection                  // bases of positions
	packageSection
	nameSection // package, name and kind
	typeSection
	objectSection
	extensionSection  // for the compiler only
	dictionarySection // type parameters and what is derived from them
	bodySection       // for the compiler only
	sectionCount      = iota
)

const (
	knownVersion    = 2
	prologueSize    = 4 * (2 + sectionCount) // version, flags, and where the sections end
	fingerprintSize = 8                      // at the end of the payload
)

// sections are the elements of export data without the bodies. Whatever is asked for by a ref is there: where elements
// and sections end was checked when the data was read, and refs are checked where they come from.
type sections struct {
	limits [sectionCount]uint32 // the number of elements up to the end of each section
	ends   []byte               // where each element ends in data, four bytes each
	data   []byte
}

// readSections reads the payload of an export file.
func readSections(payload *io.SectionReader) (sections, error) {
	s, err := readPrologue(payload)
	if err != nil {
		return s, err
	}
	elements := int64(s.limits[bodySection])
	room := payload.Size() - prologueSize - 4*elements - fingerprintSize
	if room < 0 {
		return s, fmt.Errorf("the payload of %d bytes is too short for %d elements", payload.Size(), elements)
	}
	s.ends = make([]byte, 4*elements)
	if _, err := payload.ReadAt(s.ends, prologueSize); err != nil {
		return s, err
	}
	if err := s.checkEnds(room); err != nil {
		return s, err
	}
	s.data = make([]byte, s.end(s.limits[dictionarySection]))
	_, err = payload.ReadAt(s.data, prologueSize+int64(len(s.ends)))
	return s, err
}

// readPrologue reads what the payload begins with, and leaves the elements for later.
func readPrologue(payload io.ReaderAt) (sections, error) {
	var s sections
	var prologue [prologueSize]byte
	if _, err := payload.ReadAt(prologue[:], 0); err != nil {
		return s, err
	}
	version, flags := binary.LittleEndian.Uint32(prologue[:]), binary.LittleEndian.Uint32(prologue[4:])
	if version != knownVersion || flags != 0 {
		return s, fmt.Errorf("found version %d with flags %#x, and version %d without flags is known", version, flags, knownVersion)
	}
	var last uint32
	for i := range s.limits {
		limit := binary.LittleEndian.Uint32(prologue[8+4*i:])
		if limit < last || limit > math.MaxInt32/4 {
			return s, errors.New("the sections are out of order")
		}
		s.limits[i], last = limit, limit
	}
	return s, s.checkCounts()
}

// checkCounts holds the sections of objects to the same number of elements, and the one of roots to having one.
func (s *sections) checkCounts() error {
	objects := s.count(objectSection)
	if s.count(nameSection) != objects || s.count(dictionarySection) != objects {
		return errors.New("the sections of objects differ in their number of elements")
	}
	if s.count(metaSection) == 0 {
		return errors.New("there is no public root")
	}
	return nil
}

// checkEnds holds the ends of elements to their order and to the room that the elements have.
func (s *sections) checkEnds(room int64) error {
	var last uint32
	for at := 0; at < len(s.ends); at += 4 {
		end := binary.LittleEndian.Uint32(s.ends[at:])
		if end < last {
			return errors.New("the elements are out of order")
		}
		last = end
	}
	if int64(last) != room {
		return fmt.Errorf("the elements have %d bytes, and there are %d", last, room)
	}
	return nil
}

// first returns the place of a section's first element among all elements.
func (s *sections) first(of section) uint32 {
	if of == 0 {
		return 0
	}
	return s.limits[of-1]
}

// count returns the number of a section's elements.
func (s *sections) count(of section) uint32 {
	return s.limits[of] - s.first(of)
}

// end returns where the first so many elements end.
func (s *sections) end(elements uint32) uint32 {
	if elements == 0 {
		return 0
	}
	return binary.LittleEndian.Uint32(s.ends[4*(elements-1):])
}

// place returns the place of an element among all elements.
func (s *sections) place(of ref) uint32 {
	return s.first(of.section) + of.index
}

// bytes returns an element.
func (s *sections) bytes(of ref) []byte {
	place := s.place(of)
	return s.data[s.end(place):s.end(place+1)]
}

// text returns an element of the section of strings.
func (s *sections) text(index uint32) []byte {
	return s.bytes(ref{stringSection, index})
}
