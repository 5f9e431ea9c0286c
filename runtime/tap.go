package opik

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// ending says how a stream ended.
type ending string

const (
	running   ending = "" // it has not
	eof       ending = "eof"
	failed    ending = "error"
	closed    ending = "closed"    // by its reader, before the end
	abandoned ending = "abandoned" // its context ended, and nobody had read to the end or closed it
)

// tap is what a stream and its span know of each other. It ends the span once, when the stream ends.
type tap struct {
	span   *Span
	ctx    context.Context // with which an abandoned stream ends
	stream interface{ capture() }
	texts  []outputText // of AppendOutput; the lock of the span guards them

	mu       sync.Mutex // guards what follows, and what the elements add up to
	within   bool       // the stream is over when the call returns, so End ends the span
	whole    bool       // and nobody listens to it: the call is none that streams
	ended    ending
	elements int
	panicked string      // what a function that looked at the elements panicked with
	stop     func() bool // stops waiting for the end of ctx
}

// streamKey is the metadata that says how a stream went.
const streamKey = "stream"

// pass says that there will be no stream after the call, and whether there is one within it.
func (t *tap) pass(streamed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.within, t.whole = true, !streamed
}

// hold says that there is a stream after the call.
func (t *tap) hold() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.within, t.whole = false, false
}

// outlives reports whether the span is to stay open although its call is over: the stream ends it. Otherwise
// it captures what the stream has come to.
func (t *tap) outlives(failure *record.ErrorInfo) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.ended != running:
		return false
	case failure != nil || t.span.failed.Load():
		t.settle(failed)
		return false
	case t.within:
		t.settle(eof)
		return false
	}
	if t.stop == nil && t.ctx != nil && t.ctx.Done() != nil {
		t.stop = context.AfterFunc(t.ctx, func() { t.finish(abandoned, nil) })
	}
	return true
}

// count counts an element. The first one is what the user waited for. The tap is locked.
func (t *tap) count() {
	if t.elements++; t.elements > 1 {
		return
	}
	t.whole = false
	s := t.span
	s.change(func() {
		if s.entry.TTFT == 0 {
			s.entry.TTFT = time.Since(s.entry.Start)
		}
	})
}

// over ends the stream by what its source says: no error and io.EOF are the end of the elements.
func (t *tap) over(err error) {
	if exhausted(err) {
		t.finish(eof, nil)
		return
	}
	t.finish(failed, err)
}

// exhausted reports whether err says no more than that there are no more elements. The iterators of Google's
// libraries have an error of their own for it.
func exhausted(err error) bool {
	return err == nil || errors.Is(err, io.EOF) || message(err) == "no more items in iterator"
}

// finish ends the stream and its span. Only the first end counts. But a reader whose context ended learns it a little
// later, so that what it learns comes in place of abandoned.
func (t *tap) finish(how ending, err error) {
	t.finishAs(how, t.span.client.describeAll([]error{err}), abandoned)
}

// fail is finish for an error that is told beside the elements, perhaps after the last of them.
func (t *tap) fail(err error) {
	t.finishAs(failed, t.span.client.describe(err), abandoned, eof)
}

// finishAs ends the stream and its span, or comes in place of an earlier end that is one of instead.
func (t *tap) finishAs(how ending, failure *record.ErrorInfo, instead ...ending) {
	if t.conclude(how, failure, instead) {
		t.span.end(failure)
	}
}

// conclude reports whether the span is to be ended now.
func (t *tap) conclude(how ending, failure *record.ErrorInfo, instead []ending) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if failure != nil {
		t.span.failed.Store(true)
	}
	if t.ended == running {
		t.settle(how)
		if t.stop != nil {
			t.stop()
		}
		return true
	}
	if how != t.ended && slices.Contains(instead, t.ended) {
		t.correct(how, failure)
	}
	return false
}

// correct says that the stream ended in another way. The tap is locked.
func (t *tap) correct(how ending, failure *record.ErrorInfo) {
	t.ended = how
	t.span.change(func() {
		if failure != nil {
			t.span.entry.Error = failure
		}
		t.describe()
	})
}

// settle captures what the elements add up to, and how the stream ended. The tap is locked.
func (t *tap) settle(how ending) {
	t.ended = how
	t.complete()
	t.flushTexts()
	t.span.change(t.span.addTotal)
	t.span.change(t.describe)
}

// complete lets the stream capture what it has accumulated.
func (t *tap) complete() {
	defer t.guard()
	t.stream.capture()
}

// guard keeps a panic in what looks at the elements from reaching the reader, and notes it.
func (t *tap) guard() {
	if v := recover(); v != nil && t.panicked == "" {
		t.panicked = t.span.client.maskText("metadata.stream.panicked", value.Cut(fmt.Sprint(v), 200))
	}
}

// describe enters how the stream went. Tap and span are locked.
func (t *tap) describe() {
	if t.whole {
		return
	}
	text := strconv.AppendInt([]byte(`{"elements":`), int64(t.elements), 10)
	if t.ended != eof {
		text = append(append(text, `,"ended":"`...), t.ended...)
		text = append(text, '"')
	}
	if t.panicked != "" {
		text = value.AppendString(append(text, `,"panicked":`...), t.panicked)
	}
	t.span.fields().Set(record.Metadata, streamKey, append(text, '}'))
}
