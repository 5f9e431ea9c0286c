package opik

import (
	"slices"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// outputText is an output that grows element by element.
type outputText struct {
	key string
	b   []byte
}

// AppendOutput adds to the output under a key, a text, what an element of a stream brought. The span shows it when the
// stream ends. Without a stream it changes nothing.
func AppendOutput[S ~string](s *Span, key string, delta S) {
	if s != nil && delta != "" {
		s.appendOutput(key, string(delta))
	}
}

func (s *Span) appendOutput(key, delta string) {
	t := s.tap.Load()
	if t == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text := t.text(key)
	if room := s.client.maximum + 1 - len(text.b); room > 0 { // one more than is kept, which says that it was cut
		text.b = append(text.b, delta[:min(len(delta), room)]...)
	}
}

// text returns the text under a key. The span is locked.
func (t *tap) text(key string) *outputText {
	i := slices.IndexFunc(t.texts, func(o outputText) bool { return o.key == key })
	if i < 0 {
		i = len(t.texts)
		t.texts = append(t.texts, outputText{key: key})
	}
	return &t.texts[i]
}

// flushTexts captures the texts that have grown.
func (t *tap) flushTexts() {
	t.span.mu.Lock()
	texts := t.texts
	t.texts = nil
	t.span.mu.Unlock()
	for _, text := range texts {
		t.span.captureText(record.Output, text.key, string(text.b))
	}
}
