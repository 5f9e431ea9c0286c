package opik_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// inBubble runs a test of goroutines with a recorder. The test fails if a goroutine is left.
func inBubble(t *testing.T, f func(t *testing.T, rec *opiktest.Recorder)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		rec := opiktest.Open(opik.Options{})
		f(t, rec)
		require.NoError(t, rec.Close())
	})
}

// chanStream is a stream that holds its span open.
func chanStream(ctx context.Context) *opik.Stream[string, struct{}] {
	ctx, span := opik.StartSpan(ctx, "chan", opik.SpanOptions{})
	defer span.End()
	return textStream(ctx, span)
}

func collect[T any](c <-chan T) (all []T) {
	for v := range c {
		all = append(all, v)
	}
	return all
}

// send sends a list and closes the channel.
func send[T any](list ...T) <-chan T {
	c := make(chan T)
	go func() {
		defer close(c)
		for _, v := range list {
			c <- v
		}
	}()
	return c
}

func TestChanIsReadToItsEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		stream := chanStream(rec.Context())
		in := send("a", "b", "c")
		out := stream.Chan(in)
		assert.Equal(t, out, stream.Chan(in), "once for one channel")
		assert.Equal(t, cap(in), cap(out))
		assert.Equal(t, []string{"a", "b", "c"}, collect(out))
		assert.Equal(t, went(3, ""), said(t, rec).Metadata)
		assert.Equal(t, map[string]any{"text": "abc"}, said(t, rec).Output)
	})
}

func TestChanRunsAheadByOneOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		sent := 0
		in := make(chan string)
		go func() {
			defer close(in)
			for range 5 {
				in <- "a"
				sent++
			}
		}()
		out := chanStream(rec.Context()).Chan(in)
		synctest.Wait()
		assert.Equal(t, 1, sent)
		assert.Len(t, collect(out), 5)
	})
}

func TestAnAbandonedChanEndsWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		ctx, cancel := context.WithCancel(rec.Context())
		in := make(chan string)
		var finished atomic.Bool
		go func() {
			defer close(in)
			for range 5 { // it does not look at the context
				in <- "a"
			}
			finished.Store(true)
		}()
		out := chanStream(ctx).Chan(in)
		<-out
		synctest.Wait()
		cancel()
		time.Sleep(time.Second) //nolint:forbidigo // the clock of the bubble: the reader is away
		assert.True(t, finished.Load(), "the sender could end")
		assert.Equal(t, went(2, "abandoned"), said(t, rec).Metadata)
		assert.Empty(t, collect(out))
	})
}

func TestAReaderGetsWhatComesAfterTheContextEnded(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		ctx, cancel := context.WithCancel(rec.Context())
		in := make(chan string)
		go func() {
			defer close(in)
			in <- "a"
			<-ctx.Done()
			in <- "cancelled" // as providers tell in their last event
			in <- "bye"
		}()
		out := chanStream(ctx).Chan(in)
		assert.Equal(t, "a", <-out)
		cancel()
		time.Sleep(100 * time.Millisecond) //nolint:forbidigo // the clock of the bubble: a slow reader
		assert.Equal(t, "cancelled", <-out)
		time.Sleep(150 * time.Millisecond) //nolint:forbidigo // as above
		assert.Equal(t, []string{"bye"}, collect(out))
		assert.Equal(t, went(1, "abandoned"), said(t, rec).Metadata)
	})
}

func TestChans(t *testing.T) {
	cases := map[string]struct {
		errs []error
		ends map[string]any
	}{
		"without an error": {nil, went(2, "")},
		"with an error":    {[]error{errBroken}, went(2, "error")},
		"with nil":         {[]error{nil}, went(2, "")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
				in, errs := make(chan string), make(chan error, 1)
				go func() {
					defer close(errs)
					defer close(in)
					in <- "a"
					in <- "b"
					for _, err := range c.errs {
						errs <- err
					}
				}()
				elements, failures := chanStream(rec.Context()).Chans(in, errs)
				assert.Equal(t, []string{"a", "b"}, collect(elements))
				if len(c.errs) > 0 {
					assert.Len(t, failures, 1, "a reader may look for an error without waiting")
				}
				assert.Equal(t, c.errs, collect(failures))
				assert.Equal(t, c.ends, said(t, rec).Metadata)
			})
		})
	}
}

func TestAnErrorThatComesAfterTheElements(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		in, errs := make(chan string), make(chan error)
		go func() {
			close(in)
			errs <- errBroken
			close(errs)
		}()
		elements, failures := chanStream(rec.Context()).Chans(in, errs)
		assert.Empty(t, collect(elements))
		assert.Equal(t, []error{errBroken}, collect(failures))
		assert.Equal(t, errBroken.Error(), said(t, rec).Error.Message)
	})
}

func TestAnErrorBeforeTheElementsEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		in, errs := make(chan string), make(chan error)
		go func() {
			defer close(in)
			defer close(errs)
			in <- "a"
			errs <- errBroken
		}()
		elements, failures := chanStream(rec.Context()).Chans(in, errs)
		assert.Equal(t, "a", <-elements)
		assert.Equal(t, errBroken, <-failures)
		assert.Empty(t, collect(failures))
		assert.Empty(t, collect(elements))
		assert.Equal(t, went(1, "error"), said(t, rec).Metadata)
	})
}

// TestErrorsThatNeverEnd is about senders that send an error if there is one, and close only the elements: they are served
// as long as the context lasts.
func TestErrorsThatNeverEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		ctx, cancel := context.WithCancel(rec.Context())
		elements, failures := chanStream(ctx).Chans(send("a"), make(chan error, 1))
		assert.Equal(t, []string{"a"}, collect(elements))
		time.Sleep(time.Hour) //nolint:forbidigo // the clock of the bubble
		cancel()
		time.Sleep(time.Second) //nolint:forbidigo // as above
		select {
		case err, ok := <-failures:
			assert.Fail(t, "the sender did not say anything", "%v %v", err, ok)
		default:
		}
		assert.Equal(t, went(1, ""), said(t, rec).Metadata)
	})
}

// TestAnErrorThatComesAfterTheContextEnded is one of a sender that takes its time to find out.
func TestAnErrorThatComesAfterTheContextEnded(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		ctx, cancel := context.WithCancel(rec.Context())
		errs := make(chan error)
		elements, failures := chanStream(ctx).Chans(send("a"), errs)
		assert.Equal(t, []string{"a"}, collect(elements))
		cancel()
		time.Sleep(150 * time.Millisecond) //nolint:forbidigo // the clock of the bubble
		errs <- errBroken
		assert.Equal(t, errBroken, <-failures)
		close(errs)
		assert.Empty(t, collect(failures))
		assert.Equal(t, went(1, "error"), said(t, rec).Metadata)
	})
}

func TestAReaderMayLookForAnErrorFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
		errs := make(chan error)
		close(errs)
		elements, failures := chanStream(rec.Context()).Chans(send("a", "b"), errs)
		assert.Empty(t, collect(failures))
		assert.Equal(t, []string{"a", "b"}, collect(elements))
	})
}

func TestAnErrorDoesNotOvertakeAnElement(t *testing.T) {
	for range 50 {
		inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
			in, errs := make(chan string), make(chan error)
			go func() {
				in <- "a"
				errs <- errBroken
				close(in)
				close(errs)
			}()
			elements, failures := chanStream(rec.Context()).Chans(in, errs)
			synctest.Wait()
			select {
			case v := <-elements:
				assert.Equal(t, "a", v)
			case err := <-failures:
				assert.Fail(t, "too early", "%v", err)
			}
			assert.Equal(t, errBroken, <-failures)
			assert.Empty(t, collect(elements))
			assert.Empty(t, collect(failures))
		})
	}
}

// pipe is a stream like those of eino: only its own package makes it.
type pipe struct {
	elements chan string
	closed   chan struct{}
	err      error
}

func newPipe(capacity int) (*pipe, *pipeEnd) {
	p := &pipe{elements: make(chan string, capacity), closed: make(chan struct{})}
	return p, &pipeEnd{p}
}

func (p *pipe) Recv() (string, error) {
	v, ok := <-p.elements
	if !ok {
		return "", p.err
	}
	return v, nil
}

func (p *pipe) Close() { close(p.closed) }

type pipeEnd struct{ *pipe }

func (p *pipeEnd) Send(v string, err error) bool {
	if p.err = err; err != nil {
		return false
	}
	select {
	case p.elements <- v:
		return false
	case <-p.closed:
		return true
	}
}

func (p *pipeEnd) Close() { close(p.elements) }

func TestPipe(t *testing.T) {
	cases := map[string]struct {
		source []string
		err    error
		read   int
		ends   map[string]any
	}{
		"with an error": {[]string{"a", "b"}, errBroken, 3, went(2, "error")},
		"closed early":  {[]string{"a", "b", "c"}, errBroken, 1, went(2, "closed")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, rec *opiktest.Recorder) {
				orig := &pipe{elements: make(chan string, 3), closed: make(chan struct{}), err: c.err}
				for _, v := range c.source {
					orig.elements <- v
				}
				close(orig.elements)
				reader := opik.Pipe(chanStream(rec.Context()), orig, newPipe)
				require.NotSame(t, orig, reader)
				var err error
				for range c.read {
					_, err = reader.Recv()
				}
				if c.read == 3 {
					assert.Equal(t, c.err, err)
				}
				reader.Close()
				<-orig.closed
				assert.Equal(t, c.ends, said(t, rec).Metadata)
			})
		})
	}
}
