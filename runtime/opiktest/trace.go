package opiktest

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// Trace is a trace as Opik would show it.
type Trace struct {
	ID          string
	Name        string
	Project     string
	ThreadID    string
	Environment string
	Start, End  time.Time // End is zero for a trace that did not end
	Input       map[string]any
	Output      map[string]any
	Metadata    map[string]any
	Tags        []string
	Error       *Error  // nil: it did not fail
	Spans       []*Span // directly below the trace, in the order in which they started

	Scores      []opik.FeedbackScore // in the order in which their names came first
	Comments    []string
	Attachments []opik.Attachment // with Data
}

// Span is a span as Opik would show it.
type Span struct {
	ID          string
	TraceID     string
	ParentID    string // "" directly below the trace
	Name        string
	Type        string
	Project     string
	Environment string
	Start, End  time.Time // End is zero for a span that did not end
	Input       map[string]any
	Output      map[string]any
	Metadata    map[string]any
	Tags        []string
	Model       string
	Provider    string
	Usage       map[string]int
	TotalCost   *float64
	TTFT        time.Duration // to the first element of a stream
	Error       *Error        // nil: it did not fail
	Spans       []*Span       // directly below the span, in the order in which they started

	Scores      []opik.FeedbackScore // in the order in which their names came first
	Comments    []string
	Attachments []opik.Attachment // with Data
}

// Error says how a trace or a span failed.
type Error struct {
	Type      string
	Message   string
	Traceback string
}

// Find returns the first span of the trace with the name, at any depth, or nil.
func (t *Trace) Find(name string) *Span { return find(t.Spans, name) }

// Find returns the first span below s with the name, at any depth, or nil.
func (s *Span) Find(name string) *Span { return find(s.Spans, name) }

func find(spans []*Span, name string) *Span {
	for _, s := range spans {
		if s.Name == name {
			return s
		}
		if below := s.Find(name); below != nil {
			return below
		}
	}
	return nil
}

// traces returns the trees of all rows. Spans whose trace did not come, because it began in another process, are
// below a trace that has nothing but its id.
func (s *server) traces() []*Trace {
	s.mu.Lock()
	defer s.mu.Unlock()
	byID, spans := s.tracesByID(), s.spansByID()
	for _, span := range slices.SortedFunc(maps.Values(spans), func(a, b *Span) int { return order(a.Start, b.Start, a.ID, b.ID) }) {
		if parent, ok := spans[span.ParentID]; ok {
			parent.Spans = append(parent.Spans, span)
			continue
		}
		if byID[span.TraceID] == nil {
			byID[span.TraceID] = s.remarked(&Trace{ID: span.TraceID, Start: span.Start}, span.Project)
		}
		byID[span.TraceID].Spans = append(byID[span.TraceID].Spans, span)
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b *Trace) int { return order(a.Start, b.Start, a.ID, b.ID) })
}

// tracesByID returns the traces that came, without their spans.
func (s *server) tracesByID() map[string]*Trace {
	byID := map[string]*Trace{}
	for id, row := range s.traceBy {
		byID[id] = s.remarked(traceOf(row), row.Project)
	}
	return byID
}

// remarked gives a trace what was said of it.
func (s *server) remarked(t *Trace, project string) *Trace {
	t.Scores, t.Comments, t.Attachments = s.scoresOf(t.ID, project), s.commentsOn[t.ID], s.filesOf[t.ID]
	return t
}

// spansByID returns the spans that came, each by itself.
func (s *server) spansByID() map[string]*Span {
	byID := map[string]*Span{}
	for id, row := range s.spanBy {
		span := spanOf(row)
		span.Scores, span.Comments, span.Attachments = s.scoresOf(id, row.Project), s.commentsOn[id], s.filesOf[id]
		byID[id] = span
	}
	return byID
}

func order(a, b time.Time, aID, bID string) int { return cmp.Or(a.Compare(b), cmp.Compare(aID, bID)) }

func traceOf(row *record.Trace) *Trace {
	return &Trace{
		ID:          row.ID,
		Name:        row.Name,
		Project:     row.Project,
		ThreadID:    row.ThreadID,
		Environment: row.Environment,
		Start:       row.Start,
		End:         row.End,
		Input:       object(row.Input),
		Output:      object(row.Output),
		Metadata:    object(row.Metadata),
		Tags:        row.Tags,
		Error:       errorOf(row.Error),
	}
}

func spanOf(row *record.Span) *Span {
	return &Span{
		ID:          row.ID,
		TraceID:     row.TraceID,
		ParentID:    row.ParentID,
		Name:        row.Name,
		Type:        row.Type,
		Project:     row.Project,
		Environment: row.Environment,
		Start:       row.Start,
		End:         row.End,
		Input:       object(row.Input),
		Output:      object(row.Output),
		Metadata:    object(row.Metadata),
		Tags:        row.Tags,
		Model:       row.Model,
		Provider:    row.Provider,
		Usage:       usageOf(row.Usage),
		TotalCost:   row.Cost,
		TTFT:        time.Duration(row.TTFT * float64(time.Millisecond)),
		Error:       errorOf(row.Error),
	}
}

// object returns what a section holds. The runtime writes nothing but objects there.
func object(text json.RawMessage) map[string]any {
	var m map[string]any
	_ = json.Unmarshal(text, &m) // no text, no object
	return m
}

func usageOf(counts map[string]int32) map[string]int {
	if counts == nil {
		return nil
	}
	usage := map[string]int{}
	for key, n := range counts {
		usage[key] = int(n)
	}
	return usage
}

func errorOf(e *record.ErrorInfo) *Error {
	if e == nil {
		return nil
	}
	return &Error{Type: e.Type, Message: e.Message, Traceback: e.Traceback}
}
