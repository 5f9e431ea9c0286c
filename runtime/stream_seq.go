package opik

import (
	"bytes"
	"context"
	"slices"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// Seq wraps a sequence, an [iter.Seq] or any other type of that kind. The first range over it is recorded by the span of the call, each further one, which calls the
// model again, by a span of its own that starts like the first.
func (s *Stream[T, A]) Seq(seq func(yield func(T) bool)) func(yield func(T) bool) {
	if s == nil || seq == nil {
		s.called(true)
		return seq
	}
	return func(yield func(T) bool) {
		r := ranging[T, A]{stream: s.forRange()}
		defer r.leave()
		for v := range seq {
			if !r.stream.shown(v) {
				continue
			}
			r.yielding = true
			if !yield(v) {
				return
			}
			r.yielding = false
		}
		r.complete = true
	}
}

// Seq2 is Seq for a sequence of elements and errors. An error is recorded, however the sequence goes on.
func (s *Stream[T, A]) Seq2(seq func(yield func(T, error) bool)) func(yield func(T, error) bool) {
	if s == nil || seq == nil {
		s.called(true)
		return seq
	}
	return func(yield func(T, error) bool) {
		r := ranging[T, A]{stream: s.forRange()}
		defer r.leave()
		for v, err := range seq {
			if !r.shown(v, err) {
				continue
			}
			r.yielding = true
			if !yield(v, err) {
				return
			}
			r.yielding = false
		}
		r.complete = true
	}
}

// ranging is one range over a sequence.
type ranging[T, A any] struct {
	stream   *Stream[T, A] // nil: of which nothing is recorded
	yielding bool          // the loop's body runs, not the sequence
	complete bool          // the sequence came to its end
	err      error         // the last that it yielded
}

func (r *ranging[T, A]) shown(v T, err error) bool {
	if err == nil {
		return r.stream.shown(v)
	}
	r.err = err
	return true
}

// leave ends the stream. It is deferred directly, to see whether the sequence panicked; a panic of the loop's body is
// nothing but an early end.
func (r *ranging[T, A]) leave() {
	s := r.stream
	switch {
	case s == nil:
	case r.err != nil:
		s.over(r.err)
	case r.complete:
		s.finish(eof, nil)
	case r.yielding:
		s.finish(closed, nil)
	default:
		if v := recover(); v != nil {
			s.finishAs(failed, s.span.client.describePanic(v), abandoned)
			panic(v)
		}
		s.finishAs(failed, s.span.client.describeGoexit(), abandoned)
	}
}

// forRange returns the stream for a range over the sequence: this one for the first range.
func (s *Stream[T, A]) forRange() *Stream[T, A] {
	if s.ranged.CompareAndSwap(false, true) {
		return s
	}
	again := StreamOf(s.ctx, s.span.again(), s.each, s.done)
	if again != nil {
		again.hide = s.hide
		again.outlives(nil)
	}
	return again
}

// again starts a span like s: below the same one and with the same input. It may return nil.
func (s *Span) again() *Span {
	like := s.beginning()
	_, span := s.client.StartSpan(like.ctx, like.name, like.options)
	if span == nil {
		return nil
	}
	span.change(func() {
		span.part.Provider, span.part.Model = like.provider, like.model
		span.addTags(like.tags)
		span.merge(like.input)
	})
	return span
}

// beginning is what was known of a span before its stream.
type beginning struct {
	ctx             context.Context
	name            string
	options         SpanOptions
	provider, model string
	tags            []string
	input           []captured
}

func (s *Span) beginning() beginning {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := beginning{
		ctx: s.ctx, name: s.entry.Name, provider: s.part.Provider, model: s.part.Model, tags: slices.Clone(s.entry.Tags),
		options: SpanOptions{Type: SpanType(s.part.Type), NoDuplicateRoot: s.traceOnly, Flush: s.flush},
	}
	for key, text := range s.entry.Fields.Values(record.Input) {
		b.input = append(b.input, captured{record.Input, key, bytes.Clone(text)})
	}
	return b
}
