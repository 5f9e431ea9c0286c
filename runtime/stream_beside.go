package opik

import "context"

// A call may get several callbacks. The stream is that of the first; the others tell it of elements of their own types,
// and end with it.

// BesideFunc wraps one more callback. Its elements count as elements of the stream, and each is shown to each. It is
// for generated code.
func BesideFunc[U, T, A any](s *Stream[T, A], f func(U) error, each func(span *Span, acc *A, element U)) func(U) error {
	if f == nil || !s.called(true) {
		return f
	}
	return func(element U) error {
		observeWith(s, each, element)
		return f(element)
	}
}

// BesideFuncNoError is BesideFunc for a callback without a result. It is for generated code.
func BesideFuncNoError[U, T, A any](s *Stream[T, A], f func(U), each func(span *Span, acc *A, element U)) func(U) {
	if f == nil || !s.called(true) {
		return f
	}
	return func(element U) {
		observeWith(s, each, element)
		f(element)
	}
}

// BesideFuncContext is BesideFunc for a callback that also gets a context. It is for generated code.
func BesideFuncContext[U, T, A any](
	s *Stream[T, A], f func(context.Context, U) error, each func(span *Span, acc *A, element U),
) func(context.Context, U) error {
	if f == nil || !s.called(true) {
		return f
	}
	return func(ctx context.Context, element U) error {
		observeWith(s, each, element)
		return f(ctx, element)
	}
}

// observeWith shows an element to each, unless the stream is over.
func observeWith[U, T, A any](s *Stream[T, A], each func(*Span, *A, U), element U) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != running {
		return
	}
	s.count()
	if each != nil {
		defer s.guard()
		each(s.span, &s.acc, element)
	}
}
