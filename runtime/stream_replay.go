package opik

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
)

// RecvStream is a stream that is read by Recv. It is for generated code.
type RecvStream[T any] interface {
	Recv() (T, error)
	Close() error
}

// RawStream is a stream that also hands out the JSON of its elements. It is for generated code.
type RawStream interface {
	RecvRaw() ([]byte, error)
	Close() error
}

// Replay serves a stream whose type only its SDK can make, from the answer of a server: it is that answer, with the
// elements of the stream that the call returned. There is no network and no goroutine; each element is read when the
// reader asks for it, and errors pass unchanged. It is for generated code.
type Replay struct {
	recv func() ([]byte, error) // the JSON of the next element that the reader is to see
	end  func() error           // closes the stream
}

// Replay makes an answer of a stream that is read by Recv. Elements are written as encoding/json writes them.
func (s *Stream[T, A]) Replay(inner RecvStream[T]) *Replay {
	return &Replay{
		recv: func() ([]byte, error) {
			v, err := untilShown(inner.Recv, s.shown)
			if err != nil {
				return nil, s.endedBy(err)
			}
			return elementJSON(v)
		},
		end: func() error { return s.Closed(inner.Close()) },
	}
}

// ReplayRaw makes an answer of a stream that hands out the JSON of its elements, byte for byte.
func (s *Stream[T, A]) ReplayRaw(inner RawStream) *Replay {
	return &Replay{
		recv: func() ([]byte, error) {
			line, err := untilShown(inner.RecvRaw, s.shownRaw)
			if err != nil {
				return nil, s.endedBy(err)
			}
			return line, nil
		},
		end: func() error { return s.Closed(inner.Close()) },
	}
}

// untilShown returns the next element that the reader is to see.
func untilShown[E any](recv func() (E, error), shown func(E) bool) (E, error) {
	for {
		element, err := recv()
		if err != nil || shown(element) {
			return element, err
		}
	}
}

// elementJSON writes an element. The unions of some SDKs refuse to write a member that is younger than the SDK, though
// they read it: then what is written are the fields that are set, of which they read the name of the member.
func elementJSON(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	r := reflect.Indirect(reflect.ValueOf(v))
	if err == nil || r.Kind() != reflect.Struct {
		return text, err
	}
	members := map[string]any{}
	for field, set := range r.Fields() {
		if field.IsExported() && !set.IsZero() {
			members[snake(field.Name)] = set.Interface()
		}
	}
	if text, plainErr := json.Marshal(members); plainErr == nil {
		return text, nil
	}
	return nil, err
}

// endedBy is told of the error that ends a stream, and returns it.
func (s *Stream[T, A]) endedBy(err error) error {
	if s != nil {
		s.over(err)
	}
	return err
}

// shownRaw is shown for an element that is not decoded yet.
func (s *Stream[T, A]) shownRaw(line []byte) bool {
	if s == nil {
		return true
	}
	var element T
	if err := json.Unmarshal(line, &element); err != nil {
		return true
	}
	return s.shown(element)
}

// Lines returns the answer of a server that sends one element a line.
func (r *Replay) Lines() *http.Response { return r.response(nil, "", "") }

// Client returns a client whose every request is answered by lines that begin with "data: ", the last of them
// "[DONE]", under a header. It serves the constructors that make a request.
func (r *Replay) Client(header http.Header) *http.Client {
	return &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		response := r.response(header.Clone(), "data: ", "data: [DONE]\n")
		response.Request = req
		return response, nil
	})}
}

func (r *Replay) response(header http.Header, prefix, last string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1,
		Header: header, Body: &replayBody{replay: r, prefix: prefix, last: last},
	}
}

// roundTrip answers requests without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return f(r)
}

// replayBody writes the elements of a stream as lines.
type replayBody struct {
	replay       *Replay
	prefix, last string
	rest         bytes.Buffer // of the lines, what is not read yet
	err          error        // after them
}

func (b *replayBody) Read(p []byte) (int, error) {
	if b.rest.Len() == 0 && b.err == nil && len(p) > 0 {
		b.fill()
	}
	if b.rest.Len() == 0 {
		return 0, b.err
	}
	return b.rest.Read(p)
}

func (b *replayBody) fill() {
	line, err := b.replay.recv()
	switch {
	case err == nil:
		b.rest.WriteString(b.prefix)
		b.rest.Write(line)
		b.rest.WriteByte('\n')
	case exhausted(err):
		b.rest.WriteString(b.last)
		b.err = io.EOF
	default:
		b.err = err
	}
}

func (b *replayBody) Close() error { return b.replay.end() }
