package loopback

import (
	"context"
	"errors"
	"io"
	"iter"
)

// How says how a stream is read: to its end, or until the reader stops after some elements, or cancels the call and
// reads on, or cancels the call and forgets the stream.
type How struct{ Break, Cancel, Abandon int }

// done reports whether the reader stops after n elements. It cancels the call where it is to.
func (h How) done(n int, cancel context.CancelFunc) bool {
	if n == h.Cancel && n > 0 || n == h.Abandon && n > 0 {
		cancel()
	}
	return n > 0 && (n == h.Break || n == h.Abandon)
}

// NextStream is a stream of OpenAI's and Anthropic's SDKs.
type NextStream[T any] interface {
	Next() bool
	Current() T
	Err() error
	Close() error
}

// next counts an element.
func (h How) next(n *int, cancel context.CancelFunc) bool {
	*n++
	return h.done(*n, cancel)
}

// Next reads a stream, closes it, and returns what it brought.
func Next[T any](s NextStream[T], h How, cancel context.CancelFunc) ([]T, error) {
	var all []T
	n := 0
	for s.Next() {
		all = append(all, s.Current())
		if h.next(&n, cancel) {
			break
		}
	}
	if h.Abandon > 0 {
		return all, nil
	}
	return all, errors.Join(s.Err(), s.Close())
}

// RecvStream is a stream of many other SDKs.
type RecvStream[T any] interface {
	Recv() (T, error)
	Close() error
}

// Recv reads a stream, closes it, and returns what it brought.
func Recv[T any](s RecvStream[T], h How, cancel context.CancelFunc) (all []T, err error) {
	defer func() {
		if h.Abandon == 0 {
			err = errors.Join(err, s.Close())
		}
	}()
	n := 0
	for {
		element, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, element)
		if h.next(&n, cancel) {
			return all, nil
		}
	}
}

// Seq2 reads a sequence and returns what it brought.
func Seq2[T any](seq iter.Seq2[T, error], h How, cancel context.CancelFunc) ([]T, error) {
	var all []T
	n := 0
	for element, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, element)
		if h.next(&n, cancel) {
			break
		}
	}
	return all, nil
}

// ErrStop is what a callback returns that has seen enough.
var ErrStop = errors.New("the callback has seen enough")

// Func makes a callback that keeps what it gets.
func Func[T any](all *[]T, h How, cancel context.CancelFunc) func(T) error {
	n := 0
	return func(element T) error {
		*all = append(*all, element)
		if h.next(&n, cancel) {
			return ErrStop
		}
		return nil
	}
}
