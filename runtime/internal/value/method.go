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
	case number(s):
		e.dst = append(e.dst, s...)
	default:
		e.text(s)
	}
}

// marshaler writes what the MarshalJSON of a user's type returns. It runs on the caller's goroutine.
func (e *encoder) marshaler(v reflect.Value) {
	if nilPointer(v) {
		e.null()
		return
	}
	b, err := guard(v.Interface().(json.Marshaler).MarshalJSON)
	if err != nil {
		e.note("%s: MarshalJSON: %v", v.Type(), err)
		return
	}
	if !e.raw(b) {
		e.note("%s: MarshalJSON returned no JSON: %s", v.Type(), b)
	}
}

// textMarshaler writes what the MarshalText of a user's type returns.
func (e *encoder) textMarshaler(v reflect.Value) {
	if nilPointer(v) {
		e.null()
		return
	}
	b, err := guard(v.Interface().(encoding.TextMarshaler).MarshalText)
	if err != nil {
		e.note("%s: MarshalText: %v", v.Type(), err)
		return
	}
	e.text(string(b))
}

// message writes an error as its message: encoding/json would write {} for most of them.
func (e *encoder) message(v reflect.Value) {
	if nilPointer(v) {
		e.null()
		return
	}
	s, err := guard(func() (string, error) { return v.Interface().(error).Error(), nil })
	if err != nil {
		e.note("%s: Error: %v", v.Type(), err)
		return
	}
	e.text(s)
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
