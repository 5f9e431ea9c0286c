package record_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

var (
	scored = [16]byte{6: 0x70, 8: 0x80, 15: 1}
	traced = [16]byte{6: 0x70, 8: 0x80, 15: 2}
)

func TestNewScore(t *testing.T) {
	score := record.Score{Project: "p", Name: "n\n", Value: 0.1, Category: "c", Reason: "r"}
	row := record.NewScore(record.KindSpanScore, scored, traced, score)
	assert.JSONEq(t, `{"id":"00000000-0000-7000-8000-000000000001","source":"sdk","project_name":"p","name":"n\n","value":0.1,"category_name":"c","reason":"r"}`, string(row.Body))
	assert.Equal(t, traced, row.TraceID)

	score.ID, score.Source = "00000000-0000-7000-8000-000000000001", "sdk"
	got, err := record.DecodeScore(row.Body)
	require.NoError(t, err)
	assert.Equal(t, &score, got)
	_, err = record.DecodeScore([]byte("{"))
	require.ErrorContains(t, err, "the row of a score cannot be read")
}

func TestNewThreadScore(t *testing.T) {
	row := record.NewThreadScore(record.Score{ThreadID: `a"b`, Project: "p", Name: "n", Value: -3})
	assert.JSONEq(t, `{"thread_id":"a\"b","source":"sdk","project_name":"p","name":"n","value":-3}`, string(row.Body))
	assert.Equal(t, record.KindThreadScore, row.Kind)
}

func TestTheIDOfAScoreTellsWhatItReplaces(t *testing.T) {
	row := func(id [16]byte, name string, value float64) record.Row {
		return record.NewScore(record.KindSpanScore, id, traced, record.Score{Name: name, Value: value})
	}
	assert.Equal(t, row(scored, "a", 1).ID, row(scored, "a", 2).ID)
	assert.NotEqual(t, row(scored, "a", 1).ID, row(scored, "b", 1).ID)
	assert.NotEqual(t, row(scored, "a", 1).ID, row(traced, "a", 1).ID)
	thread := func(id, project string) [16]byte {
		return record.NewThreadScore(record.Score{ThreadID: id, Project: project, Name: "a"}).ID
	}
	assert.NotEqual(t, thread("t", "p"), thread("t", "q"))
}

func TestAnUpdateChangesWhatItSays(t *testing.T) {
	e := &record.Entry{ID: scored, Project: "p", Name: "new", Tags: []string{"a", "b"}}
	e.Fields.Set(record.Output, "output", []byte(`1`))
	row := record.NewSpanUpdate(e, &record.SpanPart{TraceID: traced})
	span := &record.Span{Type: "tool", TraceID: "00000000-0000-7000-8000-000000000002"}
	span.Name, span.Tags, span.Input = "old", []string{"a"}, []byte(`{"q":1}`)
	require.NoError(t, span.Change("7", row.Body))
	assert.Equal(t, "new", span.Name)
	assert.Equal(t, "tool", span.Type)
	assert.Equal(t, []string{"a", "b"}, span.Tags)
	assert.JSONEq(t, `{"q":1}`, string(span.Input))
	assert.JSONEq(t, `{"output":1}`, string(span.Output))
	assert.Equal(t, "7", span.ID)
	require.Error(t, span.Change("7", []byte("{")))
}

func TestKinds(t *testing.T) {
	assert.False(t, record.KindTrace.Follows())
	assert.False(t, record.KindSpan.Follows())
	names := map[string]bool{}
	for kind := record.KindTrace; kind <= record.KindThreadScore; kind++ {
		names[kind.String()] = true
		assert.Equal(t, kind == record.KindSpanUpdate, kind.Single())
	}
	assert.Len(t, names, 6)
	assert.NotContains(t, names, "unknown")
}
