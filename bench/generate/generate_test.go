package main

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// BenchmarkGenerate runs each tool over each corpus with nothing to do, and reports medians of whole processes.
func BenchmarkGenerate(b *testing.B) {
	bench, err := newBench(b.Context())
	require.NoError(b, err)
	b.Cleanup(bench.remove)
	for _, t := range bench.trials() {
		if t.state.name != states[0].name {
			continue
		}
		b.Run(t.corpus.name+"/"+t.tool.name, func(b *testing.B) {
			var measured []measurement
			for b.Loop() {
				m, err := bench.once(b.Context(), t)
				require.NoError(b, err)
				measured = append(measured, m)
			}
			m := median(measured)
			b.ReportMetric(m.wall.Seconds(), "wall-s")
			b.ReportMetric(m.cpu.Seconds(), "cpu-s")
			b.ReportMetric(float64(m.peak>>20), "peak-MiB")
		})
		require.NoError(b, t.deleteOutputs(t.tool))
	}
}

func TestSourcesParse(t *testing.T) {
	for _, c := range corpora() {
		for i := range min(c.packages, 2) {
			source := c.source(i, 1)
			_, err := parser.ParseFile(token.NewFileSet(), "model.go", source, parser.ParseComments)
			require.NoError(t, err, source)
			assert.Equal(t, c.interfaces, strings.Count(source, "\n"+c.directive+"\ntype "), c.name)
			assert.Equal(t, c.sdk, strings.Contains(source, "openai.ChatCompletion"), c.name)
			assert.NotEqual(t, source, c.source(i, 2), "another edition is another source")
		}
	}
}

func TestOutputsAreDeletedAndChanged(t *testing.T) {
	c := &corpus{dir: t.TempDir()}
	ours, theirs := tool{output: "opik_gen.go"}, tool{output: "moq_gen.go"}
	for _, name := range []string{ours.output, theirs.output} {
		require.NoError(t, writeFile(c.packageDir(0)+"/"+name, "package p\n"))
	}
	require.NoError(t, c.changeOutputs(ours, 7))
	require.NoError(t, c.deleteOutputs(theirs))
	left, err := c.outputs(ours)
	require.NoError(t, err)
	require.Len(t, left, 1)
	_, err = parser.ParseFile(token.NewFileSet(), left[0], nil, 0)
	require.NoError(t, err)
	left, err = c.outputs(theirs)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestExecuteMeasuresChildren(t *testing.T) {
	m, err := execute(t.Context(), command{args: []string{"go", "env", "GOOS"}})
	require.NoError(t, err)
	assert.Positive(t, m.wall)
	assert.Positive(t, m.cpu)
	assert.Greater(t, m.peak, int64(1<<20))
	_, err = execute(t.Context(), command{args: []string{"go", "no-such-command"}})
	require.ErrorContains(t, err, "go no-such-command: ")
	assert.ErrorContains(t, err, "unknown command", "what the command said is told")
}

func TestMedianIsOfEachFigure(t *testing.T) {
	got := median([]measurement{{wall: 3, cpu: 10, peak: 200}, {wall: 1, cpu: 30, peak: 100}, {wall: 2, cpu: 20, peak: 300}})
	assert.Equal(t, measurement{wall: 2, cpu: 20, peak: 200}, got)
}

// TestTrials says what is measured: what happens to the output matters to tools that load all packages.
func TestTrials(t *testing.T) {
	b := &bench{corpora: corpora(), tools: append([]tool{floorTool}, generators...)}
	var got []string
	for _, trial := range b.trials() {
		got = append(got, trial.corpus.name+", "+trial.state.name+": "+trial.tool.name)
	}
	assert.Contains(t, got, "nothing annotated, unchanged: opikgen")
	assert.Contains(t, got, "one package over openai-go, build cache empty: opikgen")
	assert.Contains(t, got, "50 packages of 4 interfaces over openai-go, output changed: mockery")
	assert.NotContains(t, got, "nothing annotated, unchanged: moq")
	assert.NotContains(t, got, "nothing annotated, output changed: opikgen")
	assert.NotContains(t, got, "50 packages of 4 interfaces over openai-go, output changed: moq")
	assert.NotContains(t, got, "50 packages of 4 interfaces over openai-go, output changed: "+floorTool.name)
	assert.NotContains(t, got, "one package over openai-go, build cache empty: moq")
	assert.NotContains(t, got, "one small package, build cache empty: opikgen")
}

func TestTable(t *testing.T) {
	rows := []row{{"m", "unchanged", "moq", measurement{wall: 1234 * time.Millisecond, cpu: 2 * time.Second, peak: 40 << 20}}}
	assert.Equal(t, `| module | state | tool | wall, s | CPU, s | peak, MiB |
|---|---|---|---:|---:|---:|
| m | unchanged | moq | 1.23 | 2.00 | 40 |
`, table(rows))
}
