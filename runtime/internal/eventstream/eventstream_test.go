package eventstream_test

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/eventstream"
)

// frame encodes a frame whose headers are encoded already.
func frame(headers, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(16+len(headers)+len(payload)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(headers)))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = append(append(b, headers...), payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// header encodes a header with the bytes of its value.
func header(name string, kind byte, value ...byte) []byte {
	return append(append(append([]byte{byte(len(name))}, name...), kind), value...)
}

func text(name, value string) []byte {
	size := []byte{byte(len(value) >> 8), byte(len(value))}
	return header(name, 7, append(size, value...)...)
}

// message is what a test keeps of a message.
type message struct{ kind, payload string }

func decode(d *eventstream.Decoder, p []byte) []message {
	var all []message
	for m := range d.Decode(p) {
		all = append(all, message{m.Header(":event-type"), string(m.Payload)})
	}
	return all
}

func event(kind, payload string) []byte {
	return frame(slices.Concat(text(":message-type", "event"), text(":event-type", kind)), []byte(payload))
}

func stream() []byte {
	return slices.Concat(event("messageStart", `{"role":"assistant"}`), event("contentBlockDelta", `{"delta":{"text":"Hi"}}`), event("messageStop", ``))
}

var streamed = []message{{"messageStart", `{"role":"assistant"}`}, {"contentBlockDelta", `{"delta":{"text":"Hi"}}`}, {"messageStop", ""}}

func TestDecodePiecesOfAnySize(t *testing.T) {
	whole := stream()
	for size := 1; size <= len(whole); size++ {
		var d eventstream.Decoder
		var got []message
		for piece := range slices.Chunk(whole, size) {
			got = append(got, decode(&d, piece)...)
		}
		assert.Equal(t, streamed, got, "pieces of %d bytes", size)
	}
}

func TestTheShortestAndTheLongestFrame(t *testing.T) {
	var d eventstream.Decoder
	assert.Equal(t, []message{{"", ""}}, decode(&d, frame(nil, nil)))
	longest := make([]byte, 24<<20-16)
	got := decode(&d, frame(nil, longest))
	assert.Len(t, got, 1)
	assert.Len(t, got[0].payload, len(longest))
	assert.Equal(t, []message{{"a", "{}"}}, decode(&d, event("a", "{}")), "and it goes on")
}

// TestALoopThatIsLeftLosesTheRest holds that nothing is decoded out of order.
func TestALoopThatIsLeftLosesTheRest(t *testing.T) {
	var d eventstream.Decoder
	for m := range d.Decode(stream()) {
		assert.Equal(t, "messageStart", m.Header(":event-type"))
		break
	}
	assert.Empty(t, decode(&d, stream()))
}

func TestHeadersOfAllTypes(t *testing.T) {
	headers := slices.Concat(
		header("true", 0), header("false", 1), header("byte", 2, 1), header("short", 3, 1, 2), header("int", 4, 1, 2, 3, 4),
		header("long", 5, 1, 2, 3, 4, 5, 6, 7, 8), header("bytes", 6, 0, 2, 'a', 'b'), header("time", 8, 1, 2, 3, 4, 5, 6, 7, 8),
		header("uuid", 9, make([]byte, 16)...), text(":event-type", "last"),
	)
	var d eventstream.Decoder
	seen := 0
	for m := range d.Decode(frame(headers, nil)) {
		seen++
		assert.Equal(t, "last", m.Header(":event-type"))
		assert.Empty(t, m.Header("bytes"), "is no string")
		assert.Empty(t, m.Header("none"))
	}
	assert.Equal(t, 1, seen)
}

func TestBrokenHeadersAreNotFound(t *testing.T) {
	whole := slices.Concat(header("short", 3, 1, 2), text(":event-type", "last"))
	cases := map[string][]byte{
		"name cut":     {9, 'a'},
		"no kind":      {1, 'a'},
		"unknown kind": header("a", 77, 1, 2, 3),
		"no size":      header(":event-type", 7, 0),
		"value cut":    whole[:len(whole)-1],
		"empty name":   {0, 0},
		"one byte":     {5},
		"no value":     {1, 'a', 7},
	}
	for name, headers := range cases {
		t.Run(name, func(t *testing.T) {
			var d eventstream.Decoder
			assert.Equal(t, []message{{"", "x"}}, decode(&d, frame(headers, []byte("x"))))
		})
	}
}

func TestNothingIsDecodedAfterABrokenFrame(t *testing.T) {
	good := event("a", "{}")
	flip := func(at int) []byte {
		b := slices.Clone(good)
		b[at] ^= 1
		return b
	}
	// A prelude alone, whose lengths cannot be, before anything else of the frame has come.
	prelude := func(total, headers uint32) []byte {
		b := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, total), headers)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	}
	// A whole frame whose sums are right.
	sound := func(total, headers uint32) []byte {
		b := append(prelude(total, headers), make([]byte, total-16)...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	}
	cases := map[string][]byte{
		"length":        flip(3),
		"prelude's sum": flip(9),
		"payload":       flip(len(good) - 5),
		"sum":           flip(len(good) - 1),
		"too short":     prelude(15, 0),
		"far too short": prelude(3, 0),
		"too long":      sound(24<<20+1, 0),
		"far too long":  prelude(1<<32-1, 0),
		"headers":       sound(26, 11),
		"more headers":  sound(26, 1<<32-1),
		"no frame":      []byte(`{"message":"too many requests"}`),
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			var d eventstream.Decoder
			assert.Equal(t, []message{{"a", "{}"}}, decode(&d, slices.Concat(good, b, good)))
			assert.Empty(t, decode(&d, good))
		})
	}
}

// FuzzDecoder decodes whatever comes, and the same however it is cut into pieces.
func FuzzDecoder(f *testing.F) {
	f.Add(stream(), 7)
	f.Add(frame([]byte{1, 'a'}, nil), 1)
	f.Add([]byte("HTTP/1.1 500"), 3)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		var whole, cut eventstream.Decoder
		want := decode(&whole, b)
		var got []message
		for piece := range slices.Chunk(b, max(size%64, 1)) {
			got = append(got, decode(&cut, piece)...)
		}
		assert.Equal(t, want, got)
	})
}
