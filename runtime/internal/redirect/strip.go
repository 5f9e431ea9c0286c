package redirect

import (
	"net/http"
	"slices"
	"strings"
)

// What says where a call is in its trace: headers, and members of W3C baggage.
var (
	traceHeaders = []string{"opik_trace_id", "opik_parent_span_id", "opik_sampled"}
	traceMembers = []string{"opik.trace_id", "opik.span_id", "opik.sampled"}
)

// Strip takes off what says where a call is in its trace, whichever way the names of the headers are written. The members of
// others stay in the baggage.
func Strip(header http.Header) {
	for name, values := range header {
		switch {
		case isTraceHeader(name):
			delete(header, name)
		case strings.EqualFold(name, "baggage") && slices.ContainsFunc(values, hasTraceMember):
			stripBaggage(header, name, values)
		}
	}
}

func isTraceHeader(name string) bool {
	return slices.ContainsFunc(traceHeaders, func(header string) bool { return strings.EqualFold(header, name) })
}

// hasTraceMember reports whether a line of baggage may have a member to take off.
func hasTraceMember(line string) bool { return strings.Contains(line, "opik.") }

// stripBaggage leaves the members of others, in one line.
func stripBaggage(header http.Header, name string, lines []string) {
	members := strings.Split(strings.Join(lines, ","), ",")
	members = slices.DeleteFunc(members, func(member string) bool {
		key, _, _ := strings.Cut(member, "=")
		key = strings.TrimSpace(key)
		return key == "" || slices.Contains(traceMembers, key)
	})
	if len(members) == 0 {
		delete(header, name)
		return
	}
	header[name] = []string{strings.Join(members, ",")}
}
