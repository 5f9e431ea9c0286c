package queue_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// draftOf returns the row of a span that is not written yet.
func draftOf(name string, size int) record.Row {
	e := &record.Entry{ID: uuid.Must(uuid.NewV7()), Name: name, Start: time.Now(), Updated: time.Now().UnixMicro()}
	e.Fields.SetText(record.Input, "text", strings.Repeat(name, size/len(name)), size)
	row := record.Row{Kind: record.KindSpan, ID: e.ID, TraceID: e.ID, Draft: new(record.Draft)}
	row.Draft.DraftSpan(e, &record.SpanPart{TraceID: e.ID})
	return row
}

// TestDraftsAreWrittenIntoMemoryThatIsUsedAgain sends batches of all sizes, some again and again and by way of the
// spool: no row may show what another batch wrote to its memory.
func TestDraftsAreWrittenIntoMemoryThatIsUsedAgain(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := &switchable{}
		q := newSpooled(t, server, dir, queue.Config{BatchRows: 20})
		names := []string{"a", "b", "c", "d", "e", "f"}
		for i := range 600 {
			server.down.Store(i/200 == 1)
			q.Push(draftOf(names[i%len(names)], 1+i*i%9000))
			if i%100 == 99 {
				<-time.After(10 * time.Second)
			}
		}
		require.NoError(t, q.Close(t.Context()))
		assert.NotZero(t, q.Stats().Spooled)
		require.Len(t, server.Spans(), 600)
		for _, row := range server.Spans() {
			name := nameOf(row.JSON)
			_, text, _ := strings.Cut(string(row.JSON), `"text":"`)
			text, _, _ = strings.Cut(text, `"`)
			assert.Empty(t, strings.Trim(text, name), "%s in a row of %s", text, name)
		}
	})
}

func TestADraftCountsBeforeItIsWritten(t *testing.T) {
	q := queue.New(queue.Config{Sink: &memory{blocked: make(chan struct{})}, MaxBytes: 10_000, Interval: time.Hour})
	q.Push(draftOf("x", 8000))
	assert.Greater(t, q.Stats().QueuedBytes, 8000)
	q.Push(draftOf("x", 8000))
	assert.Equal(t, map[queue.Reason]uint64{queue.QueueFull: 1}, q.Stats().Dropped)
	stop(t, q)
}
