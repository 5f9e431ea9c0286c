package record

import (
	"encoding/binary"
	"time"
)

// appendTimes appends when it started and ended, and the version, which the server keeps in microseconds.
func (e *Entry) appendTimes(dst []byte) []byte {
	var c clock
	dst = append(dst, `,"start_time":"`...)
	dst = c.append(dst, e.Start)
	if !e.End.IsZero() {
		dst = append(dst, `Z","end_time":"`...)
		dst = c.append(dst, e.End)
	}
	dst = append(dst, `Z","last_updated_at":"`...)
	dst = c.append(dst, time.UnixMicro(e.Updated))
	return append(dst[:len(dst)-len("000")], `Z"`...) // nanoseconds to microseconds
}

// clock writes times as RFC 3339 has them, with nine digits of the second and without a zone. The times of a row are
// mostly of the same second, whose text is worked out once.
type clock struct {
	second int64
	text   [len("2006-01-02T15:04:05.000000000")]byte // of the last time; empty before the first one
}

func (c *clock) append(dst []byte, t time.Time) []byte {
	const fraction = len("2006-01-02T15:04:05.")
	if second := t.Unix(); c.text[0] == 0 || second != c.second {
		c.second = second
		appendSecond(c.text[:0], t.UTC())
	}
	nanos := uint64(t.Nanosecond())
	c.text[fraction] = byte('0' + nanos/1e8)
	binary.BigEndian.PutUint64(c.text[fraction+1:], decimalDigits(nanos%1e8))
	return append(dst, c.text[:]...)
}

// decimalDigits returns the eight digits of n. Halves, quarters and eighths of the number are divided side by side, with
// multiplications that are exact for numbers of their size.
func decimalDigits(n uint64) uint64 {
	const ones = 0x0101010101010101
	v := n/1e4<<32 | n%1e4
	hundreds := v * 5243 >> 19 & 0x0000007f0000007f
	v = hundreds<<16 | v - hundreds*100
	tens := v * 103 >> 10 & 0x000f000f000f000f
	return tens<<8 | v - tens*10 + ones*'0'
}

// appendSecond appends a time up to the point behind the second.
func appendSecond(dst []byte, t time.Time) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = appendPair(appendPair(dst, year/100), year%100)
	dst = appendPair(append(dst, '-'), int(month))
	dst = appendPair(append(dst, '-'), day)
	dst = appendPair(append(dst, 'T'), hour)
	dst = appendPair(append(dst, ':'), minute)
	dst = appendPair(append(dst, ':'), second)
	return append(dst, '.')
}

// appendPair appends two digits.
func appendPair(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}
