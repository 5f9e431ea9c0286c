package file_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/file"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

func TestDeliverAppendsALineForEachRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	for range 2 {
		s, err := file.Open(path)
		require.NoError(t, err)
		require.NoError(t, s.Deliver(t.Context(), []record.Row{
			{Kind: record.KindTrace, Body: []byte(`{"id":"1","name":"a"}`)},
			{Kind: record.KindSpan, Body: []byte(`{"id":"2"}`)},
			{Kind: record.KindSpanUpdate, Body: []byte(`{"trace_id":"3"}`)},
			{Kind: record.KindThreadScore, Body: []byte(`{"thread_id":"4"}`)},
		}))
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.NotEmpty(t, content, "what was delivered is in the file before it is closed")
		require.NoError(t, s.Close())
	}
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	const once = `{"kind":"trace","id":"1","name":"a"}` + "\n" + `{"kind":"span","id":"2"}` + "\n" +
		`{"kind":"span_update","id":"00000000-0000-0000-0000-000000000000","trace_id":"3"}` + "\n" +
		`{"kind":"thread_score","thread_id":"4"}` + "\n"
	assert.Equal(t, once+once, string(content))
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	s, err := file.Open(path)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestFailures(t *testing.T) {
	_, err := file.Open(t.TempDir())
	require.ErrorContains(t, err, "the file for traces cannot be written")

	s, err := file.Open(filepath.Join(t.TempDir(), "traces.jsonl"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.ErrorContains(t, s.Deliver(t.Context(), []record.Row{{Body: []byte(`{}`)}}), "writing traces")
}
