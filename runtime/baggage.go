package opik

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// The header of W3C baggage, and its members that say what our headers say. Opik's OpenTelemetry bridges read and
// write the first two.
const (
	headerBaggage = "baggage"

	memberTrace   = "opik.trace_id"
	memberParent  = "opik.span_id"
	memberSampled = "opik.sampled"
)

// members returns a lookup of the members of a baggage. Of a name that is there twice the first counts; properties
// and what is no member are skipped.
func members(baggage string) func(name string) string {
	return func(name string) string { return member(baggage, name) }
}

func member(baggage, name string) string {
	for text := range strings.SplitSeq(baggage, ",") {
		if key, value := splitMember(text); key == name {
			return value
		}
	}
	return ""
}

// splitMember returns the key and the value of a member. A value that is not encoded as it should be stays as it is.
func splitMember(member string) (key, value string) {
	key, value, _ = strings.Cut(member, "=")
	value, _, _ = strings.Cut(value, ";")
	value = strings.TrimSpace(value)
	if decoded, err := url.PathUnescape(value); err == nil {
		value = decoded
	}
	return strings.TrimSpace(key), value
}

// injectBaggage adds the members that say where a caller is to the baggage of a request, which has none of the same names
// any more.
func injectBaggage(header http.Header, at remote) {
	baggage := slices.Concat(valuesOf(header, headerBaggage), ownMembers(at))
	baggage = slices.DeleteFunc(baggage, func(members string) bool { return members == "" })
	deleteFold(header, headerBaggage)
	header.Set(headerBaggage, strings.Join(baggage, ","))
}

// ownMembers returns the members that say where a caller is.
func ownMembers(at remote) []string {
	switch {
	case at.unsampled:
		return []string{memberSampled + "=0"}
	case at.parent == [16]byte{}:
		return []string{memberTrace + "=" + uuid.UUID(at.trace).String()}
	}
	return []string{
		memberTrace + "=" + uuid.UUID(at.trace).String(),
		memberParent + "=" + uuid.UUID(at.parent).String(),
	}
}
