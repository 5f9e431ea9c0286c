package opik

import "context"

// The callbacks of a call: the stream ends with it. They are wrapped before the call, and a callback that is nil stays
// nil, because many calls do something else without one.

// Func wraps a callback. The span ends with the call.
func (s *Stream[T, A]) Func(f func(T) error) func(T) error {
	if !s.called(f != nil) {
		return f
	}
	return func(element T) error {
		s.observe(element)
		return f(element)
	}
}

// FuncNoError is Func for a callback without a result.
func (s *Stream[T, A]) FuncNoError(f func(T)) func(T) {
	if !s.called(f != nil) {
		return f
	}
	return func(element T) {
		s.observe(element)
		f(element)
	}
}

// FuncContext is Func for a callback that also gets a context.
func (s *Stream[T, A]) FuncContext(f func(context.Context, T) error) func(context.Context, T) error {
	if !s.called(f != nil) {
		return f
	}
	return func(ctx context.Context, element T) error {
		s.observe(element)
		return f(ctx, element)
	}
}

// FuncPair is FuncContext for a callback that gets two pieces, of which one may be empty: what a model thinks and what it
// says. The second is the element where it is not empty, otherwise the first. It is for the expressions of directives
// and presets.
func FuncPair[A any](s *Stream[[]byte, A], f func(ctx context.Context, first, second []byte) error) func(ctx context.Context, first, second []byte) error {
	if f == nil || !s.called(true) {
		return f
	}
	return func(ctx context.Context, first, second []byte) error {
		if len(second) > 0 {
			s.observe(second)
		} else {
			s.observe(first)
		}
		return f(ctx, first, second)
	}
}

// FuncBool is Func for a callback that says whether to go on.
func (s *Stream[T, A]) FuncBool(f func(T) bool) func(T) bool {
	if !s.called(f != nil) {
		return f
	}
	return func(element T) bool {
		s.observe(element)
		return f(element)
	}
}

// called notes that the stream ends with the call, and whether somebody listens to it. It reports whether there is a
// stream to listen to.
func (s *Stream[T, A]) called(listens bool) bool {
	if s == nil {
		return false
	}
	s.pass(listens)
	return listens
}
