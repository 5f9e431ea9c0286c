package record

import "bytes"

// manyMembers is how many values are found by looking at one after the other. With more of them, as those of a map with
// a key for each of ten thousand documents, that would take longer with each, and stop the program for minutes.
const manyMembers = 64

// places are the places of members by section and encoded key.
type places [len(sectionNames)]map[string]int

// find returns the place of a value in the index by its encoded key, or -1.
func (f *Fields) find(s Section, key []byte) int {
	if f.places != nil {
		if i, ok := f.places[s][string(key)]; ok {
			return i
		}
		return -1
	}
	for i, m := range f.members {
		if m.section == s && bytes.Equal(f.key(m), key) {
			return i
		}
	}
	return -1
}

// place notes the place of m, which is the last member, once there are many.
func (f *Fields) place(m member) {
	switch {
	case f.places != nil:
		f.places[m.section][string(f.key(m))] = len(f.members) - 1
	case len(f.members) > manyMembers:
		f.placeAll()
	}
}

// placeAll notes the places of all members.
func (f *Fields) placeAll() {
	f.places = &places{}
	for s := range f.places {
		f.places[s] = map[string]int{}
	}
	for i, m := range f.members {
		f.places[m.section][string(f.key(m))] = i
	}
}
