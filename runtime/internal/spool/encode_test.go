package spool

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

func TestEncode(t *testing.T) {
	rows := []record.Row{{Kind: record.KindSpan, ID: [16]byte{1}, TraceID: [16]byte{2}, Start: true, Body: []byte(`{"a":1}`)}}
	assert.Equal(t, `opikgen-spool 1 1 a5d7b782
span 01000000000000000000000000000000 02000000000000000000000000000000 true 7
{"a":1}
`, string(encode(rows)))
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	const ids = "0100000000000000000000000000000a 02000000000000000000000000000000"
	tests := []struct{ name, row, want string }{
		{"fields", "span\n", "row 1: found 1 fields, expected 5"},
		{"the second row", "span " + ids + " true 2\n{}\nspan\n", "row 2: found 1 fields"},
		{"a byte behind the rows", "span " + ids + " true 2\n{}\n\n", "row 2: found 1 fields"},
		{"a body that is shorter", "span " + ids + " true 3\n{}\n", `the length "3" is not the body's`},
		{"a body that is longer", "span " + ids + " true 1\n{}\n", `the length "1" is not the body's`},
		{"no body", "span " + ids + " true \n{}\n", `the length "" is not the body's`},
		{"no hexadecimal id", "span x" + ids[1:] + " true 2\n{}\n", "invalid byte"},
		{"no hexadecimal trace", "span " + ids[:len(ids)-1] + "x true 2\n{}\n", "invalid byte"},
		{"a kind alone", "poem " + ids + " true 2\n{}\n", `unknown kind of row "poem"`},
		{"length", "span 00 00 true x\n{}\n", `the length "x" is not the body's`},
		{"negative length", "span 00 00 true -1\n{}\n", `the length "-1" is not the body's`},
		{"short body", "span 00 00 true 9\n{}\n", `the length "9" is not the body's`},
		{"id", "span 00 00 true 2\n{}\n", `the id "00" has not 32 digits`},
		{"kind", "poem 00 00 true 2\n{}\n", `unknown kind of row "poem"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := decode(seal(test.row))
			require.ErrorIs(t, err, errDamaged)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

// seal puts a first line over rows that promises one and has the right checksum.
func seal(rows string) []byte {
	return fmt.Appendf(nil, "%s 1 %08x\n%s", magic, crc32.Checksum([]byte(rows), castagnoli), rows)
}

// FuzzDecode checks that no file crashes the reader, and that whatever it takes is written the same way.
func FuzzDecode(f *testing.F) {
	f.Add(encode(nil), false)
	f.Add(encode([]record.Row{{Kind: record.KindTrace, Body: []byte("{}")}, {Kind: record.KindSpan, Body: []byte("{\n}")}}), false)
	f.Add([]byte("span 00000000000000000000000000000000 00000000000000000000000000000000 true 2\n{}\n"), true)
	f.Fuzz(func(t *testing.T, content []byte, checksum bool) {
		if checksum { // most inputs would not get past it
			content = seal(string(content))
		}
		rows, err := decode(content)
		if err != nil {
			return
		}
		again, err := decode(encode(rows))
		require.NoError(t, err)
		assert.Equal(t, rows, again)
	})
}

// FuzzEncode checks that every row comes back, whatever is in its body.
func FuzzEncode(f *testing.F) {
	f.Add([]byte(`{"a":"b"}`), []byte("\n\n"), true)
	f.Add([]byte{}, []byte{}, false)
	f.Fuzz(func(t *testing.T, first, second []byte, start bool) {
		rows := []record.Row{{Kind: record.KindSpan, Start: start, Body: first}, {Kind: record.KindTrace, Body: second}}
		got, err := decode(encode(rows))
		require.NoError(t, err)
		require.Len(t, got, 2)
		assert.True(t, bytes.Equal(first, got[0].Body))
		assert.True(t, bytes.Equal(second, got[1].Body))
		assert.Equal(t, start, got[0].Start)
	})
}
