package opik

// NextStream is a stream that is read by Next, Current and Err. It is for generated code.
type NextStream[T any] interface {
	Next() bool
	Current() T
	Err() error
	Close() error
}

// Source is a [NextStream] that is followed. It is for generated code.
type Source[T, A any] struct {
	stream *Stream[T, A]
	inner  NextStream[T]
}

// Source wraps a stream that is read by Next, Current and Err. It serves where a constructor takes such a stream;
// [Events] serves where one takes a decoder of events.
func (s *Stream[T, A]) Source(inner NextStream[T]) *Source[T, A] {
	return &Source[T, A]{s, inner}
}

// Next goes to the next element, and reports whether there is one.
func (s *Source[T, A]) Next() bool {
	for s.inner.Next() {
		if s.stream.shown(s.inner.Current()) {
			return true
		}
	}
	if s.stream != nil {
		s.stream.over(s.inner.Err())
	}
	return false
}

// Current returns the element that Next went to.
func (s *Source[T, A]) Current() T { return s.inner.Current() }

// Err returns why there is no next element, nil if they are all read.
func (s *Source[T, A]) Err() error { return s.inner.Err() }

// Close closes the stream.
func (s *Source[T, A]) Close() error { return s.stream.Closed(s.inner.Close()) }

// EventSource is a [Source] that hands out each element as the event from which it is decoded again: a decoder, as the
// ssestream packages of OpenAI's and Anthropic's SDKs take one. It is for generated code.
type EventSource[T, A, E any] struct {
	Source[T, A]
	event func(T) E
	made  bool // cur is the event of the element
	cur   E
}

// Events wraps a stream so that another one of the same type can be made from it. It is for generated
// code. event makes the event of an element:
//
//	ssestream.NewStream[openai.ChatCompletionChunk](opik.Events(stream, orig, func(chunk openai.ChatCompletionChunk) ssestream.Event {
//		return ssestream.Event{Data: []byte(chunk.RawJSON())}
//	}), orig.Err())
func Events[T, A, E any](s *Stream[T, A], inner NextStream[T], event func(element T) E) *EventSource[T, A, E] {
	return &EventSource[T, A, E]{Source: Source[T, A]{s, inner}, event: event}
}

// Next goes to the next element, and reports whether there is one.
func (s *EventSource[T, A, E]) Next() bool {
	s.made = false
	return s.Source.Next()
}

// Event returns the event of the element that Next went to. Decoders are asked for it several times, for its parts.
func (s *EventSource[T, A, E]) Event() E {
	if !s.made {
		s.made, s.cur = true, s.event(s.inner.Current())
	}
	return s.cur
}
