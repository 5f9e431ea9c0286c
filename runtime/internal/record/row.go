// Package record says what a trace, a span and what is said about them are on the wire: one JSON object a row.
// The recording half of the runtime writes rows, the delivery half carries them without looking inside.
package record

// Kind says which endpoint takes a row.
type Kind uint8

// The kinds of rows. Of the rows of a batch, those of an earlier kind go to the server first.
const (
	KindTrace Kind = iota
	KindSpan
	KindSpanUpdate
	KindTraceScore
	KindSpanScore
	KindThreadScore
	KindTraceComment
	KindSpanComment
	KindAttachment
)

// Follows reports whether rows of the kind must not overtake others: they say something about a row that may have
// been sent before them, or replace what was said, and have no version by which the server could tell the order.
func (k Kind) Follows() bool { return k > KindSpan }

// Single reports whether a request holds one row of the kind.
func (k Kind) Single() bool { return k == KindSpanUpdate || k >= KindTraceComment }

var kindNames = [...]string{
	KindTrace:        "trace",
	KindSpan:         "span",
	KindSpanUpdate:   "span_update",
	KindTraceScore:   "trace_score",
	KindSpanScore:    "span_score",
	KindThreadScore:  "thread_score",
	KindTraceComment: "trace_comment",
	KindSpanComment:  "span_comment",
	KindAttachment:   "attachment",
}

// String returns the name of the kind as the file sink writes it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Row is one trace or span as it stood when it was handed over. Rows of the same ID replace each other on the
// server, the one with the larger last_updated_at wins, so any retry, replay or reordering of rows is harmless.
// Rows of the other kinds, those that follow, are as harmless when they are sent again, but must keep their order.
type Row struct {
	Kind    Kind
	ID      [16]byte // UUIDv7 of the trace or the span; for a score see [ScoreID]
	TraceID [16]byte // the same as ID for a trace, zero for the score of a thread

	// Start marks the row of a span that has not ended. While it is queued, the next row of the same ID replaces it.
	Start bool

	// Resent marks a row of an ID that was pushed before. It replaces the one before, if that is still queued.
	Resent bool

	// Root marks the row that is the root of the tree of spans: that of a span that started its trace, or of a trace
	// that no span with a row shows. Opik does not need it, but what knows no traces does.
	Root bool

	// Unchecked marks an update that is sent although the server may not have its span.
	Unchecked bool

	// Body is one JSON object without nulls, ready for {"spans":[...]}. Nobody writes to it after the row was made.
	Body []byte

	// Draft is what Body is written from when the row leaves the queue. It is nil in rows that have a Body.
	Draft *Draft
}

// Size returns how many bytes the body has, about as many where it is not written yet.
func (r Row) Size() int {
	if r.Draft != nil {
		return r.Draft.Size()
	}
	return len(r.Body)
}
