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

func TestAnUpdateSaysAll(t *testing.T) {
	cost := 0.25
	row := record.NewSpanUpdate(full(), &record.SpanPart{
		TraceID: traceID, ParentID: parentID, Model: "m", Provider: "openai", Usage: []record.Count{{Key: "total_tokens", N: 7}}, Cost: &cost,
	})
	assert.JSONEq(t, `{"trace_id":"0192abcd-ef00-7001-8000-000000000001","parent_span_id":"0192abcd-ef00-7001-8000-000000000003",
		"project_name":"demo","name":"say \"hi\"","input":{"question":"why?"},"output":{"answer":"because"},"metadata":{"tier":2},
		"tags_to_add":["a","b"],"error_info":{"exception_type":"*net.OpError","message":"refused","traceback":"dial"},"ttft":250.5,
		"model":"m","provider":"openai","usage":{"total_tokens":7},"total_estimated_cost":0.25}`, string(row.Body))
	assert.Equal(t, record.Row{Kind: record.KindSpanUpdate, ID: spanID, TraceID: traceID, Body: row.Body}, row)
	row = record.NewSpanUpdate(&record.Entry{ID: spanID}, &record.SpanPart{TraceID: traceID})
	assert.JSONEq(t, `{"trace_id":"0192abcd-ef00-7001-8000-000000000001"}`, string(row.Body), "what is not said stays as it is")
}

func TestAttachments(t *testing.T) {
	of := record.Row{Kind: record.KindSpan, ID: spanID, TraceID: traceID}
	said := record.Attachment{Project: "p", FileName: "a b", ContentType: "x/y"}
	for name, row := range map[string]record.Row{
		"bytes":  record.NewAttachment(of, said, []byte("content"), nil),
		"base64": record.NewAttachment(of, said, nil, []byte("Y29udGVudA==")),
	} {
		got, err := record.DecodeAttachment(row.Body)
		require.NoError(t, err)
		want := said
		want.EntityType, want.EntityID, want.Data = "span", "0192abcd-ef00-7001-8000-000000000002", []byte("content")
		assert.Equal(t, &want, got, name)
		assert.Equal(t, record.Row{Kind: record.KindAttachment, ID: spanID, TraceID: traceID, Body: row.Body}, row)
	}
	said.Path = "/a"
	got, err := record.DecodeAttachment(record.NewAttachment(of, said, nil, nil).Body)
	require.NoError(t, err)
	assert.Equal(t, "/a", got.Path)
	assert.Nil(t, got.Data)
	_, err = record.DecodeAttachment([]byte("{"))
	require.ErrorContains(t, err, "the row of an attachment cannot be read")
}

func TestComments(t *testing.T) {
	for of, want := range map[record.Kind]record.Kind{record.KindTrace: record.KindTraceComment, record.KindSpan: record.KindSpanComment} {
		row := record.NewComment(record.Row{Kind: of, ID: spanID, TraceID: traceID}, "good\n")
		assert.Equal(t, record.Row{Kind: want, ID: spanID, TraceID: traceID, Body: row.Body}, row)
		got, err := record.DecodeComment(row.Body)
		require.NoError(t, err)
		assert.Equal(t, "good\n", got.Text)
	}
	_, err := record.DecodeComment([]byte("{"))
	require.ErrorContains(t, err, "the row of a comment cannot be read")
}

func TestKinds(t *testing.T) {
	assert.False(t, record.KindTrace.Follows())
	assert.False(t, record.KindSpan.Follows())
	names := map[string]bool{}
	var single []record.Kind
	for kind := record.KindTrace; kind <= record.KindAttachment; kind++ {
		names[kind.String()] = true
		if kind.Single() {
			single = append(single, kind)
		}
	}
	assert.Len(t, names, 9)
	assert.NotContains(t, names, "unknown")
	assert.Equal(t, "unknown", (record.KindAttachment + 1).String())
	assert.Equal(t, []record.Kind{record.KindSpanUpdate, record.KindTraceComment, record.KindSpanComment, record.KindAttachment}, single)
}
