package opik

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

// Finished is a trace or a span that has ended, or that was open when the client closed, as Options.Export takes it.
// It is a struct and not a row of Opik's API, so that what is built on it need not know that API, and an exporter is
// a function and not an interface, so that there is nothing to implement but what it does.
//
// A trace or span that changed after its end comes again, whole, under the same ID. Scores and updates of spans of
// other processes do not come: they have no place outside of Opik.
type Finished struct {
	ID          string // a UUIDv7, as are the two below
	TraceID     string // the same as ID for a trace
	ParentID    string // "" for a trace and for what is directly below it
	Root        bool   // of the tree of spans: a span that starts a trace, or a trace that no span shows
	Name        string
	Type        SpanType // "" for a trace
	Project     string
	Environment string
	ThreadID    string // of a trace
	Start, End  time.Time
	TTFT        time.Duration   // 0: not known
	Input       json.RawMessage // an object, as are the two below; nil if nothing was captured
	Output      json.RawMessage
	Metadata    json.RawMessage
	Tags        []string
	Model       string
	Provider    string
	Usage       map[string]int // by Opik's names: prompt_tokens, completion_tokens and so on
	TotalCost   *float64       // in US dollars; nil: not known
	Failure     *Failure       // nil: it did not fail
}

// Failure says how a trace or a span failed.
type Failure struct {
	Type      string
	Message   string
	Traceback string
}

// exportSink hands rows to a function of the program's.
type exportSink struct {
	export func(ctx context.Context, rows []Finished) error
}

// openExport prepares Options.Export.
func openExport(o Options) sink {
	return sink{Sink: exportSink{o.Export}, close: func() error { return nil }}
}

// Deliver exports what is finished among the rows. Its errors say that rows may go through later, and are those of a
// server that chokes: so the queue finds a row that is never taken, and gives up on it alone.
func (s exportSink) Deliver(ctx context.Context, rows []record.Row) error {
	finished := make([]Finished, 0, len(rows))
	for _, row := range rows {
		f, ok, err := finishedOf(row)
		if err != nil {
			return err
		}
		if ok {
			finished = append(finished, f)
		}
	}
	if len(finished) == 0 {
		return nil
	}
	if err := s.call(ctx, finished); err != nil {
		return &wire.Error{Verdict: wire.Retry, Status: http.StatusBadGateway, Err: err}
	}
	return nil
}

// call calls the function, whose panics are errors.
func (s exportSink) call(ctx context.Context, rows []Finished) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("Options.Export panicked: %v", v)
		}
	}()
	if err := s.export(ctx, rows); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	return nil
}

// finishedOf reads a row. Rows of another kind, and those of a start, are not exported.
func finishedOf(row record.Row) (f Finished, ok bool, err error) {
	if row.Start || row.Kind.Follows() {
		return Finished{}, false, nil
	}
	decoded, err := record.DecodeSpan(row.Body) // the row of a trace has none of what only a span has
	if err != nil {
		return Finished{}, false, err
	}
	if row.Kind == record.KindTrace {
		decoded.TraceID = decoded.ID
	}
	f = finished(decoded)
	f.Root = row.Root
	return f, true, nil
}

func finished(row *record.Span) Finished {
	f := Finished{
		ID:          row.ID,
		TraceID:     row.TraceID,
		ParentID:    row.ParentID,
		Name:        row.Name,
		Type:        SpanType(row.Type),
		Project:     row.Project,
		Environment: row.Environment,
		ThreadID:    row.ThreadID,
		Start:       row.Start,
		End:         row.End,
		TTFT:        time.Duration(row.TTFT * float64(time.Millisecond)),
		Input:       row.Input,
		Output:      row.Output,
		Metadata:    row.Metadata,
		Tags:        row.Tags,
		Model:       row.Model,
		Provider:    row.Provider,
		Usage:       usageOf(row.Usage),
		TotalCost:   row.Cost,
	}
	if row.Error != nil {
		f.Failure = &Failure{Type: row.Error.Type, Message: row.Error.Message, Traceback: row.Error.Traceback}
	}
	return f
}

// usageOf returns counts as programs count, nil if there are none.
func usageOf(counts map[string]int32) map[string]int {
	if len(counts) == 0 {
		return nil
	}
	usage := make(map[string]int, len(counts))
	for key, n := range counts {
		usage[key] = int(n)
	}
	return usage
}

// untracedSink delivers in a context in which nothing is recorded: the HTTP client that delivers may be one that makes
// a span of every request, and each span would be followed by that of its own delivery, for ever.
type untracedSink struct{ queue.Sink }

// Deliver delivers the rows.
func (s untracedSink) Deliver(ctx context.Context, rows []record.Row) error {
	return s.Sink.Deliver(WithClient(ctx, nil), rows)
}
