package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const output = `goos: linux
BenchmarkEndToEnd/floor-2    100  10 ns/op  0.50 cpu-s/100k  200000 spans/s
BenchmarkEndToEnd/opik-2     100  10 ns/op  0.70 cpu-s/100k  150000 spans/s
BenchmarkEndToEnd/opik-2     100  10 ns/op  0.90 cpu-s/100k  100000 spans/s
BenchmarkEndToEnd/opik-2     100  10 ns/op  0.80 cpu-s/100k   90000 spans/s
BenchmarkEndToEnd/otel-2     100  10 ns/op  1.60 cpu-s/100k   50000 spans/s
BenchmarkEndToEnd/opik-gzip  100  10 ns/op  80000 spans/s
BenchmarkEndToEnd/otel-gzip  100  10 ns/op  5000 spans/s
BenchmarkOff/bare-2          100  2.5 ns/op  0 allocs/op
PASS
`

const streamOutput = `BenchmarkStream/openai-go/bare-2    10  40000000 ns/op  30000 cpu-ns/element  9000000 B/op  64000 allocs/op
BenchmarkStream/openai-go/traced-2  10  50000000 ns/op  35000 cpu-ns/element  9100000 B/op  64200 allocs/op
BenchmarkStream/iterator/traced-2   10  140000 ns/op  99.5 cpu-ns/element  33000 B/op  28 allocs/op
`

func TestStreamTable(t *testing.T) {
	all, err := read(strings.NewReader(streamOutput))
	require.NoError(t, err)
	tables, err := all.tables()
	require.NoError(t, err)
	require.Len(t, tables, 1, "there are no figures of the runtime")
	assert.Equal(t, "streams", tables[0].name)
	assert.Contains(t, tables[0].text, "| server-sent events, openai-go v3 | 30000 | 35000 | 64 | 64.2 |\n")
	assert.Contains(t, tables[0].text, "| iterator, `iter.Seq2` |  | 99.5 |  | 0.028 |\n")
}

func TestTableShowsMedians(t *testing.T) {
	all, err := read(strings.NewReader(output))
	require.NoError(t, err)
	got := all.table()
	for _, want := range []string{
		"| spans a second, end to end | 200000 | 100000 | 50000 | 2 | 0.5 |\n",
		"| CPU s per 100,000 spans | 0.5 | 0.8 | 1.6 | 0.5 | 1.6 |\n",
		"| spans a second with gzip |  | 80000 | 5000 | 16 |  |\n",
		"| peak MiB in a flood |  |  |  |  |  |\n",
		"| the bare call | 2.5 | 0 |\n",
	} {
		assert.Contains(t, got, want)
	}
}

func TestReadSaysWhatItCannotRead(t *testing.T) {
	_, err := read(strings.NewReader("BenchmarkOff/bare-2 100 2.5 ns/op 7\n"))
	require.ErrorContains(t, err, `"7" has no unit`)
	_, err = read(strings.NewReader("BenchmarkOff/bare-2 100 many ns/op\n"))
	require.ErrorContains(t, err, "many")
	_, err = runs{}.tables()
	assert.ErrorContains(t, err, "no line of a benchmark")
}

func TestRunWritesBetweenTheMarkers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	const markers = "<!-- runtime: begin -->\nold\n<!-- runtime: end -->\n"
	const others = "<!-- streams: begin -->\nold\n<!-- streams: end -->\n"
	require.NoError(t, os.WriteFile(file, []byte("above\n"+markers+others+"below\n"), 0o600))
	require.NoError(t, run(strings.NewReader(output), file))
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Regexp(t, `(?s)^above\n<!-- runtime: begin -->\n\| \| floor .*allocations \|.*<!-- runtime: end -->\n`+others+`below\n$`, string(content))

	require.NoError(t, run(strings.NewReader(streamOutput), file))
	content, err = os.ReadFile(file)
	require.NoError(t, err)
	assert.Regexp(t, `(?s)\| \| floor .*<!-- streams: begin -->\n\| an element by .*<!-- streams: end -->\nbelow\n$`, string(content))

	require.NoError(t, os.WriteFile(file, []byte("<!-- runtime: end -->\n<!-- runtime: begin -->\n"), 0o600))
	require.ErrorContains(t, run(strings.NewReader(output), file), "to put the table between")
	assert.ErrorIs(t, run(strings.NewReader(output), filepath.Join(t.TempDir(), "none")), os.ErrNotExist)
}
