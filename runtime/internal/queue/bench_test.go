package queue_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

// discard is a sink that costs nothing.
type discard struct{}

// Deliver takes everything.
func (discard) Deliver(context.Context, []record.Row) error { return nil }

// BenchmarkPush is what a row costs the caller: taken by a queue that keeps up, and dropped by one that is full.
func BenchmarkPush(b *testing.B) {
	row := newRow(record.KindSpan, "row")
	configs := map[string]queue.Config{
		"taken": {Sink: discard{}, Block: true},
		"full":  {Sink: &memory{blocked: make(chan struct{})}, MaxRows: 1},
	}
	for name, config := range configs {
		b.Run(name, func(b *testing.B) {
			q := queue.New(config)
			b.ReportAllocs()
			for b.Loop() {
				q.Push(row)
			}
			b.StopTimer()
			stop(b, q)
		})
		b.Run(name+"/parallel", func(b *testing.B) {
			q := queue.New(config)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					q.Push(row)
				}
			})
			b.StopTimer()
			stop(b, q)
		})
	}
}

// BenchmarkPushStartRows is the price of the index: a start row, then its end row in its place.
func BenchmarkPushStartRows(b *testing.B) {
	q := queue.New(queue.Config{Sink: discard{}, Block: true})
	defer stop(b, q)
	row := newRow(record.KindSpan, "row")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		row.ID[15], row.ID[14], row.ID[13] = byte(i>>1), byte(i>>9), byte(i>>17)
		row.Start = i%2 == 0
		q.Push(row)
	}
}

// BenchmarkDeliver is the way from Push to a loopback server that has read the request: rows of 1 KiB in and 1 KiB
// out, one trace to four spans.
func BenchmarkDeliver(b *testing.B) {
	for _, plain := range []bool{true, false} {
		for _, senders := range []int{1, 2} {
			name := fmt.Sprintf("gzip=%t/senders=%d", !plain, senders)
			b.Run(name, func(b *testing.B) { benchmarkDeliver(b, plain, senders) })
		}
	}
}

func benchmarkDeliver(b *testing.B, plain bool, senders int) {
	var received atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received.Add(r.ContentLength)
		_, _ = io.Copy(io.Discard, r.Body) // the client notices what goes wrong
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	client, err := wire.New(wire.Config{URL: server.URL, NoCompression: plain})
	require.NoError(b, err)
	defer client.Close()
	rows := sampleRows(1000)
	q := queue.New(queue.Config{Sink: client, Limits: opikLimits, Senders: senders, Block: true})
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		q.Push(rows[i%len(rows)])
	}
	require.NoError(b, q.Close(b.Context()))
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(received.Load())/float64(b.N), "wire-B/row")
}

// sampleRows returns rows of the size of a chat turn.
func sampleRows(n int) []record.Row {
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([]record.Row, n)
	for i := range rows {
		kind := record.KindSpan
		if i%5 == 4 {
			kind = record.KindTrace
		}
		id := uuid.Must(uuid.NewV7())
		body, _ := json.Marshal(map[string]any{ // strings can be marshalled
			"id": id, "trace_id": id, "name": "answer", "type": "llm", "project_name": "Default Project",
			"start_time": time.Now(), "end_time": time.Now(), "last_updated_at": time.Now(), "tags": []string{"a", "b"},
			"input": map[string]string{"question": prose(random, 1024)}, "output": map[string]string{"answer": prose(random, 1024)},
			"usage": map[string]int{"prompt_tokens": i, "completion_tokens": i * 3, "total_tokens": i * 4},
		})
		rows[i] = record.Row{Kind: kind, ID: id, TraceID: id, Body: body}
	}
	return rows
}

// prose returns so many bytes of words that compress as text does.
func prose(random *rand.Rand, size int) string {
	var text strings.Builder
	for text.Len() < size {
		fmt.Fprintf(&text, "%s%x ", []string{"the", "trace", "model", "answered", "because", "a", "user", "asked"}[random.IntN(8)], random.IntN(64))
	}
	return text.String()[:size]
}

// stop closes a queue that may hold rows that nobody takes.
func stop(b testing.TB, q *queue.Queue) {
	ctx, cancel := context.WithTimeout(b.Context(), time.Second)
	defer cancel()
	_ = q.Close(ctx) // what was dropped is not the question
}
