// Package value writes captured Go values as JSON.
//
// It reads what encoding/json reads and, for what encoding/json can encode, writes the same bytes. It differs where a
// tracer has other duties than a codec. A value that has no JSON form (a channel, NaN, a cycle, a panicking
// MarshalJSON) costs only itself: a short note stands in its place and the rest of the value is kept. Fields tagged
// `opik:"-"` are left out and fields tagged `opik:"redact"` are blanked, however deep they are. Errors are written as
// their message, and bytes that are text as text. A value that is too large is cut. A value with a RawJSON method, as the
// responses of some SDKs have it, is written as the JSON that it was decoded from. Fields that hold functions, channels
// or readers, and all that carries the headers and cookies of requests, are left out.
package value

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// Redacted stands where a value was blanked.
const Redacted = "[redacted]"

// Append appends v to dst as JSON. The JSON has at most about limit bytes. Append never panics and never fails.
func Append(dst []byte, v any, limit int) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return AppendText(dst, v, limit)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return AppendFloat(dst, v)
	}
	return appendAny(dst, v, limit)
}

// appendAny appends a value for which a plan by its type is needed.
func appendAny(dst []byte, v any, limit int) []byte {
	e := encoders.Get().(*encoder)
	start := len(dst)
	e.dst, e.limit = dst, start+limit
	e.top(reflect.ValueOf(v))
	dst = e.dst
	if e.full {
		dst = appendCut(dst[:start], string(dst[start:]), limit)
	}
	e.release()
	return dst
}

// Nil reports whether v is nil or holds a nil pointer, map, slice, function, channel or interface.
func Nil(v any) bool {
	if v == nil {
		return true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return r.IsNil()
	default:
		return false
	}
}

// AppendFloat appends f as encoding/json writes a float64, and as a string where JSON has no number for it.
func AppendFloat(dst []byte, f float64) []byte {
	return appendFloat(dst, f, 64)
}

// appendFloat follows ECMAScript: plain digits in the middle of the range, an exponent outside.
func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return AppendString(dst, strconv.FormatFloat(f, 'g', -1, bits))
	}
	abs := math.Abs(f)
	if abs == 0 || plain(abs, bits) {
		return strconv.AppendFloat(dst, f, 'f', -1, bits)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, bits)
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is written e-9
		dst = dst[:n-1]
	}
	return dst
}

// plain reports whether a positive float of the given size is written without an exponent.
func plain(abs float64, bits int) bool {
	if bits == 32 {
		return float32(abs) >= 1e-6 && float32(abs) < 1e21
	}
	return abs >= 1e-6 && abs < 1e21
}

// bytes appends b as text if it is text, otherwise as base64, as encoding/json does.
//
// What would be cut from text in any case is neither looked at nor copied: it may be gigabytes.
func (e *encoder) bytes(b []byte) {
	head := b
	if room := max(e.limit-len(e.dst), 0) + utf8.UTFMax; len(b) > room {
		head = wholeRunes(b[:room])
	}
	if text(head) {
		e.text(string(head))
		return
	}
	e.base64(b)
}

// wholeRunes returns the beginning of a text without the part of a character that is left at its end.
func wholeRunes(b []byte) []byte {
	last := len(b) - 1
	for last > 0 && len(b)-last < utf8.UTFMax && !utf8.RuneStart(b[last]) {
		last--
	}
	if last < 0 || utf8.FullRune(b[last:]) {
		return b
	}
	return b[:last]
}

// text reports whether b is what a person would call text: UTF-8 without control characters but white space.
func text(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}

// number reports whether s is a JSON number, as a json.Number must be.
func number(s string) bool {
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return false
	}
	return json.Valid([]byte(s))
}
