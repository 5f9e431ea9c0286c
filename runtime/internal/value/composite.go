package value

import "reflect"

// dynamic writes what an interface holds. The value that it holds has no address, so what stands for it on the path
// is its place there.
func (e *encoder) dynamic(v reflect.Value) {
	if v.IsNil() {
		e.null()
		return
	}
	if !e.enter(reference{len: ^len(e.path)}) {
		return
	}
	e.value(v.Elem())
	e.leave()
}

// newPointerEncode writes what a pointer points to.
func newPointerEncode(t reflect.Type) func(*encoder, reflect.Value) {
	elem := planOf(t.Elem())
	plain := newPlainEncode(t.Elem(), nil)
	return func(e *encoder, v reflect.Value) {
		if v.IsNil() {
			e.null()
			return
		}
		if plain != nil {
			plain(e, v.UnsafePointer())
			return
		}
		if !e.enter(reference{at: v.UnsafePointer(), typ: t}) {
			return
		}
		elem.run(e, v.Elem())
		e.leave()
	}
}

// newSliceEncode writes a slice as an array, and a slice of bytes as text or as base64.
func newSliceEncode(t reflect.Type) func(*encoder, reflect.Value) {
	if byteSlice(t) {
		return (*encoder).sliceOfBytes
	}
	array := newElementsEncode(t)
	plain := newPlainElements(t, nil)
	return func(e *encoder, v reflect.Value) {
		if v.IsNil() {
			e.null()
			return
		}
		if plain != nil {
			plain(e, v.UnsafePointer(), v.Len())
			return
		}
		if !e.enter(reference{at: v.UnsafePointer(), len: v.Len(), typ: t}) {
			return
		}
		array(e, v)
		e.leave()
	}
}

// sliceOfBytes writes a slice of bytes.
func (e *encoder) sliceOfBytes(v reflect.Value) {
	if v.IsNil() {
		e.null()
		return
	}
	e.bytes(v.Bytes())
}

// byteSlice reports whether t holds plain bytes: a byte type with a marshaler of its own writes its elements.
func byteSlice(t reflect.Type) bool {
	if t.Elem().Kind() != reflect.Uint8 {
		return false
	}
	pointer := reflect.PointerTo(t.Elem())
	return !pointer.Implements(marshalerType) && !pointer.Implements(textMarshalerType)
}

// newElementsEncode spares the slices that programs hold most the reflection in their loop.
func newElementsEncode(t reflect.Type) func(*encoder, reflect.Value) {
	switch t {
	case reflect.TypeFor[[]any]():
		return func(e *encoder, v reflect.Value) { elements(e, v.Interface().([]any), (*encoder).any) }
	case reflect.TypeFor[[]string]():
		return func(e *encoder, v reflect.Value) { elements(e, v.Interface().([]string), (*encoder).text) }
	default:
		return newArrayEncode(t)
	}
}

func elements[V any](e *encoder, list []V, element func(*encoder, V)) {
	e.dst = append(e.dst, '[')
	for i, v := range list {
		e.comma(i > 0)
		element(e, v)
		if !e.more() {
			return
		}
	}
	e.dst = append(e.dst, ']')
}

// newArrayEncode writes the elements of an array or a slice.
func newArrayEncode(t reflect.Type) func(*encoder, reflect.Value) {
	elem := planOf(t.Elem())
	return func(e *encoder, v reflect.Value) {
		e.dst = append(e.dst, '[')
		for i := range v.Len() {
			e.comma(i > 0)
			elem.run(e, v.Index(i))
			if !e.more() {
				return
			}
		}
		e.dst = append(e.dst, ']')
	}
}
