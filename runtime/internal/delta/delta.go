// Package delta merges the chunks in which a model's answer is streamed into the answer that it would have been without
// streaming: the chunks of OpenAI's chat completions and of the many APIs that are built like them, Ollama's and Google's,
// and the events of OpenAI's responses, of Anthropic's messages and of Amazon Bedrock's conversations.
package delta

import (
	"bytes"
	"encoding/json"
)

// Answer is what the chunks add up to. The zero Answer is empty.
type Answer struct {
	root   map[string]any
	size   int // bytes of the chunks that were added
	most   int // of them; 0 for any number
	repeat repeat
}

// Limit bounds how many bytes of chunks are added up. Of what comes then, only what replaces something is taken.
func (a *Answer) Limit(most int) { a.most = most }

// Add adds a chunk. What is not a JSON object is left out.
func (a *Answer) Add(chunk []byte) {
	steady := a.repeat.steady(chunk)
	if (a.most == 0 || a.size+len(chunk) <= a.most) && a.repeat.take(steady) {
		a.size += len(chunk)
		return
	}
	a.merge(chunk, steady)
}

// decoded returns the object that text is, with its numbers as they are written, or nil.
func decoded(text []byte) (object map[string]any) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil {
		return nil
	}
	return object
}

// merge adds a chunk by decoding it.
func (a *Answer) merge(chunk, steady []byte) {
	object := decoded(chunk)
	if object == nil {
		return
	}
	delete(object, "obfuscation")
	object = a.translated(object)
	last := a.object(object, len(chunk))
	a.repeat.learn(steady, object, last.of, last.by)
}

// object adds a part of the answer that was so many bytes of JSON, and returns what it made grow.
func (a *Answer) object(object map[string]any, size int) (last growth) {
	if a.root == nil {
		a.root = map[string]any{}
	}
	a.size += size
	m := merger{full: a.most > 0 && a.size > a.most, last: &last}
	m.object(a.root, object, maxDepth)
	return last
}

// Member returns a member of the answer as JSON, nil if it has none of that name.
func (a *Answer) Member(name string) json.RawMessage {
	v, ok := a.root[name]
	if !ok {
		return nil
	}
	return encode(finished(name, v))
}

// JSON returns the answer, nil if there was no chunk.
func (a *Answer) JSON() json.RawMessage {
	if a.root == nil {
		return nil
	}
	whole := make(map[string]any, len(a.root))
	for name, v := range a.root {
		whole[name] = finished(name, v)
	}
	return encode(whole)
}

func encode(v any) json.RawMessage {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}
