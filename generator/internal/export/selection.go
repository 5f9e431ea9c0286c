package export

import (
	"encoding/binary"
	"fmt"
)

// selection is a part of the data as it grows. An element's new index is the number of those of its section that were
// taken before it, and the copies are made in the order in which elements are taken.
type selection struct {
	from    *sections
	indexes []uint32 // by the place in the data: the new index and one, or zero for what is not taken
	taken   [sectionCount]uint32
	queue   []ref // what is taken and not copied yet, in that order
	parts   [sectionCount]part
}

// part is one section of a selection.
type part struct {
	data []byte
	ends []uint32
}

// newSelection returns a selection that has nothing of the data yet.
func newSelection(from *sections) *selection {
	return &selection{from: from, indexes: make([]uint32, from.limits[objectSection])}
}

// take returns the new index of an element, which belongs to the selection from now on. It is of a section that
// canTake allows.
func (s *selection) take(wanted ref) uint32 {
	index := &s.indexes[s.from.place(wanted)]
	if *index == 0 {
		s.taken[wanted.section]++
		*index = s.taken[wanted.section]
		s.queue = append(s.queue, wanted)
	}
	return *index - 1
}

// canTake reports whether elements of a section are referred to where an importer reads.
func canTake(of section) bool {
	switch of {
	case stringSection, fileSection, packageSection, typeSection, objectSection:
		return true
	default:
		return false
	}
}

// copyTaken copies what is taken, and with each element takes those that it refers to, until there are no more.
func (s *selection) copyTaken() error {
	scratch := make([]ref, 0, 64)
	for len(s.queue) > 0 {
		next := s.queue[0]
		s.queue = s.queue[1:]
		if err := s.copyWhole(next, &scratch); err != nil {
			return err
		}
	}
	return nil
}

// copyWhole copies an element, and with an object its name and its dictionary. Its extension is only for the compiler.
func (s *selection) copyWhole(from ref, scratch *[]ref) error {
	switch from.section {
	case stringSection:
		s.parts[stringSection].add(s.from.bytes(from))
		return nil
	case objectSection:
		return s.copyElements(scratch, ref{nameSection, from.index}, from, ref{dictionarySection, from.index})
	default:
		return s.copyElements(scratch, from)
	}
}

func (s *selection) copyElements(scratch *[]ref, all ...ref) error {
	for _, from := range all {
		if err := s.copyElement(from, scratch); err != nil {
			return err
		}
	}
	return nil
}

// copyElement copies one element with new indexes in its table.
func (s *selection) copyElement(from ref, scratch *[]ref) error {
	e, err := s.from.element(from, *scratch)
	if err != nil {
		return err
	}
	*scratch = e.refs
	for i, to := range e.refs {
		if !canTake(to.section) {
			return fmt.Errorf("element %d of section %d refers to section %d", from.index, from.section, to.section)
		}
		e.refs[i].index = s.take(to)
	}
	part := &s.parts[from.section]
	part.data = appendTable(part.data, e.refs)
	part.add(e.rest.left())
	return nil
}

// appendTable appends an element's table of references.
func appendTable(data []byte, refs []ref) []byte {
	data = binary.AppendUvarint(data, uint64(len(refs)))
	for _, to := range refs {
		data = append(data, byte(to.section))
		data = binary.AppendUvarint(data, uint64(to.index))
	}
	return data
}

// add appends an element, or what is missing of one.
func (p *part) add(rest []byte) {
	p.data = append(p.data, rest...)
	p.ends = append(p.ends, uint32(len(p.data)))
}

// archive returns the selection as an export file that begins as its original does.
func (s *selection) archive(head []byte) []byte {
	size := prologueSize + fingerprintSize
	for _, part := range s.parts {
		size += 4*len(part.ends) + len(part.data)
	}
	archive := newArchive(head, size)
	archive = binary.LittleEndian.AppendUint32(archive, knownVersion)
	archive = binary.LittleEndian.AppendUint32(archive, 0) // flags
	archive = s.appendEnds(archive)
	for _, part := range s.parts {
		archive = append(archive, part.data...)
	}
	archive = append(archive, make([]byte, fingerprintSize)...) // of the contents, for the linker of programs: none
	return append(archive, payloadEnd...)
}

// appendEnds appends where sections end, in elements, and then where elements end, in bytes.
func (s *selection) appendEnds(archive []byte) []byte {
	var elements, begin uint32
	for _, part := range s.parts {
		elements += uint32(len(part.ends))
		archive = binary.LittleEndian.AppendUint32(archive, elements)
	}
	for _, part := range s.parts {
		for _, end := range part.ends {
			archive = binary.LittleEndian.AppendUint32(archive, begin+end)
		}
		begin += uint32(len(part.data))
	}
	return archive
}
