package value

import (
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// AppendString appends s as a JSON string, byte for byte as encoding/json does without HTML escaping: invalid UTF-8
// becomes U+FFFD, and U+2028 and U+2029 are escaped.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

// AppendText appends s as a JSON string that is cut, with a mark that says so, where it has more than limit bytes.
func AppendText(dst []byte, s string, limit int) []byte {
	return AppendString(dst, Cut(s, limit))
}

// Cut returns s, or if it has more than limit bytes its beginning and a mark.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	head := cut(s, limit)
	return fmt.Sprintf("%s [cut: the first %d of %d bytes]", head, len(head), len(s))
}

// appendCut appends the beginning of JSON text that grew past its limit. The text is no longer JSON, so it becomes
// a string.
func appendCut(dst []byte, text string, limit int) []byte {
	head := cut(text, limit)
	dst = append(dst, '"')
	dst = appendEscaped(dst, head)
	dst = fmt.Appendf(dst, " [cut after %d bytes]", len(head))
	return append(dst, '"')
}

// cut returns the longest beginning of s that has at most n bytes and ends with a whole rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for range utf8.UTFMax - 1 {
		if n <= 0 || utf8.RuneStart(s[n]) {
			break
		}
		n--
	}
	return s[:max(n, 0)]
}

// appendEscaped appends the inside of a JSON string. Runs of bytes that need no escape are found eight at a time
// and copied at once: this loop is where most of the cost of a span with long texts would be.
func appendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := plainPrefix(s); i < len(s); i += plainPrefix(s[i:]) {
		if s[i] < utf8.RuneSelf {
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, s[i])
			i++
			start = i
			continue
		}
		escape, size := runeEscape(s[i:])
		if escape != "" {
			dst = append(append(dst, s[start:i]...), escape...)
			start = i + size
		}
		i += size
	}
	return append(dst, s[start:]...)
}

// runeEscape returns the escape of the first rune of s if JSON or JavaScript cannot carry it as it is, otherwise "",
// and how many bytes the rune has.
func runeEscape(s string) (escape string, size int) {
	switch r, size := utf8.DecodeRuneInString(s); {
	case r == utf8.RuneError && size == 1:
		return `\ufffd`, size
	case r == '\u2028':
		return `\u2028`, size
	case r == '\u2029':
		return `\u2029`, size
	default:
		return "", size
	}
}

// shorthands are the letters that stand behind a backslash for an ASCII character that needs an escape.
var shorthands = [utf8.RuneSelf]byte{'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

// appendEscape appends the escape of an ASCII character.
func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	if letter := shorthands[c]; letter != 0 {
		return append(dst, '\\', letter)
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}

// plainPrefix returns how many bytes of s, from its start, are ASCII that needs no escape. Where a word of eight bytes is
// plain the next ones mostly are, too, and two at a time are tested for less.
func plainPrefix(s string) int {
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		if other := notPlain(word(s[n:])); other != 0 {
			return n + bits.TrailingZeros64(other)/8
		}
		for len(s)-n >= 24 && notPlain(word(s[n+8:]))|notPlain(word(s[n+16:])) == 0 {
			n += 16
		}
	}
	for n < len(s) && isPlain(s[n]) {
		n++
	}
	return n
}

func isPlain(c byte) bool {
	return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\'
}

// word loads the first eight bytes of s; the compiler makes it one load.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// notPlain returns a word whose lowest bit that is set belongs to the first of the eight bytes of w that is not
// plain, or 0 if all are. It tests them together with the usual tricks: a byte below n borrows into its high bit when
// n is subtracted, and x^c is zero where x is c. With the bits of ' '^'"' turned over, the quote is where the space was,
// next to the control characters. What a byte borrows can only set bits of the bytes after it.
func notPlain(w uint64) uint64 {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	low, slash := w^(ones*(' '^'"')), w^(ones*'\\')
	below := (low - ones*(' '+1)) | (slash - ones)
	return (w | below) & highs
}
