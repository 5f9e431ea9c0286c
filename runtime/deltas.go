package opik

import (
	"encoding/json"

	"github.com/opikgen/opikgen/runtime/internal/delta"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// Deltas adds up the chunks of an answer that is built like OpenAI's chat completions, Mistral's, Ollama's or Google's:
// choices and tool calls by their index, texts and arguments piece by piece, all else as it was said last. It also adds
// up the events of OpenAI's responses, of Anthropic's messages and of Amazon Bedrock, each of which comes as a [Frame].
// It gives the JSON of the answer that would have come without streaming, as far as it came. The zero Deltas is empty.
// It is for generated code.
type Deltas struct{ answer delta.Answer }

// Add adds a chunk. After as many bytes of chunks as [Options].MaxValueBytes allows for a value, the rest is left out.
func (d *Deltas) Add(span *Span, chunk any) {
	if span == nil {
		return
	}
	d.answer.Limit(span.client.maximum)
	buf := getBuffer()
	defer buf.release()
	switch chunk := chunk.(type) {
	case []byte:
		d.answer.Add(chunk)
	case Frame:
		d.answer.AddEvent(chunk.Type, chunk.Payload)
	default:
		buf.b = value.Append(buf.b, chunk, span.client.maximum)
		d.answer.Add(buf.b)
	}
}

// AddRaw is [Deltas.Add] for a chunk that knows the JSON it was decoded from, which is taken as it is, so that nothing is
// written and nothing allocated. One that was not decoded is written as others are. It is for generated code.
func AddRaw[T interface{ RawJSON() string }](d *Deltas, span *Span, chunk T) {
	if span == nil {
		return
	}
	raw := chunk.RawJSON()
	if raw == "" {
		d.Add(span, chunk)
		return
	}
	d.answer.Limit(span.client.maximum)
	buf := getBuffer()
	defer buf.release()
	buf.b = append(buf.b, raw...)
	d.answer.Add(buf.b)
}

// Member returns a member of the answer, like "choices", "message" or "usage". It is nil if there is none.
func (d *Deltas) Member(name string) json.RawMessage { return d.answer.Member(name) }

// JSON returns the whole answer. It is nil if there was no chunk.
func (d *Deltas) JSON() json.RawMessage { return d.answer.JSON() }
