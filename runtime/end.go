package opik

import (
	"context"
	"runtime"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// Returned says that the traced call returned, and with which errors. Generated code calls it directly after the
// call. The span fails with the first error that is not nil; the message has them all.
func (s *Span) Returned(errs ...error) {
	if s != nil {
		s.callReturned(errs)
	}
}

func (s *Span) callReturned(errs []error) {
	s.returned.Store(true)
	if failure := s.client.describeAll(errs); failure != nil {
		s.failed.Store(true)
		s.change(func() { s.entry.Error = failure })
	}
}

// End ends the span and sends it. A second End does nothing. A span that a [Stream] holds open is left to the stream.
//
// Deferred without a function around it, End records a panic with its stack and raises it again with the same value,
// and records that the goroutine exited by runtime.Goexit.
func (s *Span) End() {
	if s == nil {
		return
	}
	if v := recover(); v != nil {
		s.endCall(s.client.describePanic(v))
		panic(v)
	}
	s.endCall(s.exited())
}

// endCall ends the span with its call, because of a failure if that is not nil, unless a stream goes on.
func (s *Span) endCall(failure *record.ErrorInfo) {
	if t := s.tap.Load(); t == nil || !t.outlives(failure) {
		s.end(failure)
	}
}

// exited says that End was called by runtime.Goexit. Only a call that did not return can have been ended that way,
// so generated code, which says when it returned, does not pay for the look at the stack.
func (s *Span) exited() *record.ErrorInfo {
	if s.returned.Load() {
		return nil
	}
	var caller [1]uintptr
	const skip = 3 // Callers, exited, End
	if runtime.Callers(skip, caller[:]) == 0 || runtime.FuncForPC(caller[0]).Name() != "runtime.Goexit" {
		return nil
	}
	return s.client.describeGoexit()
}

// end ends the span, because of a failure if that is not nil.
func (s *Span) end(failure *record.ErrorInfo) {
	if !s.finish(failure) || !s.flush {
		return
	}
	if err := s.client.Flush(context.WithoutCancel(s.ctx)); err != nil {
		s.client.log.Warn("opik: a span with Flush could not be delivered", "error", err)
	}
}
