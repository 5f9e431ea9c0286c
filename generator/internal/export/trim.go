package export

import "encoding/binary"

// Trim returns an export file that has, of all that the package declares, only the objects of those names and what they
// depend on, whichever package that is of. A name that the package does not have is left out. An importer finds every
// object that is there as it would find it in the whole data, with its position. Only the package's list of imports is
// shorter: the importer makes it of the packages that it meets.
//
// Equal names give equal bytes, and trimming the result to the same names gives the same bytes again.
func (d *Data) Trim(names map[string]bool) ([]byte, error) {
	s := newSelection(&d.sections)
	own := s.take(ref{packageSection, d.own})
	var kept []uint32
	for _, object := range d.objects {
		if object.owner == d.own && names[string(d.sections.text(object.name))] {
			kept = append(kept, s.take(ref{objectSection, object.index}))
		}
	}
	if err := s.copyTaken(); err != nil {
		return nil, err
	}
	s.parts[metaSection].add(publicRoot(own, kept))
	return s.archive(d.head), nil
}

// publicRoot returns the element that lists the objects of a package.
func publicRoot(own uint32, objects []uint32) []byte {
	table := []ref{{packageSection, own}}
	list := []byte{0} // the package's place in the table
	list = binary.AppendUvarint(list, uint64(len(objects)))
	for _, object := range objects {
		list = binary.AppendUvarint(list, uint64(len(table)))
		list = append(list, 0) // type arguments
		table = append(table, ref{objectSection, object})
	}
	return append(appendTable(nil, table), list...)
}
