package spool_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/spool"
)

// newSpool returns a spool in a folder of the test's.
func newSpool(t *testing.T, maxBytes int64) (*spool.Spool, string) {
	t.Helper()
	dir := t.TempDir()
	return spool.New(spool.Config{Dir: dir, Destination: "https://opik.example.com team", MaxBytes: maxBytes}), dir
}

// batchOf returns n rows whose bodies name the batch.
func batchOf(name string, n int) []record.Row {
	rows := make([]record.Row, n)
	for i := range rows {
		rows[i] = record.Row{
			Kind: record.Kind(i % 2), ID: [16]byte{1, 15: byte(i)}, TraceID: [16]byte{2}, Start: i%3 == 0,
			Body: fmt.Appendf(nil, "{\"name\":%q,\n\"i\":%d}", name, i),
		}
	}
	return rows
}

// store puts a batch into the spool.
func store(t *testing.T, s *spool.Spool, rows []record.Row) {
	t.Helper()
	evicted, err := s.Store(rows)
	require.NoError(t, err)
	require.Zero(t, evicted)
}

// replayAll takes everything out of the spool, in order.
func replayAll(t *testing.T, s *spool.Spool) [][]record.Row {
	t.Helper()
	claim, err := s.Claim()
	require.NoError(t, err)
	if claim == nil {
		return nil
	}
	defer claim.Release()
	var batches [][]record.Row
	for {
		file, err := claim.Next()
		require.NoError(t, err)
		if file == nil {
			return batches
		}
		batches = append(batches, file.Rows)
		require.NoError(t, file.Done())
	}
}

// files returns the paths in the spool below dir that match a pattern.
func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", pattern))
	require.NoError(t, err)
	return paths
}

// read returns what is in a file.
func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}
