package opik

import (
	"context"
	"sync/atomic"
)

// Stream follows the elements that a traced call hands out after it returned. T is the type of an element, A of what
// the elements add up to. Its methods wrap streams of all kinds; whoever reads the wrapped stream sees the same
// elements and errors at the same time.
//
// A stream holds its span open: the deferred [Span.End] leaves the span to it, unless the call panicked, exited its
// goroutine or returned an error. The stream ends the span, once: after the last element, at an error, when it is
// closed or left early, which is no error, and when its context ends, so that a stream that is abandoned is recorded,
// too. Where the context cannot end, an abandoned stream is sent by [Client.Close], as unfinished.
//
// The span says in its metadata how many elements there were and, if it was not by the last element, how the stream
// ended: "error", "closed" or "abandoned". The first element gives it its time to the first token.
//
// All methods work on a nil *Stream, which is that of a nil span, and return there what they are given.
type Stream[T, A any] struct {
	tap
	each   func(span *Span, acc *A, element T)
	done   func(span *Span, acc *A)
	hide   func(element T) bool
	acc    A
	ranged atomic.Bool // the span is that of a range over the sequence
	pumped pumped[T]
}

// StreamOf makes a stream hold the span open, if the call has not failed. Each element is shown to each before the reader sees it, and
// done is called once before the span ends: they capture what there is to capture. Either may be nil. They are called
// by the goroutine that reads the stream, done also by another if the stream is abandoned, never both at a time. A
// panic of theirs goes no further.
//
// For a stream that is a result of the call, StreamOf is called after the call and [Span.Returned]; for a callback or a
// body that the call gets, before it.
func StreamOf[T, A any](ctx context.Context, span *Span, each func(span *Span, acc *A, element T), done func(span *Span, acc *A)) *Stream[T, A] {
	if span == nil || span.failed.Load() {
		return nil
	}
	return newStream(ctx, span, each, done)
}

func newStream[T, A any](ctx context.Context, span *Span, each func(*Span, *A, T), done func(*Span, *A)) *Stream[T, A] {
	s := &Stream[T, A]{each: each, done: done}
	s.span, s.ctx, s.stream = span, ctx, s
	span.tap.Store(&s.tap)
	return s
}

// Hiding keeps the elements for which hide returns true from the reader: those that there are only because tracing
// asked for them. It returns the stream. Next and Recv, which are told of elements that the reader has, hide nothing;
// NextOf and RecvOf do.
func (s *Stream[T, A]) Hiding(hide func(element T) bool) *Stream[T, A] {
	if s != nil {
		s.hide = hide
	}
	return s
}

// HidingUnless is Hiding, unless the caller asked for those elements, too.
func (s *Stream[T, A]) HidingUnless(asked bool, hide func(element T) bool) *Stream[T, A] {
	if asked {
		return s
	}
	return s.Hiding(hide)
}

// Observe tells the stream of an element, where none of the other methods fits.
func (s *Stream[T, A]) Observe(element T) {
	if s != nil {
		s.observe(element)
	}
}

func (s *Stream[T, A]) observe(element T) { observeWith(s, s.each, element) }

// shown tells the stream of an element and reports whether the reader is to see it.
func (s *Stream[T, A]) shown(element T) bool {
	if s == nil {
		return true
	}
	s.observe(element)
	return s.hide == nil || !s.hides(element)
}

func (s *Stream[T, A]) hides(element T) (hidden bool) {
	defer func() {
		if recover() != nil {
			hidden = false
		}
	}()
	return s.hide(element)
}

// capture captures what the elements added up to.
func (s *Stream[T, A]) capture() {
	if s.done != nil {
		s.done(s.span, &s.acc)
	}
}

// Next is told what the Next of a stream with Next, Current and Err returned, and returns it:
//
//	func (t *tracked) Next() bool { return t.stream.Next(t.inner.Next(), t.inner.Current, t.inner.Err) }
//
// err may be nil.
func (s *Stream[T, A]) Next(ok bool, current func() T, err func() error) bool {
	switch {
	case s == nil:
	case ok:
		s.observe(current())
	case err == nil:
		s.over(nil)
	default:
		s.over(err())
	}
	return ok
}

// NextOf is Next for a stream that keeps elements back: it calls next until there is an element to show.
//
//	func (t *tracked) Next() bool { return t.stream.NextOf(t.inner.Next, t.inner.Current, t.inner.Err) }
func (s *Stream[T, A]) NextOf(next func() bool, current func() T, err func() error) bool {
	for next() {
		if s == nil || s.shown(current()) {
			return true
		}
	}
	return s.Next(false, current, err)
}

// Recv is told what the Recv of a stream, or a Next with two results, returned, and returns it. io.EOF is the end, not
// an error.
func (s *Stream[T, A]) Recv(element T, err error) (T, error) {
	switch {
	case s == nil:
	case err == nil:
		s.observe(element)
	default:
		s.over(err)
	}
	return element, err
}

// RecvOf is Recv for a stream that keeps elements back: it calls recv until there is an element to show.
func (s *Stream[T, A]) RecvOf(recv func() (T, error)) (T, error) {
	for {
		element, err := recv()
		if s == nil || err != nil {
			return s.Recv(element, err)
		}
		if s.shown(element) {
			return element, nil
		}
	}
}

// Closed is told what the Close of a stream returned, and returns it.
func (s *Stream[T, A]) Closed(err error) error {
	if s != nil {
		s.finish(closed, nil)
	}
	return err
}

// Failed is told what a method returned that says whether the stream failed, and returns it: the Err beside a channel
// of events, for one. No error says nothing.
func (s *Stream[T, A]) Failed(err error) error {
	if s != nil && !exhausted(err) {
		s.fail(err)
	}
	return err
}
