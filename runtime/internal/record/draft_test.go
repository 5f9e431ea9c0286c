package record_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

func TestADraftIsWrittenWhenItIsSent(t *testing.T) {
	var draft record.Draft
	e, part := full(), &record.SpanPart{TraceID: traceID}
	draft.DraftSpan(e, part)
	assert.Equal(t, "before"+string(e.AppendSpan(nil, part)), string(draft.Append([]byte("before"))))
	assert.GreaterOrEqual(t, draft.Size(), len(e.AppendSpan(nil, part)))

	var trace record.Draft
	trace.DraftTrace(&record.Entry{ID: traceID}, "thread", e)
	assert.Equal(t, string((&record.Entry{ID: traceID}).AppendTrace(nil, "thread", e)), string(trace.Append(nil)))
}

func TestASealedDraftKeepsWhatItSaid(t *testing.T) {
	var draft record.Draft
	draft.Seal() // of nothing
	e, part := full(), &record.SpanPart{TraceID: traceID}
	draft.DraftSpan(e, part)
	want := string(e.AppendSpan(nil, part))
	draft.Seal()
	e.Name, part.Model = "changed", "changed"
	draft.Seal()
	assert.Equal(t, want, string(draft.Append(nil)))
}

// TestADraftIsSealedOrWritten changes what a draft is made of while it is sent.
func TestADraftIsSealedOrWritten(t *testing.T) {
	for range 200 {
		var draft record.Draft
		e, part := full(), &record.SpanPart{TraceID: traceID}
		draft.DraftSpan(e, part)
		want, got := string(e.AppendSpan(nil, part)), ""
		var group sync.WaitGroup
		group.Go(func() { got = string(draft.Append(nil)) })
		draft.Seal()
		e.Name = "changed"
		e.Fields.SetText(record.Input, "question", "changed", 100)
		group.Wait()
		assert.Equal(t, want, got)
	}
}
