package opik

import "slices"

// WithOption returns the options of a call and one more, which is made only if there is a span. The caller's options
// stay as they are. It is for generated code.
func WithOption[O any](s *Span, options []O, option func() O) []O {
	if s == nil {
		return options
	}
	return append(slices.Clip(options), option())
}

// WithStream is WithOption for an option that feeds a stream. What is called may leave it alone, as a model that is a mock does:
// then the span ends with the call. It is for generated code.
func WithStream[T, A, O any](s *Stream[T, A], options []O, option func(s *Stream[T, A], options []O) O) []O {
	if s == nil {
		return options
	}
	s.pass(false)
	return append(slices.Clip(options), option(s, options))
}

// Applied returns what options, functions that change a struct, make of an empty one. An option that panics, because it
// counts on what the called library has put there before, changes as much as it comes to. It is for the expressions of
// directives and presets.
func Applied[O any, F ~func(*O)](options []F) O {
	var applied O
	for _, option := range options {
		if option != nil {
			apply(option, &applied)
		}
	}
	return applied
}

func apply[O any, F ~func(*O)](option F, applied *O) {
	defer func() { _ = recover() }()
	option(applied)
}
