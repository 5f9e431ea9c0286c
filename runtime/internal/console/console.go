// Package console is the sink that shows finished traces to a person, as trees on a terminal.
package console

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// maxWaiting bounds the traces of which spans came and the trace did not. Its row may never come: a trace that began
// in another process is sent by that one.
const maxWaiting = 1000

// Sink gathers the spans of a trace until the trace itself comes, which is when it has ended, and then writes the
// tree. Spans that end after their trace are written when they come.
type Sink struct {
	mu      sync.Mutex
	w       io.Writer
	style   style
	width   int
	waiting map[string]*trace // by id
	order   []string          // ids in waiting, the oldest first
	written map[string]string // names of the traces that were written, by id
	asides  []string          // lines about something else than a trace
}

// trace is what came of a trace so far.
type trace struct {
	row    *record.Trace // nil: not yet
	spans  map[string]*record.Span
	scores map[string]scores // by the id of the trace or the span
	known  string            // its id; what came may not say it
}

// New returns a sink that writes trees to w, in colour or not.
func New(w io.Writer, colored bool) *Sink {
	return &Sink{w: w, style: styleOf(colored), width: columns(), waiting: map[string]*trace{}, written: map[string]string{}}
}

// Deliver takes rows and writes the traces that they complete.
func (s *Sink) Deliver(_ context.Context, rows []record.Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range rows {
		if err := s.take(row); err != nil {
			return err
		}
	}
	return s.write(s.complete())
}

// Close writes what still waits for its trace.
func (s *Sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(s.order)
}

// take enters a row. Of two rows with the same id the later one counts. Start rows only say what is still to come.
func (s *Sink) take(row record.Row) error {
	if row.Start {
		return nil
	}
	switch row.Kind {
	case record.KindTrace:
		return s.takeTrace(row)
	case record.KindSpan:
		return s.takeSpan(row)
	case record.KindSpanUpdate:
		return s.takeUpdate(row)
	case record.KindTraceScore, record.KindSpanScore, record.KindThreadScore:
		return s.takeScore(row)
	default:
		return nil // comments and attachments are for those who have Opik before them
	}
}

func (s *Sink) takeTrace(row record.Row) error {
	t, err := record.DecodeTrace(row.Body)
	if err != nil {
		return err
	}
	s.trace(t.ID).row = t
	return nil
}

func (s *Sink) takeSpan(row record.Row) error {
	span, err := record.DecodeSpan(row.Body)
	if err != nil {
		return err
	}
	s.trace(span.TraceID).spans[span.ID] = span
	return nil
}

// trace returns what is known of a trace.
func (s *Sink) trace(id string) *trace {
	t, ok := s.waiting[id]
	if !ok {
		t = &trace{spans: map[string]*record.Span{}, known: id}
		s.waiting[id] = t
		s.order = append(s.order, id)
	}
	return t
}

// complete returns the traces to write now: those that have ended, those that were written before and changed, and
// the oldest of too many.
func (s *Sink) complete() []string {
	excess := len(s.order) - maxWaiting
	var ids []string
	for i, id := range s.order {
		_, again := s.written[id]
		if again || i < excess || s.waiting[id].row != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// write writes traces in the order in which they started, and forgets them.
func (s *Sink) write(ids []string) error {
	traces := make([]*trace, 0, len(ids))
	var text strings.Builder
	for _, id := range ids {
		traces = append(traces, s.waiting[id])
		delete(s.waiting, id)
	}
	s.order = slices.DeleteFunc(slices.Clone(s.order), func(id string) bool { return s.waiting[id] == nil })
	slices.SortStableFunc(traces, func(a, b *trace) int { return a.start().Compare(b.start()) })
	for _, t := range traces {
		text.WriteString(s.render(t))
	}
	for _, line := range s.asides {
		text.WriteString(line + "\n\n")
	}
	s.asides = nil
	if _, err := io.WriteString(s.w, text.String()); err != nil {
		return fmt.Errorf("writing traces to the console: %w", err)
	}
	return nil
}

// render returns the tree of a trace, and remembers its name for what may come later.
func (s *Sink) render(t *trace) string {
	id := t.known
	name, again := s.written[id]
	if t.row != nil {
		name = t.row.Name
	}
	s.remember(id, name)
	page := page{style: s.style, width: s.width}
	page.head(t, name, again)
	page.body(t)
	return page.String()
}

// remember bounds what is remembered by forgetting all of it: then a late span has a header without a name.
func (s *Sink) remember(id, name string) {
	if len(s.written) >= maxWaiting {
		clear(s.written)
	}
	s.written[id] = name
}
