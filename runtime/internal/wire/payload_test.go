package wire

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

func TestPayloadReadsItsPieces(t *testing.T) {
	tests := map[string][]string{
		"":        nil,
		"a":       {"a"},
		"abc":     {"a", "bc"},
		"abcdefg": {"", "abc", "", "", "d", "efg", ""},
	}
	for want, pieces := range tests {
		p := &payload{}
		for _, piece := range pieces {
			p.pieces = append(p.pieces, []byte(piece))
		}
		assert.NoError(t, iotest.TestReader(p, []byte(want)), pieces)
	}
}

func TestAClosedPayloadLetsGo(t *testing.T) {
	p := &payload{pieces: [][]byte{[]byte("abc")}}
	n, err := p.Read(make([]byte, 2))
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	require.NoError(t, p.Close())
	require.NoError(t, p.Close())
	_, err = p.Read(make([]byte, 2))
	require.ErrorIs(t, err, fs.ErrClosed)
	assert.Nil(t, p.pieces)
}

// FuzzBody checks that the rows are in the document, as they are, for every reader that net/http asks for.
func FuzzBody(f *testing.F) {
	f.Add([]byte(`{"a":1}`), []byte(`{"b":2}`), true)
	f.Add([]byte(`{}`), []byte{}, false)
	f.Fuzz(func(t *testing.T, first, second []byte, compress bool) {
		var home bodies
		body := home.get()
		body.fill(`{"spans":[`, []record.Row{{Body: first}, {Body: second}})
		want := slices.Concat([]byte(`{"spans":[`), first, []byte(","), second, []byte("]}"))
		if compress {
			body.compress()
		}
		for range 2 {
			reader, err := body.open()
			require.NoError(t, err)
			sent, err := io.ReadAll(reader)
			require.NoError(t, err)
			assert.Len(t, sent, body.size)
			if compress {
				sent = unzip(t, sent)
			}
			assert.True(t, bytes.Equal(want, sent))
		}
		body.release()
	})
}

// unzip reads what was compressed.
func unzip(t *testing.T, zipped []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(zipped))
	require.NoError(t, err)
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	return text
}
