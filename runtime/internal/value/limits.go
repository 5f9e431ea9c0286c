package value

import "bytes"

// Opik's server refuses a row, and the batch that it is in, because of a document that is nested deeper than 1000 levels,
// of a number with more than 1000 digits, such as a large key in a big.Int, and of a name with more than 50,000
// characters, such as a prompt that is the key of a map. What the encoder makes by itself keeps to that, and so does, by
// what follows, what others made.
const (
	deepest       = 500 // for what others made stands below what the encoder made
	longestNumber = 1000
	longestName   = 50_000
)

// AppendKey appends the name of a member as a JSON string, cut where the server would not take it.
func AppendKey(dst []byte, key string) []byte { return AppendText(dst, key, longestName) }

// refused reports whether the server would refuse a row because of b, which is JSON without white space. Most JSON is
// known to be fine by its length and by how many brackets it has.
func refused(b []byte) bool {
	switch {
	case len(b) <= longestNumber:
		return false
	case len(b) <= longestName && bytes.Count(b, []byte{'['})+bytes.Count(b, []byte{'{'}) <= deepest && !longDigits(b):
		return false
	}
	return overLimits(b)
}

// longDigits reports whether there could be a number that is too long. One that is has a character at one of the places
// that are looked at.
func longDigits(b []byte) bool {
	for i := longestNumber; i < len(b); i += longestNumber {
		start := i
		for start > 0 && inNumber(b[start-1]) {
			start--
		}
		if inNumber(b[i]) && numberSize(b[start:]) > longestNumber {
			return true
		}
	}
	return false
}

// overLimits looks at all of b.
func overLimits(b []byte) bool {
	depth := 0
	for size := 1; len(b) > 0; b, size = b[size:], 1 {
		switch c := b[0]; {
		case c == '"':
			size = stringSize(b)
			if size-2 > longestName && size < len(b) && b[size] == ':' {
				return true
			}
		case c == '[' || c == '{':
			if depth++; depth > deepest {
				return true
			}
		case c == ']' || c == '}':
			depth--
		case inNumber(c):
			if size = numberSize(b); size > longestNumber {
				return true
			}
		}
	}
	return false
}

// numberSize returns how many characters of numbers b begins with.
func numberSize(b []byte) int {
	for i, c := range b {
		if !inNumber(c) {
			return i
		}
	}
	return len(b)
}

func inNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}
