package record

import (
	"encoding/json"
	"iter"
)

// Values yields the values of a section, in the order in which they came. They are valid until the next change of f.
func (f *Fields) Values(s Section) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, m := range f.members {
			var key string
			if m.section != s || json.Unmarshal(f.key(m), &key) != nil {
				continue
			}
			if !yield(key, f.buf[m.value:m.end]) {
				return
			}
		}
	}
}
