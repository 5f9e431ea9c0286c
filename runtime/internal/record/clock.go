package record

import (
	"strconv"
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
	text   [len("2006-01-02T15:04:05.")]byte // of the second; empty before the first time
}

func (c *clock) append(dst []byte, t time.Time) []byte {
	if second := t.Unix(); c.text[0] == 0 || second != c.second {
		c.second = second
		appendSecond(c.text[:0], t.UTC())
	}
	dst = append(dst, c.text[:]...)
	point := len(dst) - 1
	dst = strconv.AppendInt(dst[:point], int64(1e9+t.Nanosecond()), 10)
	dst[point] = '.' // in place of the 1 that makes the digits nine
	return dst
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
