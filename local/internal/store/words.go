package store

import (
	"bytes"
	"encoding/json"
	"strings"
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
	return text.String()
}

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
	if len(quoted) > maxWord && bytes.IndexByte(quoted[:maxWord], ' ') < 0 {
		return
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		text.Write(quoted)
	} else {
		text.WriteString(unquoted(quoted))
	}
	text.WriteByte('\n')
}

// unquoted undoes the escapes of a string. Of one that was cut it undoes those of line breaks.
func unquoted(quoted []byte) string {
	var plain string
	if json.Unmarshal(quoted, &plain) == nil {
		return plain
	}
	return strings.ReplaceAll(string(quoted), `\n`, "\n")
}
