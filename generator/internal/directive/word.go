package directive

import (
	"go/token"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line is the text of a comment and the place where it starts.
type line struct {
	text string
	pos  token.Position
}

// at returns the place of the byte at offset i.
func (l line) at(i int) token.Position {
	pos := l.pos
	pos.Column += i
	pos.Offset += i
	return pos
}

// word is one blank separated element of a directive: key=value, or a key alone.
type word struct {
	pos        token.Position
	key, value string
	valuePos   token.Position // inside the quotes
	assigned   bool           // there is an equals sign
}

// words splits the line from offset i on, and appends its words. A comment behind the arguments, which starts with //,
// ends them. After a fault there are no further words, because it is not known where the next would start.
func (l line) words(words []word, i int) ([]word, *Diagnostic) {
	for {
		i += blanks(l.text[i:])
		if i == len(l.text) || strings.HasPrefix(l.text[i:], "//") {
			return words, nil
		}
		w, end, fault := l.word(i)
		if fault != nil {
			return words, fault
		}
		words = append(words, w)
		i = end
	}
}

// word reads the word at offset i, and returns where it ends.
func (l line) word(i int) (w word, end int, fault *Diagnostic) {
	if end, ok := quotedEnd(l.text, i); ok {
		text, fault := l.unquote(i, end)
		key, value, assigned := strings.Cut(text, "=")
		return word{pos: l.at(i + 1), key: key, value: value, valuePos: l.at(i + 1 + len(key+"=")), assigned: assigned}, end, fault
	}
	w = word{pos: l.at(i)}
	w.key, end, w.assigned = keyAt(l.text, i)
	if w.assigned {
		w.value, w.valuePos, end, fault = l.value(end)
	}
	return w, end, fault
}

// value reads the value at offset i, and returns where it starts and ends.
func (l line) value(i int) (value string, pos token.Position, end int, fault *Diagnostic) {
	if end, ok := quotedEnd(l.text, i); ok {
		value, fault := l.unquote(i, end)
		return value, l.at(i + 1), end, fault
	}
	end, open := bareEnd(l.text, i)
	if open >= 0 {
		return "", pos, 0, &Diagnostic{Pos: l.at(open), Message: unclosed(l.text[open])}
	}
	return l.text[i:end], l.at(i), end, nil
}

func (l line) unquote(i, end int) (string, *Diagnostic) {
	value, err := strconv.Unquote(l.text[i:end])
	if err != nil {
		return "", &Diagnostic{Pos: l.at(i), Message: "not a Go string: " + l.text[i:end] + ": check what follows the backslashes"}
	}
	return value, nil
}

// keyAt reads the key at offset i. It ends behind the equals sign or, where none follows, with the word.
func keyAt(text string, i int) (key string, end int, assigned bool) {
	if key, _, assigned := strings.Cut(text[i:], "="); assigned && firstField(key) == key {
		return key, i + len(key) + 1, true
	}
	end, open := bareEnd(text, i)
	if open >= 0 {
		end = i + len(firstField(text[i:]))
	}
	return text[i:end], end, false
}

// unclosed says which bracket or quote misses its counterpart.
func unclosed(opening byte) string {
	return "there is no end to the " + strconv.Quote(string(opening)) +
		" that opens here: close it, or put the whole value in quotes"
}

// firstField returns what stands before the first blank.
func firstField(text string) string {
	if blank := strings.IndexFunc(text, unicode.IsSpace); blank >= 0 {
		return text[:blank]
	}
	return text
}

// blanks returns how many bytes of white space text starts with.
func blanks(text string) int {
	return len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
}

// quotedEnd returns the offset behind a string that opens at offset i and makes up the rest of a word.
func quotedEnd(text string, i int) (end int, ok bool) {
	if i == len(text) || text[i] != '"' && text[i] != '`' {
		return 0, false
	}
	end = quoteEnd(text, i)
	return end, end == len(text) || end > 0 && blanks(text[end:]) > 0
}

// quoteEnd returns the offset behind the string or rune that opens at offset i, or -1 where it has no end.
func quoteEnd(text string, i int) int {
	opening := text[i]
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == opening:
			return j + 1
		case text[j] == '\\' && opening != '`':
			j++
		}
	}
	return -1
}

// bareEnd returns where a value without quotes around it ends: at the first blank that is in no bracket and in no
// string. Where one of those is not closed, open is its offset, otherwise -1.
func bareEnd(text string, i int) (end, open int) {
	brackets := make([]int, 0, 8)
	for end = i; end < len(text); {
		if isPathByte(text[end]) {
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[end:])
		switch {
		case r == '"' || r == '`' || r == '\'' && !isApostrophe(text[i:end]):
			behind := quoteEnd(text, end)
			if behind < 0 {
				return 0, end
			}
			size = behind - end
		case r == '(' || r == '[' || r == '{':
			brackets = append(brackets, end)
		case (r == ')' || r == ']' || r == '}') && len(brackets) > 0:
			brackets = brackets[:len(brackets)-1]
		case len(brackets) == 0 && unicode.IsSpace(r):
			return end, -1
		}
		end += size
	}
	if len(brackets) > 0 {
		return 0, brackets[0]
	}
	return end, -1
}

// isPathByte reports whether a byte is one of those that names and paths such as resp.Usage, hence most values, are made of.
func isPathByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_'
}

// isApostrophe reports whether a single quote behind this text is an apostrophe, as in don't: in Go no rune literal
// follows a letter.
func isApostrophe(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_'
}
