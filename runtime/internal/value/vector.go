package value

import (
	"bytes"
	"fmt"
	"reflect"
)

// WithoutVectors is written as V is, but for long lists of numbers: those are embeddings, which nobody reads in a trace.
type WithoutVectors struct{ V any }

var withoutVectorsType = reflect.TypeFor[WithoutVectors]()

// vector is how many numbers are an embedding.
const vector = 16

// vectorless writes a WithoutVectors.
func (e *encoder) vectorless(v reflect.Value) {
	start := len(e.dst)
	e.value(v.Field(0).Elem())
	if !e.full {
		e.dst = shortVectors(e.dst, start)
	}
}

// shortVectors shortens the long lists of numbers in the JSON that text has from start on.
func shortVectors(text []byte, start int) []byte {
	short := text[:start]
	for rest := text[start:]; len(rest) > 0; {
		head := bytes.IndexAny(rest, `["`)
		if head < 0 {
			return append(short, rest...)
		}
		short, rest = append(short, rest[:head]...), rest[head:]
		size := 1
		if rest[0] == '"' {
			size = stringSize(rest)
		} else if list, n := numbers(rest); n >= vector {
			short, rest = fmt.Appendf(short, `"[%d numbers]"`, n), rest[list:]
			continue
		}
		short, rest = append(short, rest[:size]...), rest[size:]
	}
	return short
}

// stringSize returns the size of the string that text begins with.
func stringSize(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// numbers returns the size of the list that text begins with, and how many numbers are in it: 0 if there is anything else.
func numbers(text []byte) (size, n int) {
	for i, c := range text[1:] {
		switch {
		case c == ',':
			n++
		case c == ']':
			return i + 2, n + 1
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E', c == ' ', c == '\n':
		default:
			return 0, 0
		}
	}
	return 0, 0
}
