package opik

import (
	"context"
	"sync"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

// patience is how long a channel's reader may take for an element after the context ended: one that takes longer is
// gone, and would keep the goroutine that serves it for ever. It is also how long an error waits for the reader to take
// the element before it.
const patience = 200 * time.Millisecond

// Chan wraps a channel. A goroutine passes the elements on; it ends with the channel or, when the reader takes no more,
// with the context. With a context that cannot end, a reader must read to the end, as it must for the sake of the
// goroutine that sends. Called again with the same channel, Chan returns what it returned before.
func (s *Stream[T, A]) Chan(in <-chan T) <-chan T {
	out, _ := s.Chans(in, nil)
	return out
}

// Chans is Chan for a channel of elements and one of errors. The stream ends with the elements, or at the first error. A
// channel of errors that is never closed is served until the context ends.
func (s *Stream[T, A]) Chans(in <-chan T, errs <-chan error) (elements <-chan T, failures <-chan error) {
	if s == nil || in == nil {
		s.called(true)
		return in, errs
	}
	return s.pumped.wrap(in, errs, func() *pump[T] { return newPump(s, in, errs) })
}

// pumped is what Chans did.
type pumped[T any] struct {
	mu   sync.Mutex
	in   <-chan T
	pump *pump[T]
}

func (p *pumped[T]) wrap(in <-chan T, errs <-chan error, start func() *pump[T]) (<-chan T, <-chan error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.in != in {
		p.in, p.pump = in, start()
		go p.pump.run()
	}
	if errs == nil {
		return p.pump.out, nil
	}
	return p.pump.out, p.pump.outErrs
}

// pump passes on what comes from two channels. It holds one element and one error at most, so it never runs further
// ahead of the reader.
type pump[T any] struct {
	stream  followed[T]
	in      <-chan T // nil: closed
	errs    <-chan error
	out     chan T
	outErrs chan error

	element    T
	err        error
	hasElement bool
	hasErr     bool
	closesErrs bool // the errors have ended, and the reader does not know it yet

	behind <-chan time.Time // when what came on errs need not wait for the element before it any more; nil: it need not wait
	ctx    context.Context
	done   <-chan struct{} // of the context; nil: it has ended, or cannot
	late   *time.Timer     // since the context ended, how long the reader takes
	gone   bool            // there is nobody to pass anything on to
}

// followed is the stream that a pump tells of the elements.
type followed[T any] interface {
	shown(element T) bool
	finish(how ending, err error)
	fail(err error)
}

func newPump[T, A any](s *Stream[T, A], in <-chan T, errs <-chan error) *pump[T] {
	p := &pump[T]{stream: s, ctx: s.ctx, in: in, errs: errs, out: make(chan T, cap(in)), outErrs: make(chan error, cap(errs))}
	if s.ctx != nil {
		p.done = s.ctx.Done()
	}
	return p
}

func (p *pump[T]) run() {
	for p.in != nil || p.errs != nil || p.hasElement || p.hasErr || p.closesErrs {
		p.step()
	}
	if p.late != nil {
		p.late.Stop()
	}
}

// step waits for the next thing to happen. What came on errs is not offered before the element that came before it,
// unless nobody takes that: the reader may be waiting for an error.
func (p *pump[T]) step() {
	if p.closesErrs && p.behind == nil {
		p.closesErrs = false
		close(p.outErrs)
		return
	}
	in, errs, out, outErrs := p.in, p.errs, chan<- T(nil), chan<- error(nil)
	if p.hasElement {
		in, out = nil, p.out
	}
	if p.hasErr {
		errs = nil
		if p.behind == nil {
			outErrs = p.outErrs
		}
	}
	select {
	case v, ok := <-in:
		p.receive(v, ok)
	case err, ok := <-errs:
		p.receiveErr(err, ok)
	case out <- p.element:
		p.hasElement, p.behind = false, nil
	case outErrs <- p.err:
		p.hasErr = false
	case <-p.behind:
		p.behind = nil
	case <-p.done:
		p.abandon()
	case <-p.expired():
		p.giveUp()
	}
}

func (p *pump[T]) receive(v T, ok bool) {
	if !ok {
		p.in = nil
		p.last()
		return
	}
	p.element, p.hasElement = v, p.stream.shown(v) && !p.gone
}

// last ends the elements. Errors that wait already are passed on before: a reader may look for one without waiting.
func (p *pump[T]) last() {
	if !p.hasErr && len(p.errs) > 0 {
		err, ok := <-p.errs
		p.receiveErr(err, ok)
	}
	if p.hasErr && len(p.outErrs) < cap(p.outErrs) {
		p.outErrs <- p.err
		p.hasErr = false
	}
	if p.ctx != nil && p.ctx.Err() != nil {
		p.stream.finish(abandoned, nil) // that is why the sender closed it
	} else {
		p.stream.finish(eof, nil)
	}
	close(p.out)
}

func (p *pump[T]) receiveErr(err error, ok bool) {
	if p.hasElement {
		p.behind = time.After(patience)
	}
	if !ok {
		p.errs, p.closesErrs = nil, true
		return
	}
	if !exhausted(err) {
		p.stream.fail(err)
	}
	p.err, p.hasErr = err, !p.gone
}

// abandon ends the stream with its context. What still comes is passed on as long as somebody takes it, and received in
// any case, so that the sender can end.
func (p *pump[T]) abandon() {
	p.stream.finish(abandoned, nil)
	p.done = nil
	p.late = time.NewTimer(patience)
}

// expired is ready when the context has ended and the reader took too long for what it is offered, or the sender, who has
// no more elements, for an error: many never close the channel of those.
func (p *pump[T]) expired() <-chan time.Time {
	if p.late == nil || p.in != nil && !p.hasElement && !p.hasErr {
		return nil
	}
	p.late.Reset(patience)
	return p.late.C
}

// giveUp leaves the reader that took too long, or the sender.
func (p *pump[T]) giveUp() {
	if p.in == nil && !p.hasErr {
		p.errs = nil
		return
	}
	p.gone, p.hasElement, p.hasErr, p.behind = true, false, false, nil
}

// pipeReader is the reading end of a stream that a pipe of its package serves.
type pipeReader[T any] interface {
	Recv() (T, error)
	Close()
}

// pipeWriter is the writing end. Send reports whether the reader was closed.
type pipeWriter[T any] interface {
	Send(element T, err error) (closed bool)
	Close()
}

// Pipe wraps the reader of a stream whose type only its own package can make, together with a writer, as eino's
// schema.Pipe does. A goroutine passes the elements on, until the reader is read to the end or closed. It is for the
// expressions of directives and presets.
func Pipe[T, A any, R pipeReader[T], W pipeWriter[T]](s *Stream[T, A], orig R, pipe func(capacity int) (R, W)) R {
	if s == nil || value.Nil(orig) {
		s.called(true)
		return orig
	}
	reader, writer := pipe(0)
	go func() {
		defer orig.Close()
		defer writer.Close()
		pumpPipe(s, orig, writer)
	}()
	return reader
}

func pumpPipe[T, A any](s *Stream[T, A], from pipeReader[T], to pipeWriter[T]) {
	for {
		v, err := s.Recv(from.Recv())
		if err != nil && exhausted(err) {
			return
		}
		if to.Send(v, err) {
			s.finish(closed, nil)
			return
		}
		if err != nil {
			return
		}
	}
}
