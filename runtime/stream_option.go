package opik

import "slices"

// WithOption returns the options of a call and one more, which is made only if there is a span. The caller's options
// stay as they are.
func WithOption[O any](s *Span, options []O, option func() O) []O {
	if s == nil {
		return options
	}
	return append(slices.Clip(options), option())
}

// WithStream is WithOption for an option that feeds a stream.
func WithStream[T, A, O any](s *Stream[T, A], options []O, option func(s *Stream[T, A], options []O) O) []O {
	if s == nil {
		return options
	}
	return append(slices.Clip(options), option(s, options))
}

// Applied returns what options, functions that change a struct, make of an empty one.
func Applied[O any, F ~func(*O)](options []F) O {
	var applied O
	for _, option := range options {
		if option != nil {
			option(&applied)
		}
	}
	return applied
}
