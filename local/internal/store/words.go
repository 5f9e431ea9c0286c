package store

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWords = 32 << 10 // of one row, in bytes
	maxWord  = 256      // what is longer and holds no space is no word: an encoded file, a key
)

// words are the texts that a row is found by: its names, and every string of its JSON.
func (r *Row) words() string {
	var text strings.Builder
	for _, part := range []string{r.Name, r.Model, r.Provider, r.ThreadID, strings.Join(head(r.Tags, 100), "\n")} {
		text.WriteString(part)
		text.WriteByte('\n')
	}
	for _, document := range []json.RawMessage{r.Error, r.Input, r.Output, r.Metadata} {
		addStrings(&text, document)
	}
	return spaced(text.String())
}

// unspaced are the scripts that do without spaces between words.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// spaced makes a word of each character of such scripts: a run of them would be one word, found by its beginning only.
func spaced(text string) string {
	if !strings.ContainsFunc(text, isUnspaced) {
		return text
	}
	var apart strings.Builder
	for _, r := range text {
		if isUnspaced(r) {
			apart.WriteByte(' ')
			apart.WriteRune(r)
			apart.WriteByte(' ')
			continue
		}
		apart.WriteRune(r)
	}
	return apart.String()
}

// isUnspaced reports whether a character is of such a script.
func isUnspaced(r rune) bool { return r >= 0x0e00 && unicode.In(r, unspaced...) }

// head is the beginning of a list.
func head(list []string, size int) []string { return list[:min(len(list), size)] }

// addStrings appends the strings of a JSON document until there are enough words. The document is valid.
func addStrings(text *strings.Builder, document []byte) {
	for text.Len() < maxWords {
		start := bytes.IndexByte(document, '"')
		if start < 0 {
			return
		}
		end := endOfString(document, start)
		if end < 0 {
			return
		}
		addString(text, document[start:end])
		document = document[end:]
	}
}

// endOfString returns the offset behind the string that begins at start.
func endOfString(document []byte, start int) int {
	for i := start + 1; i < len(document); i++ {
		switch document[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// addString appends one quoted string.
func addString(text *strings.Builder, quoted []byte) {
	quoted = quoted[:min(len(quoted), maxWords)]
	if len(quoted) > maxWord && bytes.IndexByte(quoted[:maxWord], ' ') < 0 && isASCII(quoted[:maxWord]) {
		return
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		text.Write(quoted)
	} else {
		text.WriteString(unquoted(quoted))
	}
	text.WriteByte('\n')
}

// isASCII reports whether a text holds no other characters, as an encoded file does.
func isASCII(text []byte) bool {
	return !slices.ContainsFunc(text, func(c byte) bool { return c >= utf8.RuneSelf })
}

// unquoted undoes the escapes of a string. Of one that was cut it undoes those of line breaks.
func unquoted(quoted []byte) string {
	var plain string
	if json.Unmarshal(quoted, &plain) == nil {
		return plain
	}
	return strings.ReplaceAll(string(quoted), `\n`, "\n")
}
