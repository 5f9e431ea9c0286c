package opik_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// row is a row as it was delivered.
type row struct {
	Kind string `json:"kind"`
	record.Span
	Text string `json:"-"`
}

// rowsOf runs f with a client and returns every row that it delivered, in order.
func rowsOf(t *testing.T, o opik.Options, f func(ctx context.Context, c *opik.Client)) []row {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	o.Isolated, o.Sink = true, "file:"+path
	c, err := opik.New(o)
	require.NoError(t, err)
	f(opik.WithClient(t.Context(), c), c)
	require.NoError(t, c.Close(t.Context()))
	return readRows(t, path)
}

func readRows(t *testing.T, path string) []row {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	var rows []row
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		r := row{Text: lines.Text()}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		rows = append(rows, r)
	}
	require.NoError(t, lines.Err())
	return rows
}

// recordOne returns the one trace that f makes.
func recordOne(t *testing.T, f func(ctx context.Context)) *opiktest.Trace {
	t.Helper()
	rec := opiktest.New(t)
	f(rec.Context())
	traces := rec.Traces()
	require.Len(t, traces, 1)
	return traces[0]
}

// recordSpan returns the span that f fills in and that the helper ends.
func recordSpan(t *testing.T, f func(s *opik.Span)) *opiktest.Span {
	t.Helper()
	return recordSpanWith(t, opik.Options{}, f)
}

func recordSpanWith(t *testing.T, o opik.Options, f func(s *opik.Span)) *opiktest.Span {
	t.Helper()
	rec := opiktest.Open(o)
	defer func() { require.NoError(t, rec.Close()) }()
	_, span := opik.StartSpan(rec.Context(), "span", opik.SpanOptions{})
	f(span)
	span.End()
	traces := rec.Traces()
	require.Len(t, traces, 1)
	require.Len(t, traces[0].Spans, 1)
	return traces[0].Spans[0]
}

// recorder returns a recorder whose client has options.
func recorder(t *testing.T, o opik.Options) *opiktest.Recorder {
	t.Helper()
	rec := opiktest.Open(o)
	t.Cleanup(func() { require.NoError(t, rec.Close()) })
	return rec
}
