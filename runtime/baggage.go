package opik

import (
	"net/http"
	"net/url"
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
	return func(name string) string {
		for member := range strings.SplitSeq(baggage, ",") {
			if key, value := splitMember(member); key == name {
				return value
			}
		}
		return ""
	}
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

// injectBaggage adds the members that say where a caller is to the baggage of a request, in place of others of the same
// names. The members of others stay.
func injectBaggage(header http.Header, at remote) {
	baggage := make([]string, 0, 4)
	for _, line := range valuesOf(header, headerBaggage) {
		for member := range strings.SplitSeq(line, ",") {
			if member = strings.TrimSpace(member); member != "" && !isOwnMember(member) {
				baggage = append(baggage, member)
			}
		}
	}
	deleteFold(header, headerBaggage)
	header.Set(headerBaggage, strings.Join(append(baggage, ownMembers(at)...), ","))
}

func isOwnMember(member string) bool {
	key, _ := splitMember(member)
	return key == memberTrace || key == memberParent || key == memberSampled
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
