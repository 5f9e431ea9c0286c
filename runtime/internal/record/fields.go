package record

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

// Section is one of the three objects of a row that hold captured values.
type Section uint8

// The sections of a row.
const (
	Input Section = iota
	Output
	Metadata
)

var sectionNames = [...]string{Input: "input", Output: "output", Metadata: "metadata"}

// String returns the name of the section on the wire.
func (s Section) String() string { return sectionNames[s] }

// Fields holds the captured values of a trace or a span, already encoded. They lie in one buffer in the order in
// which they came, as JSON members (`"key":value`), and an index says which section each belongs to.
//
// Fields is not safe for concurrent use and must not be copied.
type Fields struct {
	buf     []byte
	unused  int // bytes of buf that belong to values that were replaced
	members []member
	inline  [4]member // where members begins: most spans have no more, and need no allocation for them
	places  *places   // of the members, where there are many of them; nil otherwise
}

// member is one captured value. buf[start:value] is its encoded key and a colon, buf[value:end] its JSON.
type member struct {
	section           Section
	start, value, end uint32
}

// Lend gives f memory to write to, where it has none of its own yet. It comes back from [Fields.Settle].
func (f *Fields) Lend(buf []byte) { f.buf = buf[:0] }

// Bare reports whether f has no memory to write to.
func (f *Fields) Bare() bool { return f.buf == nil }

// Size returns how many bytes the values have.
func (f *Fields) Size() int { return len(f.buf) - f.unused }

// Set captures a value, a JSON text without line breaks, under a key of a section. It replaces the value that stood
// there.
func (f *Fields) Set(s Section, key string, text []byte) {
	m := f.begin(s, key)
	f.buf = append(f.buf, text...)
	f.commit(m)
}

// SetText captures a string that is cut after limit bytes. It spares the detour of the most frequent kind of value.
func (f *Fields) SetText(s Section, key, text string, limit int) {
	m := f.begin(s, key)
	f.buf = value.AppendText(f.buf, text, limit)
	f.commit(m)
}

// SetPlain captures a [value.Plain] value that is cut after limit bytes, or what stands in its place where it has more
// bytes than there is room for. Like SetText it spares a detour. It returns how many bytes the value has.
func (f *Fields) SetPlain(s Section, key string, v any, b Bounds) (size int) {
	m := f.begin(s, key)
	f.buf = value.Append(f.buf, v, b.Limit)
	size = len(f.buf) - int(m.value)
	if size > b.Room {
		f.buf = append(f.buf[:m.value], b.Instead...)
	}
	f.commit(m)
	return size
}

// Bounds are those of a value: it is cut after Limit bytes, and Instead stands in its place where it has more than Room.
type Bounds struct {
	Limit, Room int
	Instead     string
}

// Merge captures a value like Set, but merges it with the one that stands there if both are objects: the members
// of the new one win, and objects within are merged the same way.
func (f *Fields) Merge(s Section, key string, text []byte) {
	if old, ok := f.Get(s, key); ok {
		text = merge(old, text, maxMergeDepth)
	}
	f.Set(s, key, text)
}

// Delete forgets a value.
func (f *Fields) Delete(s Section, key string) {
	i := f.find(s, value.AppendKey(nil, key))
	if i < 0 {
		return
	}
	f.unused += int(f.members[i].end - f.members[i].start)
	f.members = slices.Delete(f.members, i, i+1)
	f.places = nil // they are others now
	f.compact()
}

// Get returns the JSON under a key of a section. It is valid until the next change of f.
func (f *Fields) Get(s Section, key string) ([]byte, bool) {
	i := f.find(s, value.AppendKey(nil, key))
	if i < 0 {
		return nil, false
	}
	return f.buf[f.members[i].value:f.members[i].end], true
}

// begin writes the key of a value.
func (f *Fields) begin(s Section, key string) member {
	m := member{section: s, start: uint32(len(f.buf))}
	f.buf = value.AppendKey(f.buf, key)
	f.buf = append(f.buf, ':')
	m.value = uint32(len(f.buf))
	return m
}

// commit enters a value that was written into the index.
func (f *Fields) commit(m member) {
	m.end = uint32(len(f.buf))
	if i := f.find(m.section, f.key(m)); i >= 0 {
		f.unused += int(f.members[i].end - f.members[i].start)
		f.members[i] = m
		f.compact()
		return
	}
	if f.members == nil {
		f.members = f.inline[:0]
	}
	f.members = append(f.members, m)
	f.place(m)
}

// compact lets go of values that were replaced or deleted when they are most of the buffer: a span may report its progress for hours.
func (f *Fields) compact() {
	if f.unused < 4096 || f.unused < len(f.buf)/2 {
		return
	}
	f.buf = f.copyTo(make([]byte, 0, len(f.buf)))
}

// copyTo appends the values to buf, which is empty, from where f reads them from now on.
func (f *Fields) copyTo(buf []byte) []byte {
	for i := range f.members {
		m := &f.members[i]
		start := uint32(len(buf))
		buf = append(buf, f.buf[m.start:m.end]...)
		m.value += start - m.start
		m.end += start - m.start
		m.start = start
	}
	f.unused = 0
	return buf
}

// key returns the encoded key of m.
func (f *Fields) key(m member) []byte { return f.buf[m.start : m.value-1] }

// appendSection appends `,"input":{...}` to a row, or nothing if the section is empty.
// The values of under are those of a root span, which its trace shows where it has none itself.
func (f *Fields) appendSection(dst []byte, s Section, under *Fields) []byte {
	start := len(dst)
	dst = append(dst, `,"`...)
	dst = append(dst, s.String()...)
	dst = append(dst, `":{`...)
	open := len(dst)
	dst = f.appendMembers(dst, s, nil)
	dst = under.appendMembers(dst, s, f)
	if len(dst) == open {
		return dst[:start]
	}
	dst[len(dst)-1] = '}' // in place of the last comma
	return dst
}

// appendMembers appends the values of a section that over, which may be nil, does not have, each with a comma.
func (f *Fields) appendMembers(dst []byte, s Section, over *Fields) []byte {
	for i := range f.members {
		m := &f.members[i]
		if m.section != s || over != nil && over.find(s, f.key(*m)) >= 0 {
			continue
		}
		dst = append(dst, f.buf[m.start:m.end]...)
		dst = append(dst, ',')
	}
	return dst
}

// Settle copies the values to dst, which has room for [Fields.Size] bytes, and returns the memory that f held them in.
// What is in dst does not change any more: a later capture copies what it needs.
func (f *Fields) Settle(dst []byte) (lent []byte) {
	lent = f.buf
	settled := f.copyTo(dst[:0])
	f.buf = settled[:len(settled):len(settled)]
	return lent
}

// maxMergeDepth is how deep Merge looks into objects; further down the new value replaces the old one.
const maxMergeDepth = 10

// merge merges two JSON texts. What is not an object on both sides is replaced.
func merge(old, new []byte, depth int) []byte {
	if depth == 0 || !object(old) || !object(new) {
		return new
	}
	var a, b map[string]json.RawMessage
	if json.Unmarshal(old, &a) != nil || json.Unmarshal(new, &b) != nil {
		return new
	}
	for k, v := range b {
		if was, ok := a[k]; ok {
			v = merge(was, v, depth-1)
		}
		a[k] = v
	}
	return value.Append(nil, a, math.MaxInt32)
}

func object(b []byte) bool { return bytes.HasPrefix(b, []byte("{")) }
