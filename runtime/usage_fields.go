package opik

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"unicode"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// CaptureUsageFields records all counts of what an SDK calls the usage of a call: the integers in its JSON, each under
// its name, those of objects within under names with dots. A cost beside them is taken as US dollars. nil and a zero
// usage are left out, and so are counts of 0 unless the usage has a method RawJSON, which tells them from those that the
// provider does not have. In a stream, a count holds until another one comes that is not 0. Bytes are taken as the JSON of
// a usage. In a map there may be anything beside the counts: of that, the members are taken that count tokens, under
// the names that OpenAI uses where they are written like fields of Go.
func CaptureUsageFields[T any](s *Span, usage T) {
	if s != nil && !zero(usage) {
		s.captureUsageFields(usage)
	}
}

func (s *Span) captureUsageFields(usage any) {
	if value.Nil(usage) {
		return
	}
	buf := getBuffer()
	defer buf.release()
	if text, ok := usage.([]byte); ok {
		usage = json.RawMessage(text)
	}
	buf.b = value.Append(buf.b, usage, s.client.maximum)
	found := usageReader{decoder: json.NewDecoder(bytes.NewReader(buf.b)), mixed: reflect.TypeOf(usage).Kind() == reflect.Map}
	found.decoder.UseNumber()
	if token, err := found.decoder.Token(); err == nil && token == json.Delim('{') {
		found.object("")
	}
	s.client.droppedUsage.Add(found.dropped)
	s.change(func() { s.addCounts(&found, value.KnowsJSON(usage)) })
}

// addCounts enters the counts of a usage. The span is locked.
func (s *Span) addCounts(found *usageReader, zeros bool) {
	s.original = s.original || len(found.counts) > 0
	for _, u := range found.counts {
		if _, known := lookup(s.usage, u.Key); u.N != 0 || zeros && !known {
			s.setUsage(u.Key, u.N)
		}
	}
	if found.cost != nil {
		s.client.setCost(&s.part, *found.cost)
	}
}

// usageReader reads the JSON of a usage.
type usageReader struct {
	decoder *json.Decoder
	mixed   bool // there are other things beside the counts
	counts  []record.Count
	cost    *float64
	dropped uint64 // numbers that Opik does not take
}

// object reads an object whose names begin with a prefix, up to its end.
func (r *usageReader) object(prefix string) {
	for r.decoder.More() {
		name, err := r.decoder.Token()
		if err != nil {
			return
		}
		r.member(prefix, name.(string))
	}
	_, _ = r.decoder.Token() // the closing bracket
}

func (r *usageReader) member(prefix, name string) {
	token, err := r.decoder.Token()
	if err != nil {
		return
	}
	switch token := token.(type) {
	case json.Number:
		if !r.mixed || countsTokens(name) {
			r.number(prefix+r.key(name), token)
		}
	case json.Delim:
		r.nested(token, prefix, name)
	}
}

// key is the name of a count.
func (r *usageReader) key(name string) string {
	if r.mixed {
		return openAICount(name)
	}
	return snakeCount(name)
}

func (r *usageReader) nested(open json.Delim, prefix, name string) {
	switch {
	case open == '{' && r.mixed && name == "usage":
		r.object(prefix)
		return
	case open == '{':
		r.object(prefix + snakeCount(name) + ".")
		return
	}
	for r.decoder.More() {
		var element json.RawMessage
		if r.decoder.Decode(&element) != nil {
			return
		}
		if prefix == "" && name == "iterations" {
			r.iteration(element)
		}
	}
	_, _ = r.decoder.Token()
}

// iteration adds up one of the rounds that Anthropic lists where it compacted the conversation on the way. Its total
// does not count the compaction, which is billed.
func (r *usageReader) iteration(raw json.RawMessage) {
	var round struct {
		Input   int32 `json:"input_tokens"`
		Read    int32 `json:"cache_read_input_tokens"`
		Created int32 `json:"cache_creation_input_tokens"`
		Output  int32 `json:"output_tokens"`
	}
	if json.Unmarshal(raw, &round) == nil {
		r.add(iterationsPrompt, round.Input+round.Read+round.Created)
		r.add(iterationsCompletion, round.Output)
	}
}

func (r *usageReader) add(key string, n int32) {
	for i := range r.counts {
		if r.counts[i].Key == key {
			r.counts[i].N += n
			return
		}
	}
	r.counts = append(r.counts, record.Count{Key: key, N: n})
}

func (r *usageReader) number(key string, text json.Number) {
	f, err := text.Float64()
	switch count, ok := countOf(f); {
	case err != nil:
		r.dropped++
	case key == "cost":
		r.cost = &f
	case !ok:
		r.dropped++
	default:
		r.counts = append(r.counts, record.Count{Key: key, N: count})
	}
}

// snakeCount writes the names of Google's counts, promptTokenCount for one, as Opik knows them.
func snakeCount(name string) string {
	if !strings.HasSuffix(name, "TokenCount") {
		return name
	}
	return snake(name)
}

// countsTokens reports whether a member of a map is a count.
func countsTokens(name string) bool {
	return strings.HasSuffix(name, "Tokens") || strings.HasSuffix(name, "_tokens") || strings.HasSuffix(name, "_token_count")
}

// openAICount writes the names of counts that are written like fields, PromptCachedTokens for one, as OpenAI's.
func openAICount(name string) string {
	for part, details := range map[string]string{"Prompt": "prompt_tokens_details.", "Completion": "completion_tokens_details."} {
		if rest, ok := strings.CutPrefix(name, part); ok && rest != "Tokens" {
			return details + snake(rest)
		}
	}
	if name == "ReasoningTokens" || name == "ThinkingTokens" {
		return "completion_tokens_details.reasoning_tokens"
	}
	return snake(name)
}

// snake writes a name in small letters, with underscores between its words.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		if unicode.IsUpper(c) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
