package queue_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// FuzzVersions pushes versions of a few rows, with flushes in between, and checks that of each row the last version
// arrives last, that versions never go back, and that none comes twice. Each byte is a push or a flush.
func FuzzVersions(f *testing.F) {
	f.Add([]byte{0x10, 0x00, 0xff, 0x01, 0x11, 0x21})
	f.Add([]byte{0x12, 0x13, 0x12, 0xff, 0x02, 0x03, 0x32})
	f.Fuzz(func(t *testing.T, steps []byte) {
		sink := &memory{}
		q := queue.New(queue.Config{Sink: sink, BatchRows: 7})
		last := map[record.Kind]map[byte]int{0: {}, 1: {}}
		for version, step := range steps {
			if step == 0xff {
				require.NoError(t, q.Flush(t.Context()))
				continue
			}
			kind, id := record.Kind(step>>5&1), step&7
			last[kind][id] = version
			q.Push(record.Row{Kind: kind, ID: [16]byte{id}, Start: step>>4&1 == 1, Body: []byte{byte(version), byte(version >> 8)}})
		}
		require.NoError(t, q.Close(t.Context()))

		arrived := map[record.Kind]map[byte]int{0: {}, 1: {}}
		for _, row := range sink.rows() {
			version := int(row.Body[0]) | int(row.Body[1])<<8
			before, again := arrived[row.Kind][row.ID[0]]
			assert.True(t, !again || version > before, "version %d after %d", version, before)
			arrived[row.Kind][row.ID[0]] = version
		}
		assert.Equal(t, last, arrived)
		assert.Zero(t, q.Stats().QueuedBytes)
	})
}
