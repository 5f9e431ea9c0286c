package opik

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// The functions that capture values are generic and not methods, so that a value is not even put into an interface
// where nothing is recorded. They encode it at once, on the caller's goroutine: the caller may change it afterwards,
// and a MarshalJSON or MarshalText of its type runs in the middle of the call, as it does with log/slog. Like all
// readers, they must not meet a map that another goroutine is changing.

// CaptureInput records an argument of the traced call. nil values are left out.
func CaptureInput[T any](s *Span, key string, v T) {
	if s != nil {
		capture(s, record.Input, key, v)
	}
}

// CaptureOutput records a result of the traced call. nil values are left out, and so are zero values of a call that
// failed.
func CaptureOutput[T any](s *Span, key string, v T) {
	if s != nil {
		captureOutput(s, key, v)
	}
}

// CaptureMetadata records something about the call that is neither argument nor result. nil values are left out.
func CaptureMetadata[T any](s *Span, key string, v T) {
	if s != nil {
		capture(s, record.Metadata, key, v)
	}
}

// JSON returns bytes that are JSON as such, so that a capture shows the object that they are and not a string. It is
// for the expressions of directives and presets.
func JSON(text []byte) json.RawMessage { return text }

// WithoutVectors returns what a capture shows as v, but for embeddings: in place of a long list of numbers it says how
// many there are. It is for the expressions of directives and presets.
func WithoutVectors(v any) any {
	if value.Nil(v) {
		return nil
	}
	return value.WithoutVectors{V: v}
}

// CaptureModel records the model that answered. "" changes nothing. Of Google's resource names, such as
// publishers/google/models/gemini-2.5-flash, the model is what they end with.
func CaptureModel[S ~string](s *Span, model S) {
	if s != nil && model != "" {
		s.setModel(modelName(string(model)))
	}
}

// CaptureModelOf records the model that a method of a client names, unless the method panics. It is for generated code.
func CaptureModelOf[S ~string](s *Span, name func() S) {
	if s == nil {
		return
	}
	defer func() { _ = recover() }()
	CaptureModel(s, name())
}

// CaptureThreadID puts the trace of the span into a conversation, unless it is in one. "" changes nothing.
func CaptureThreadID[S ~string](s *Span, id S) {
	if s != nil && id != "" {
		s.trace.setThreadID(string(id))
	}
}

// RedactInput records that there was an argument, and hides it. It is for generated code.
func (s *Span) RedactInput(key string) {
	if s != nil {
		s.captureText(record.Input, key, value.Redacted)
	}
}

// captureOutput leaves out the zero results that stand beside an error.
func captureOutput[T any](s *Span, key string, v T) {
	if s.failed.Load() && zero(v) {
		return
	}
	capture(s, record.Output, key, v)
}

func zero[T any](v T) bool { return reflect.ValueOf(&v).Elem().IsZero() }

// capture records a value. Strings, the most frequent ones, take a way without an allocation.
func capture[T any](s *Span, section record.Section, key string, v T) {
	if text, ok := any(v).(string); ok {
		s.captureText(section, key, text)
		return
	}
	s.captureAny(section, key, v)
}

func (s *Span) setModel(model string) { s.change(func() { s.part.Model = model }) }

// modelName returns the part of a resource name that the server knows the price of.
func modelName(model string) string {
	if !strings.HasPrefix(model, "models/") && !strings.Contains(model, "publishers/") {
		return model
	}
	return model[strings.LastIndexByte(model, '/')+1:]
}

func (t *Trace) setThreadID(id string) {
	t.change(func() {
		if t.threadID == "" {
			t.threadID = id
		}
	})
}

// captureText records a string.
func (r *recording) captureText(section record.Section, key, text string) {
	if least := r.client.config.AttachmentBytes; r.client.mask != nil || least > 0 && len(text) >= least {
		r.captureEncoded(section, key, text)
		return
	}
	r.change(func() {
		if r.room(len(text)) {
			r.fields().SetText(section, key, text, r.client.maximum)
		} else {
			r.fields().Set(section, key, []byte(noRoom))
		}
	})
}

// captureAny records a value of any type. It is encoded before the recording is locked: a method of the value's own
// may use the span.
func (r *recording) captureAny(section record.Section, key string, v any) {
	if r.client.mask == nil && !value.Nil(v) && value.Plain(v) && r.capturePlain(section, key, v) {
		return
	}
	r.captureEncoded(section, key, v)
}

// captureEncoded records a value that has to be looked at before it is known what is recorded of it.
func (r *recording) captureEncoded(section record.Section, key string, v any) {
	buf := getBuffer()
	defer buf.release()
	if text := r.encode(buf, section, key, v); text != nil {
		r.change(func() { r.fields().Set(section, key, r.fitting(text)) })
	}
}

// capturePlain records a value that has no methods which could use the span, directly where it belongs. It reports
// false for one that is large enough to hold a file.
func (r *recording) capturePlain(section record.Section, key string, v any) (done bool) {
	r.change(func() {
		f := r.fields()
		room, least := r.most()-f.Size(), r.client.config.AttachmentBytes
		size := f.SetPlain(section, key, v, record.Bounds{Limit: r.client.maximum, Room: room, Instead: noRoom})
		done = least <= 0 || size < least
	})
	return done
}

// encode returns what is to be recorded of a value, or nil for nothing. The result may be in buf.
func (r *recording) encode(buf *buffer, section record.Section, key string, v any) []byte {
	if value.Nil(v) {
		return nil
	}
	if buf.b = value.Append(buf.b, v, r.client.maximum); string(buf.b) == "null" {
		return nil
	}
	return r.extract(section, r.client.masking(section, key, buf.b))
}

// noRoom stands in place of a value that would make a row too large for the server.
const noRoom = `"[not recorded: the values of the span are too large together]"`

// fitting returns an encoded value, or what stands in its place if there is no room. The recording is locked.
func (r *recording) fitting(text []byte) []byte {
	if r.room(len(text)) {
		return text
	}
	return []byte(noRoom)
}

// room reports whether a value of so many bytes fits beside the others. The recording is locked.
func (r *recording) room(size int) bool {
	return min(size, r.client.maximum)+r.entry.Fields.Size() <= r.most()
}

// most returns how many bytes the values of a recording may have together.
func (r *recording) most() int { return max(2*r.client.maximum, 1<<20) }
