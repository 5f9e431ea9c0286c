package console_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/console"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

func scoreRow(kind record.Kind, n byte, name string, value float64) record.Row {
	return record.NewScore(kind, id(n), id(1), record.Score{Project: "demo", Name: name, Value: value})
}

func TestScoresStandOnTheLineOfWhatTheyAreAbout(t *testing.T) {
	rows := []record.Row{
		traceRow(entry(1, "answer", 0, 4*ms), ""),
		scoreRow(record.KindTraceScore, 1, "quality", 0.9),
		spanRow(entry(2, "answer", 0, 4*ms), record.SpanPart{}),
		spanRow(entry(3, "think", 0, 4*ms), record.SpanPart{ParentID: id(2), Model: "m"}),
		scoreRow(record.KindSpanScore, 3, "b", 1),
		scoreRow(record.KindSpanScore, 3, "a", 0.25),
		scoreRow(record.KindSpanScore, 3, "b", 2),
		scoreRow(record.KindSpanScore, 2, "whole", -1),
	}
	want := "● answer  4.00ms  demo  quality=0.9 · whole=-1\n└─ think  general   4.00ms  m · a=0.25 · b=2\n\n"
	assert.Equal(t, want, written(t, false, rows))
	assert.Equal(t, want+"● answer  later  c\ufffd=3\n\n", written(t, false, rows, []record.Row{scoreRow(record.KindSpanScore, 3, "c\x1b", 3)}))
}

func TestTheScoreOfAThreadHasALineOfItsOwn(t *testing.T) {
	score := record.NewThreadScore(record.Score{ThreadID: "support-7", Name: "solved", Value: 1})
	assert.Equal(t, "● thread support-7  solved=1\n\n", written(t, false, []record.Row{score}))
}

func TestUpdates(t *testing.T) {
	update := entry(3, "renamed", 0, 0)
	update.Tags = []string{"new"}
	p := record.SpanPart{TraceID: id(1), ParentID: id(2)}
	row := record.NewSpanUpdate(with(update, record.Output, "output", `7`), &p)
	assert.Equal(t, "● trace 00000000-0000-7000-8000-000000000001\n└─ renamed    updated  #new\n     out 7\n\n",
		written(t, false, []record.Row{row}), "of a span of another process")
	got := written(t, false, []record.Row{spanRow(entry(3, "old", 0, ms), p), row, traceRow(entry(1, "answer", 0, 4*ms), "")})
	assert.Equal(t, "● answer  4.00ms  demo\n└─ renamed  general   1.00ms  #new\n     out 7\n\n", got)
}

func TestRowsThatCannotBeRead(t *testing.T) {
	for _, kind := range []record.Kind{record.KindSpanUpdate, record.KindTraceScore, record.KindSpanScore, record.KindThreadScore} {
		require.Error(t, console.New(broken{}, false).Deliver(t.Context(), []record.Row{{Kind: kind, Body: []byte("{")}}), kind)
	}
}
