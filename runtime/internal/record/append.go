package record

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

// AppendTrace appends the row of a trace to dst. Where the trace itself has no name, value or
// error it shows that of its root span. root is nil for a trace that was started by itself.
func (e *Entry) AppendTrace(dst []byte, threadID string, root *Entry) []byte {
	if root == nil {
		root = &Entry{}
	}
	dst = e.appendHead(dst, root)
	dst = appendText(dst, "thread_id", threadID)
	return append(dst, '}')
}

// AppendSpan appends the row of a span to dst.
func (e *Entry) AppendSpan(dst []byte, p *SpanPart) []byte {
	dst = e.appendHead(dst, &Entry{})
	dst = appendID(dst, "trace_id", p.TraceID)
	if p.ParentID != [16]byte{} {
		dst = appendID(dst, "parent_span_id", p.ParentID)
	}
	dst = appendText(dst, "type", p.Type)
	dst = appendText(dst, "model", p.Model)
	dst = appendText(dst, "provider", p.Provider)
	dst = appendUsage(dst, p.Usage)
	if p.Cost != nil {
		dst = append(dst, `,"total_estimated_cost":`...)
		dst = value.AppendFloat(dst, *p.Cost)
	}
	return append(dst, '}')
}

// appendHead opens the row and appends what traces and spans have in common, the values of under below those of e.
func (e *Entry) appendHead(dst []byte, under *Entry) []byte {
	dst = append(dst, `{"id":"`...)
	dst = appendUUID(dst, e.ID)
	dst = append(dst, `","source":"sdk"`...)
	dst = appendText(dst, "project_name", e.Project)
	dst = appendText(dst, "environment", e.Environment)
	dst = appendText(dst, "name", cmp.Or(e.Name, under.Name))
	dst = e.appendTimes(dst)
	dst = e.Fields.appendSection(dst, Input, &under.Fields)
	dst = e.Fields.appendSection(dst, Output, &under.Fields)
	dst = e.Fields.appendSection(dst, Metadata, &under.Fields)
	dst = appendTags(dst, e.Tags, under.Tags)
	dst = appendError(dst, cmp.Or(e.Error, under.Error))
	return appendTTFT(dst, cmp.Or(e.TTFT, under.TTFT))
}

func appendKey(dst []byte, key string) []byte {
	dst = append(dst, ',', '"')
	dst = append(dst, key...)
	return append(dst, '"', ':')
}

// appendText appends a member whose value is a string, unless it is empty.
func appendText(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	return value.AppendString(appendKey(dst, key), text)
}

func appendID(dst []byte, key string, id [16]byte) []byte {
	dst = append(appendKey(dst, key), '"')
	return append(appendUUID(dst, id), '"')
}

// appendUUID appends id as text, four bytes at a time.
func appendUUID(dst []byte, id [16]byte) []byte {
	text := [36]byte{8: '-', 13: '-', 18: '-', 23: '-'}
	second, third := hexDigits(id[4:]), hexDigits(id[8:])
	binary.BigEndian.PutUint64(text[0:], hexDigits(id[0:]))
	binary.BigEndian.PutUint32(text[9:], uint32(second>>32))
	binary.BigEndian.PutUint32(text[14:], uint32(second))
	binary.BigEndian.PutUint32(text[19:], uint32(third>>32))
	binary.BigEndian.PutUint32(text[24:], uint32(third))
	binary.BigEndian.PutUint64(text[28:], hexDigits(id[12:]))
	return append(dst, text[:]...)
}

// hexDigits returns the eight digits of the first four bytes of b. Each half of a byte is spread to a byte of its own,
// and becomes a letter where it is ten or more.
func hexDigits(b []byte) uint64 {
	const ones = 0x0101010101010101
	v := uint64(binary.BigEndian.Uint32(b))
	v = (v<<16 | v) & 0x0000ffff0000ffff
	v = (v<<8 | v) & 0x00ff00ff00ff00ff
	v = (v<<4 | v) & 0x0f0f0f0f0f0f0f0f
	letters := (v + ones*6) >> 4 & ones
	return v + ones*'0' + letters*('a'-'0'-10)
}

// appendTags appends two lists as one set.
func appendTags(dst []byte, tags, under []string) []byte {
	start := len(dst)
	dst = append(dst, `,"tags":[`...)
	open := len(dst)
	for _, tag := range tags {
		dst = append(value.AppendString(dst, tag), ',')
	}
	for _, tag := range under {
		if !slices.Contains(tags, tag) {
			dst = append(value.AppendString(dst, tag), ',')
		}
	}
	if len(dst) == open {
		return dst[:start]
	}
	dst[len(dst)-1] = ']' // in place of the last comma
	return dst
}

// appendError appends error_info. The server wants a traceback, if only a short one.
func appendError(dst []byte, e *ErrorInfo) []byte {
	if e == nil {
		return dst
	}
	dst = append(dst, `,"error_info":{"exception_type":`...)
	dst = value.AppendString(dst, cmp.Or(e.Type, "error"))
	dst = appendText(dst, "message", e.Message)
	dst = appendText(dst, "traceback", cmp.Or(e.Traceback, e.Message, e.Type, "error"))
	return append(dst, '}')
}

// appendTTFT appends the time to the first token, in milliseconds.
func appendTTFT(dst []byte, d time.Duration) []byte {
	if d <= 0 {
		return dst
	}
	return value.AppendFloat(appendKey(dst, "ttft"), float64(d)/float64(time.Millisecond))
}

func appendUsage(dst []byte, usage []Count) []byte {
	if len(usage) == 0 {
		return dst
	}
	dst = append(dst, `,"usage":{`...)
	for _, u := range usage {
		dst = append(value.AppendString(dst, u.Key), ':')
		dst = append(strconv.AppendInt(dst, int64(u.N), 10), ',')
	}
	dst[len(dst)-1] = '}' // in place of the last comma
	return dst
}
