// Package eventstream decodes the framing in which AWS sends streams of events
// (application/vnd.amazon.eventstream).
//
// A frame is big-endian: its length and the length of its headers, 4 bytes each, a CRC-32 of these 8 bytes, the
// headers, the payload, and a CRC-32 of all that came before.
package eventstream

import (
	"encoding/binary"
	"hash/crc32"
	"iter"
)

const (
	preludeSize  = 12
	trailerSize  = 4
	maxFrameSize = 24 << 20 // what the protocol allows
)

// Message is what a frame carries. It is valid until the next frame is decoded.
type Message struct {
	Payload []byte
	headers []byte
}

// Decoder decodes a stream from pieces of any size. The zero Decoder is ready to use. After a frame that is broken it
// decodes nothing more: there is no telling where the next one begins.
type Decoder struct {
	partial []byte // the beginning of a frame whose end has not come yet
	broken  bool
}

// Decode takes the next piece of the stream and yields the messages that it completes.
func (d *Decoder) Decode(p []byte) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for len(p) > 0 && !d.broken {
			var frame []byte
			frame, p = d.next(p)
			if frame == nil {
				return
			}
			m, ok := parse(frame)
			d.broken = !ok || !yield(m) // where the loop is left, what is left of p is lost
		}
	}
}

// next returns the frame that p completes, nil if it completes none, and what is left of p.
func (d *Decoder) next(p []byte) (frame, rest []byte) {
	for len(d.partial) < preludeSize && len(p) > 0 {
		n := min(preludeSize-len(d.partial), len(p))
		d.partial, p = append(d.partial, p[:n]...), p[n:]
	}
	if len(d.partial) < preludeSize {
		return nil, nil
	}
	size, ok := frameSize(d.partial)
	if !ok {
		d.broken = true
		return nil, nil
	}
	n := min(size-len(d.partial), len(p))
	d.partial, p = append(d.partial, p[:n]...), p[n:]
	if len(d.partial) < size {
		return nil, nil
	}
	frame, d.partial = d.partial, d.partial[:0]
	return frame, p
}

// frameSize reads the length of a frame from its prelude, and reports whether it can be one.
func frameSize(prelude []byte) (size int, ok bool) {
	total := binary.BigEndian.Uint32(prelude)
	headers := binary.BigEndian.Uint32(prelude[4:])
	switch {
	case crc32.ChecksumIEEE(prelude[:8]) != binary.BigEndian.Uint32(prelude[8:]):
		return 0, false
	case total < preludeSize+trailerSize || total > maxFrameSize || headers > total-preludeSize-trailerSize:
		return 0, false
	}
	return int(total), true
}

// parse reads a whole frame, and reports whether it is sound.
func parse(frame []byte) (m Message, ok bool) {
	body := frame[:len(frame)-trailerSize]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(frame[len(body):]) {
		return m, false
	}
	headers := preludeSize + int(binary.BigEndian.Uint32(frame[4:]))
	return Message{headers: body[preludeSize:headers], Payload: body[headers:]}, true
}

// Header returns the value of a header that is a string, "" if there is none of that name.
func (m Message) Header(name string) string {
	for rest := m.headers; len(rest) > 0; {
		key, kind, value, tail, ok := header(rest)
		if !ok {
			return ""
		}
		if key == name && kind == stringHeader {
			return string(value)
		}
		rest = tail
	}
	return ""
}

// The types of headers whose values say how long they are.
const (
	bytesHeader  = 6
	stringHeader = 7
)

// fixedSizes are the sizes of the values of all other types: true, false, byte, short, integer, long, timestamp, uuid.
var fixedSizes = map[byte]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}

// header splits the first header off.
func header(b []byte) (key string, kind byte, value, rest []byte, ok bool) {
	nameSize := int(b[0])
	if len(b) < 1+nameSize+1 {
		return "", 0, nil, nil, false
	}
	key, kind, b = string(b[1:1+nameSize]), b[1+nameSize], b[2+nameSize:]
	size, ok := fixedSizes[kind]
	if kind == bytesHeader || kind == stringHeader {
		if len(b) < 2 {
			return "", 0, nil, nil, false
		}
		size, ok, b = int(binary.BigEndian.Uint16(b)), true, b[2:]
	}
	if !ok || len(b) < size {
		return "", 0, nil, nil, false
	}
	return key, kind, b[:size], b[size:], true
}
