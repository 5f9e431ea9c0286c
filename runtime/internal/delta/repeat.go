package delta

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// repeat is what a chunk has in common with the one before it: nearly all chunks of an answer differ in a piece of text
// alone, and to append that is a hundred times as fast as to decode and merge the chunk.
type repeat struct {
	head, tail []byte // of the chunk, around the piece
	grown      *text  // that pieces are appended to; nil where nothing is known
	scratch    []byte
}

// take adds a chunk that differs from the one before it in the piece only, and reports whether it was such a one.
func (r *repeat) take(chunk []byte) bool {
	if r.grown == nil || len(chunk) < len(r.head)+len(r.tail) || !bytes.HasPrefix(chunk, r.head) || !bytes.HasSuffix(chunk, r.tail) {
		return false
	}
	piece := chunk[len(r.head) : len(chunk)-len(r.tail)]
	if !isPlain(piece) {
		return false
	}
	r.grown.b = append(r.grown.b, piece...)
	return true
}

// isPlain reports whether the inside of a JSON string stands for itself.
func isPlain(piece []byte) bool {
	return utf8.Valid(piece) && !slices.ContainsFunc(piece, func(c byte) bool { return c < ' ' || c == '"' || c == '\\' })
}

// learn looks at a chunk that was merged and let a text grow by a piece. object is the chunk as it was merged.
func (r *repeat) learn(chunk []byte, object map[string]any, grown *text, piece string) {
	r.grown = nil
	quoted := []byte(`"` + piece + `"`)
	if grown == nil || additions(object, maxDepth) != 1 || !isPlain([]byte(piece)) || bytes.Count(chunk, quoted) != 1 {
		return
	}
	at := bytes.Index(chunk, quoted) + 1
	r.head = append(r.head[:0], chunk[:at]...)
	r.tail = append(r.tail[:0], chunk[at+len(piece):]...)
	r.grown = grown
}

// additions counts the values of a chunk that would change the answer again if they came a second time.
func additions(object map[string]any, depth int) int {
	n := 0
	for name, v := range object {
		n += added(name, v, depth)
	}
	return n
}

func added(name string, v any, depth int) int {
	switch v := v.(type) {
	case string:
		if v != "" && slices.Contains(concatenated, name) {
			return 1
		}
	case map[string]any:
		if depth > 0 {
			return additions(v, depth-1)
		}
	case []any:
		return addedElements(name, v, depth)
	}
	return 0
}

func addedElements(name string, list []any, depth int) int {
	if !indexed(list) {
		if slices.Contains(appended, name) {
			return len(list)
		}
		return 0
	}
	n := 0
	for _, v := range list {
		n += additions(v.(map[string]any), depth-1)
	}
	return n
}

// steady returns a chunk without what says nothing and is another in each: the padding, and the numbers of the events of
// a response. It is valid until the next call.
func (r *repeat) steady(chunk []byte) []byte {
	const event, number = `{"type":"response.`, `","sequence_number":`
	chunk = withoutPadding(chunk)
	after, ok := bytes.CutPrefix(chunk, []byte(event))
	kind, numbered, found := bytes.Cut(after, []byte(number))
	rest := bytes.TrimLeft(numbered, "0123456789")
	digits := len(numbered) - len(rest)
	if !ok || !found || !isPlain(kind) || digits == 0 || digits > 1 && numbered[0] == '0' {
		return chunk
	}
	r.scratch = append(append(r.scratch[:0], chunk[:len(event)+len(kind)]...), rest...)
	return r.scratch
}

// withoutPadding cuts off what OpenAI appends to chunks to hide their lengths.
func withoutPadding(chunk []byte) []byte {
	const padding = `,"obfuscation":"`
	rest, ok := bytes.CutSuffix(chunk, []byte(`"}`))
	open := bytes.LastIndexByte(rest, '"') + 1
	if !ok || !bytes.HasSuffix(rest[:open], []byte(padding)) || !isPlain(rest[open:]) {
		return chunk
	}
	return rest[:open-len(padding)]
}
