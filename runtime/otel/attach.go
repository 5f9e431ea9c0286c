package opikotel

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// AttachToParent puts a span of OpenTelemetry into the Opik trace of a caller, by the headers opik_trace_id and
// opik_parent_span_id that [opik.Headers] of the caller made, and reports whether it did. Spans below it follow by
// [SpanProcessor].
//
//	ctx, span := tracer.Start(r.Context(), "handle")
//	opikotel.AttachToParent(span, map[string]string{
//		"opik_trace_id":       r.Header.Get("opik_trace_id"),
//		"opik_parent_span_id": r.Header.Get("opik_parent_span_id"),
//	})
//
// Names are taken in any case, values are trimmed, and ids must be UUIDv7. Without a usable trace the span stays as it is;
// a parent that is not usable is left out. OpenTelemetry's error handler is told, at most once a minute.
func AttachToParent(span trace.Span, headers map[string]string) bool {
	traceText, parentText := lookup(headers, "opik_trace_id"), lookup(headers, "opik_parent_span_id")
	p := place{idOf(traceText), idOf(parentText)}
	switch {
	case traceText == "" && parentText == "":
		return false
	case p.trace == "":
		warn(unusable("opik_trace_id", traceText))
		return false
	case p.parent == "" && parentText != "":
		warn(unusable("opik_parent_span_id", parentText))
	}
	return span != nil && span.IsRecording() && p.attach(span)
}

// lookup returns the value under a name in any case, trimmed.
func lookup(headers map[string]string, name string) string {
	if value, ok := headers[name]; ok {
		return strings.TrimSpace(value)
	}
	for key, value := range headers {
		if strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// unusable says what is wrong with a header that anybody may have written.
func unusable(name, text string) error {
	const most = 64
	if text == "" {
		return errors.New("opikotel: there is opik_parent_span_id, and no " + name)
	}
	return fmt.Errorf("opikotel: the header %s is %.*q, expected a version 7 UUID", name, most, text)
}

// quiet is the time for which one warning is enough: whoever sends bad headers must not fill the log.
const quiet = time.Minute

// warned is when the last warning was given, in nanoseconds. It is the package's, as is OpenTelemetry's error handler.
var warned atomic.Int64

// warn tells OpenTelemetry's error handler, unless it was told just now.
func warn(err error) {
	now, last := time.Now().UnixNano(), warned.Load()
	if last != 0 && now-last < int64(quiet) || !warned.CompareAndSwap(last, now) {
		return
	}
	otel.Handle(err)
}
