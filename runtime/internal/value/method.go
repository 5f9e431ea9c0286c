package value

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
)

// rawMessage writes JSON that the program has at hand.
func (e *encoder) rawMessage(v reflect.Value) {
	switch {
	case v.IsNil():
		e.null()
	case !e.raw(v.Bytes()):
		e.note("not JSON: %s", v.Bytes())
	}
}

// jsonNumber writes a json.Number, which is a string that may hold anything.
func (e *encoder) jsonNumber(v reflect.Value) {
	switch s := v.String(); {
	case s == "":
		e.dst = append(e.dst, '0')
	case number(s) && len(s) <= longestNumber:
		e.dst = append(e.dst, s...)
	default:
		e.text(s)
	}
}

// marshaler writes what the MarshalJSON of a user's type returns. It runs on the caller's goroutine.
func (e *encoder) marshaler(v reflect.Value) {
	b, ok := ask(e, v, "MarshalJSON", json.Marshaler.MarshalJSON)
	if ok && !e.raw(b) {
		e.note("%s: MarshalJSON returned no JSON: %s", v.Type(), b)
	}
}

// textMarshaler writes what the MarshalText of a user's type returns.
func (e *encoder) textMarshaler(v reflect.Value) {
	if b, ok := ask(e, v, "MarshalText", encoding.TextMarshaler.MarshalText); ok {
		e.text(string(b))
	}
}

// message writes an error as its message: encoding/json would write {} for most of them.
func (e *encoder) message(v reflect.Value) {
	if s, ok := ask(e, v, "Error", func(err error) (string, error) { return err.Error(), nil }); ok {
		e.text(s)
	}
}

// ask returns what a method of a user's type says. Where that is nothing it writes null, or a note that says why, and
// reports false.
func ask[I, T any](e *encoder, v reflect.Value, name string, method func(I) (T, error)) (result T, ok bool) {
	if nilPointer(v) {
		e.null()
		return result, false
	}
	result, err := guard(func() (T, error) { return method(v.Interface().(I)) })
	if err != nil {
		e.note("%s: %s: %v", v.Type(), name, err)
	}
	return result, err == nil
}

// nilPointer reports whether v is nil and so has nobody to ask. A nil map or slice can have methods that work.
func nilPointer(v reflect.Value) bool {
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil()
}

// guard calls a method of a user's type and turns its panic into an error.
func guard[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}
