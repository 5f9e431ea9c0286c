package opik

import "github.com/opikgen/opikgen/runtime/internal/value"

// Rebuild returns what rebuild makes of the stream that a call returned: one of the same type, whose elements are
// followed. Where nothing is recorded, orig is nil, or rebuild returns nil or panics, it returns orig. It is for
// generated code.
func Rebuild[S, T, A any](s *Stream[T, A], orig S, rebuild func(s *Stream[T, A], orig S) S) S {
	if s == nil {
		return orig
	}
	return rebuilt(s, orig, func(s *Stream[T, A], orig S) (S, error) { return rebuild(s, orig), nil })
}

// RebuildErr is Rebuild for a constructor that can fail: then, too, orig is returned. It is for generated code.
func RebuildErr[S, T, A any](s *Stream[T, A], orig S, rebuild func(s *Stream[T, A], orig S) (S, error)) S {
	if s == nil {
		return orig
	}
	return rebuilt(s, orig, rebuild)
}

func rebuilt[S, T, A any](s *Stream[T, A], orig S, rebuild func(s *Stream[T, A], orig S) (S, error)) (stream S) {
	whole := false
	defer func() {
		if !whole {
			_ = recover()
			s.pass(true)
			stream = orig
		}
	}()
	if value.Nil(orig) {
		return orig
	}
	stream, err := rebuild(s, orig)
	whole = err == nil && !value.Nil(stream)
	return stream
}
