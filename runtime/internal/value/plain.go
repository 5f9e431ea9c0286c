package value

import (
	"reflect"
	"slices"
	"strconv"
	"unsafe"
)

// Most values that programs trace are plain: texts, numbers and booleans, in structs and slices. Their types
// have no methods that write them, hold no interfaces and do not lead back to themselves, so that all there is to know
// is in the type. They are written straight from memory, in half the time that reflection takes.

// Plain reports whether v is plain, so that nothing but this package runs when it is written.
func Plain(v any) bool {
	p := planOf(reflect.TypeOf(v))
	p.once.Do(p.make)
	return p.plain
}

// plainEncode writes the plain value that p points to.
type plainEncode func(e *encoder, p unsafe.Pointer)

// newPlainEncode returns how values of type t are written, or nil if t is not plain. outer are the types that t is
// part of.
func newPlainEncode(t reflect.Type, outer []reflect.Type) plainEncode {
	if speaks(t) || speaks(reflect.PointerTo(t)) || secret(t) || slices.Contains(outer, t) {
		return nil
	}
	outer = append(slices.Clip(outer), t)
	switch t.Kind() {
	case reflect.String:
		return func(e *encoder, p unsafe.Pointer) { e.text(*(*string)(p)) }
	case reflect.Bool:
		return func(e *encoder, p unsafe.Pointer) { e.dst = strconv.AppendBool(e.dst, *(*bool)(p)) }
	case reflect.Int:
		return func(e *encoder, p unsafe.Pointer) { e.dst = strconv.AppendInt(e.dst, int64(*(*int)(p)), 10) }
	case reflect.Int64:
		return func(e *encoder, p unsafe.Pointer) { e.dst = strconv.AppendInt(e.dst, *(*int64)(p), 10) }
	case reflect.Float64:
		return func(e *encoder, p unsafe.Pointer) { e.dst = appendFloat(e.dst, *(*float64)(p), 64) }
	case reflect.Pointer:
		return newPlainPointer(t, outer)
	case reflect.Slice:
		return newPlainSlice(t, outer)
	case reflect.Struct:
		return newPlainStruct(t, outer)
	default:
		return newRarePlain(t)
	}
}

// speaks reports whether a method of t says how its values are written.
func speaks(t reflect.Type) bool { return newMethodEncode(t) != nil || knowsJSON(t) }

// newRarePlain takes the numbers that few values hold the way over reflection.
func newRarePlain(t reflect.Type) plainEncode {
	if t.Kind() > reflect.Float64 {
		return nil
	}
	encode := newKindEncode(t)
	return func(e *encoder, p unsafe.Pointer) { encode(e, reflect.NewAt(t, p).Elem()) }
}

func newPlainPointer(t reflect.Type, outer []reflect.Type) plainEncode {
	elem := newPlainEncode(t.Elem(), outer)
	if elem == nil {
		return nil
	}
	return func(e *encoder, p unsafe.Pointer) {
		to := *(*unsafe.Pointer)(p)
		if to == nil {
			e.null()
			return
		}
		elem(e, to)
	}
}

// newPlainSlice reads a slice of any type as one of bytes, of which it takes the address and the length.
func newPlainSlice(t reflect.Type, outer []reflect.Type) plainEncode {
	if byteSlice(t) {
		return plainBytes
	}
	elements := newPlainElements(t, outer)
	if elements == nil {
		return nil
	}
	return func(e *encoder, p unsafe.Pointer) {
		list := *(*[]byte)(p)
		if list == nil {
			e.null()
			return
		}
		elements(e, unsafe.Pointer(unsafe.SliceData(list)), len(list))
	}
}

// plainBytes writes the slice of bytes at p.
func plainBytes(e *encoder, p unsafe.Pointer) {
	if b := *(*[]byte)(p); b != nil {
		e.bytes(b)
		return
	}
	e.null()
}

// newPlainElements returns how the n elements of a slice at p are written, or nil if they are not plain.
func newPlainElements(t reflect.Type, outer []reflect.Type) func(e *encoder, p unsafe.Pointer, n int) {
	size, elem := t.Elem().Size(), newPlainEncode(t.Elem(), outer)
	if elem == nil {
		return nil
	}
	return func(e *encoder, p unsafe.Pointer, n int) {
		e.dst = append(e.dst, '[')
		for i := range n {
			e.comma(i > 0)
			elem(e, unsafe.Add(p, uintptr(i)*size))
			if !e.more() {
				return
			}
		}
		e.dst = append(e.dst, ']')
	}
}

// A plainField is a member of the object that a plain struct is written as.
type plainField struct {
	member string // `,"name":`
	offset uintptr
	typ    reflect.Type
	omit   func(reflect.Value) bool // nil: never left out
	write  plainEncode
}

func newPlainStruct(t reflect.Type, outer []reflect.Type) plainEncode {
	var fields []plainField
	for _, f := range fieldsOf(t) {
		plain := newPlainField(t, f, outer)
		if plain.write == nil {
			return nil
		}
		fields = append(fields, plain)
	}
	return func(e *encoder, p unsafe.Pointer) {
		open := len(e.dst)
		for i := range fields {
			fields[i].encode(e, p)
			if !e.more() {
				break
			}
		}
		e.closeObject(open)
	}
}

// newPlainField returns how a field of t is written; without a write it is not plain.
func newPlainField(t reflect.Type, f field, outer []reflect.Type) plainField {
	sf := t.FieldByIndex(f.index[:1])
	plain := plainField{member: f.member, offset: sf.Offset, omit: f.omit}
	for _, i := range f.index[1:] {
		if sf.Type.Kind() == reflect.Pointer {
			return plainField{}
		}
		sf = sf.Type.Field(i)
		plain.offset += sf.Offset
	}
	plain.typ = sf.Type
	switch {
	case f.redacted:
		plain.write = func(e *encoder, _ unsafe.Pointer) { e.text(Redacted) }
	case !f.quoted && !asksItself(f.omit, sf.Type):
		plain.write = newPlainEncode(sf.Type, outer)
	}
	return plain
}

// asksItself reports whether a field may be left out because a method of its type says so.
func asksItself(omit func(reflect.Value) bool, t reflect.Type) bool {
	return omit != nil && reflect.PointerTo(t).Implements(zeroerType)
}

// encode writes the member of the struct at p.
func (f *plainField) encode(e *encoder, p unsafe.Pointer) {
	p = unsafe.Add(p, f.offset)
	if f.omit != nil && f.omit(reflect.NewAt(f.typ, p).Elem()) {
		return
	}
	e.dst = append(e.dst, f.member...)
	f.write(e, p)
}
