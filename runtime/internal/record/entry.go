package record

import "time"

// Entry is what a trace and a span have in common, as the runtime holds it until it is written to a row.
// A field that is zero is left out of the row.
type Entry struct {
	ID          [16]byte
	Project     string
	Environment string
	Name        string
	Start       time.Time
	End         time.Time     // zero: not ended
	TTFT        time.Duration // time to the first token
	Tags        []string
	Error       *ErrorInfo
	Fields      Fields

	// Updated is the last_updated_at of the last row, in microseconds since 1970. It must grow from row to row.
	Updated int64
}

// Size returns about how many bytes a row of it has.
func (e *Entry) Size() int {
	const rest = 640 // the ids, the times and most of what is around the texts
	size := rest + len(e.Name) + e.Fields.Size()
	for _, tag := range e.Tags {
		size += len(tag)
	}
	if e.Error != nil {
		size += len(e.Error.Type) + len(e.Error.Message) + len(e.Error.Traceback)
	}
	return size
}

// size returns about how many bytes it adds to the row of a span.
func (p *SpanPart) size() int {
	size := len(p.Model) + len(p.Provider)
	for _, count := range p.Usage {
		size += len(count.Key)
	}
	return size
}

// SpanPart is what only a span has.
type SpanPart struct {
	TraceID  [16]byte
	ParentID [16]byte // zero: directly below the trace
	Type     string
	Model    string
	Provider string
	Usage    []Count
	Cost     *float64 // in US dollars; not nil overrides what the server estimates, even if it is 0
}

// Count is one entry of a span's usage. The server takes no other numbers than 32-bit integers.
type Count struct {
	Key string
	N   int32
}

// ErrorInfo says how a trace or a span failed.
type ErrorInfo struct {
	Type      string `json:"exception_type"`
	Message   string `json:"message,omitempty"`
	Traceback string `json:"traceback"`
}
