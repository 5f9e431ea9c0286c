package opik

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"sync/atomic"

	"github.com/opikgen/opikgen/runtime/internal/eventstream"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// Frame is an event of a body in the framing of AWS. It is for generated code.
type Frame struct {
	Type    string // of the event
	Payload []byte // JSON; for the chunks of a model that is invoked, what the model wrote
}

// TeeBody wraps a body. The elements of the stream are what its reader reads, piece by piece; they must not be kept.
// It is for generated code.
func TeeBody[A any](s *Stream[[]byte, A], body io.ReadCloser) io.ReadCloser {
	if s == nil || body == nil {
		s.called(true)
		return body
	}
	s.hold()
	return &tee{ReadCloser: body, tap: &s.tap, read: s.observe}
}

// TeeLines wraps a body of JSON lines or server-sent events. The elements of the stream are the lines, or the data of the
// events, as they pass; they must not be kept. It is for generated code.
func TeeLines[A any](s *Stream[[]byte, A], body io.ReadCloser) io.ReadCloser {
	if s == nil || body == nil {
		s.called(true)
		return body
	}
	s.hold()
	lines := &lineSplitter{most: s.span.client.maximum, line: s.observe}
	return &tee{ReadCloser: body, tap: &s.tap, read: lines.write}
}

// TeeFrames wraps the body of a response if it is a stream of events in the framing of AWS. The elements of the stream
// are the events, as they pass; their payloads must not be kept. It is for a middleware, which sees each attempt, so a
// response of another kind stays as it is. It is for generated code.
func TeeFrames[A any](s *Stream[Frame, A], response *http.Response) {
	if s == nil || response == nil || response.Body == nil || !framed(response) {
		return
	}
	s.hold()
	frames := eventstream.Decoder{}
	response.Body = &tee{ReadCloser: response.Body, tap: &s.tap, read: func(p []byte) {
		for frame := range frames.Decode(p) {
			observeFrame(s, frame)
		}
	}}
}

func framed(r *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.StatusCode/100 == 2 && kind == "application/vnd.amazon.eventstream"
}

// observeFrame tells a stream of a frame. One that carries an exception ends it.
func observeFrame[A any](s *Stream[Frame, A], m eventstream.Message) {
	switch m.Header(":message-type") {
	case "exception":
		s.finishAs(failed, s.span.client.masked(&record.ErrorInfo{Type: m.Header(":exception-type"), Message: string(m.Payload)}), abandoned)
	case "error":
		s.finishAs(failed, s.span.client.masked(&record.ErrorInfo{Type: m.Header(":error-code"), Message: m.Header(":error-message")}), abandoned)
	default:
		s.observe(Frame{Type: m.Header(":event-type"), Payload: unwrapped(m.Payload)})
	}
}

// unwrapped returns the bytes that a payload carries in base64, as those of a model that is invoked do, or the payload.
func unwrapped(payload []byte) []byte {
	var chunk struct {
		Bytes []byte `json:"bytes"`
	}
	if !bytes.Contains(payload, []byte(`"bytes"`)) || json.Unmarshal(payload, &chunk) != nil || len(chunk.Bytes) == 0 {
		return payload
	}
	return chunk.Bytes
}

// lineSplitter finds the lines in what is written to it.
type lineSplitter struct {
	line    func([]byte)
	most    int    // bytes of a line; a longer one is left out
	partial []byte // the beginning of a line whose end has not come yet
	tooLong bool
}

func (l *lineSplitter) write(p []byte) {
	for {
		head, tail, found := bytes.Cut(p, []byte{'\n'})
		if !found {
			l.keep(head)
			return
		}
		l.complete(head)
		p = tail
	}
}

// keep keeps the beginning of a line.
func (l *lineSplitter) keep(p []byte) {
	if len(l.partial)+len(p) > l.most {
		l.tooLong, l.partial = true, nil
	}
	if !l.tooLong {
		l.partial = append(l.partial, p...)
	}
}

func (l *lineSplitter) complete(end []byte) {
	line := end
	if len(l.partial) > 0 {
		l.partial = append(l.partial, end...)
		line = l.partial
	}
	if data := dataOf(line); data != nil && !l.tooLong {
		l.line(data)
	}
	l.partial, l.tooLong = l.partial[:0], false
}

// dataOf returns what a line carries, nil if nothing: a line of JSON, or the data field of an event.
func dataOf(line []byte) []byte {
	line = bytes.TrimSpace(line)
	if len(line) > 0 && line[0] == '{' {
		return line
	}
	data, ok := bytes.CutPrefix(line, []byte("data:"))
	data = bytes.TrimSpace(data)
	if !ok || len(data) == 0 || string(data) == "[DONE]" {
		return nil
	}
	return data
}

// tee lets a stream see what the reader of a body reads, and how it ends.
type tee struct {
	io.ReadCloser
	tap    *tap
	read   func(p []byte)
	closed atomic.Bool // by the reader: an error that comes then is no failure
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if n > 0 {
		t.read(p[:n])
	}
	if err != nil && (exhausted(err) || !t.closed.Load()) {
		t.tap.over(err)
	}
	return n, err
}

func (t *tee) Close() error {
	t.closed.Store(true)
	err := t.ReadCloser.Close()
	t.tap.finish(closed, nil)
	return err
}
