package value

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// maxDepth is how many pointers, maps, slices and interfaces are followed to a value. Opik's server refuses a document
// that is nested deeper than 1000 levels.
const maxDepth = 200

// encoder writes one value. Encoders are pooled because plans, being stored, make theirs escape.
type encoder struct {
	dst   []byte
	limit int  // the length of dst at which writing stops
	full  bool // the limit was reached: what stands in dst is the beginning of the value only

	path []reference   // the pointers, maps and slices that lead to the current value, to find cycles
	keys []string      // the sorted keys of the maps that lead to the current value
	json *bytes.Buffer // for compacting what a marshaler wrote
}

// reference identifies something a cycle can go through. A slice and a part of it begin at the same place, so the
// length belongs to it, and so does the type: a struct begins where its first field does.
type reference struct {
	at  unsafe.Pointer
	len int
	typ reflect.Type
}

var encoders = sync.Pool{New: func() any { return &encoder{json: new(bytes.Buffer)} }}

// maxPooled keeps a single gigantic value from occupying memory for ever.
const maxPooled = 64 << 10

// release gives the encoder back. dst belongs to the caller.
func (e *encoder) release() {
	clear(e.path)
	clear(e.keys[:cap(e.keys)])
	e.dst, e.full, e.path, e.keys = nil, false, e.path[:0], e.keys[:0]
	if e.json.Cap() > maxPooled {
		e.json = new(bytes.Buffer)
	}
	encoders.Put(e)
}

// top writes a whole value.
func (e *encoder) top(v reflect.Value) { e.written(func() { e.value(v) }) }

// written calls what writes. The plans guard the methods of users' types themselves; what is guarded here is what
// nobody thought of, so that tracing a call can never be what breaks it.
func (e *encoder) written(write func()) {
	start := len(e.dst)
	defer func() {
		if r := recover(); r != nil {
			e.full = false
			e.dst = e.dst[:start]
			e.note("cannot be read: %v", r)
		}
	}()
	write()
}

// value writes v by the plan of its type. An invalid v is a nil interface.
func (e *encoder) value(v reflect.Value) {
	if !v.IsValid() {
		e.null()
		return
	}
	planOf(v.Type()).run(e, v)
}

// note writes a string in place of a value that has no JSON form.
func (e *encoder) note(format string, args ...any) {
	e.dst = AppendString(e.dst, "["+cut(fmt.Sprintf(format, args...), 200)+"]")
}

func (e *encoder) null() {
	e.dst = append(e.dst, "null"...)
}

// text writes a string, or as much of it as there is room for.
func (e *encoder) text(s string) {
	if room := e.limit - len(e.dst); len(s) > room {
		e.full = true
		e.dst = appendEscaped(append(e.dst, '"'), cut(s, room))
		return
	}
	e.dst = AppendString(e.dst, s)
}

func (e *encoder) base64(b []byte) {
	room := max(e.limit-len(e.dst), 0)
	if base64.StdEncoding.EncodedLen(len(b)) > room {
		e.full = true
		b = b[:min(len(b), base64.StdEncoding.DecodedLen(room))]
	}
	e.dst = append(e.dst, '"')
	e.dst = base64.StdEncoding.AppendEncode(e.dst, b)
	e.dst = append(e.dst, '"')
}

// raw writes JSON that somebody else made, without its white space: a row is one line. What the server would refuse the
// row for becomes a string. It reports whether it was JSON.
func (e *encoder) raw(b []byte) bool {
	e.json.Reset()
	if json.Compact(e.json, b) != nil {
		return false
	}
	compact := e.json.Bytes()
	if !utf8.Valid(compact) {
		compact = bytes.ToValidUTF8(compact, []byte("\ufffd"))
	}
	if refused(compact) {
		e.text(string(compact))
		return true
	}
	if room := max(e.limit-len(e.dst), 0); len(compact) > room {
		e.full = true
		compact = compact[:room]
	}
	e.dst = append(e.dst, compact...)
	return true
}

// more reports whether there is room for another element, and remembers if there was none.
func (e *encoder) more() bool {
	if len(e.dst) > e.limit {
		e.full = true
	}
	return !e.full
}

// enter follows a reference. It reports false, and writes a note, where that would not end.
func (e *encoder) enter(r reference) bool {
	if len(e.path) >= maxDepth {
		e.note("nested deeper than %d levels", maxDepth)
		return false
	}
	for _, p := range e.path {
		if p == r {
			e.note("cycle")
			return false
		}
	}
	e.path = append(e.path, r)
	return true
}

func (e *encoder) leave() {
	e.path = e.path[:len(e.path)-1]
}
