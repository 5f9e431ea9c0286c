// Package answer reads what answers say to whoever was refused, be it Opik that answered or a proxy before it.
package answer

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Wait reads how long a server asks to wait: RateLimit-Reset, which Opik sends, before Retry-After, which proxies send.
func Wait(header http.Header, now time.Time) time.Duration {
	for _, name := range []string{"RateLimit-Reset", "Retry-After"} {
		if wait := parseWait(header.Get(name), now); wait > 0 {
			return wait
		}
	}
	return 0
}

// parseWait reads a number of seconds or an HTTP date; what is neither, or is over, is 0.
func parseWait(value string, now time.Time) time.Duration {
	const most = 1e6 // seconds, beyond which a Duration would overflow some day
	// What is no number is 0, and infinite what is too large for one.
	if seconds, _ := strconv.ParseFloat(value, 64); seconds > 0 {
		return time.Duration(min(seconds, most) * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

// longestMessage is how much of a server's message goes into an error.
const longestMessage = 300

// Shorten brings a server's message into one line, which it cuts between two characters.
func Shorten(text string) string {
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "?")
	if len(text) <= longestMessage {
		return text
	}
	cut := longestMessage
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}

// Redirect says where a redirect leads that was not followed. It reports false of any other answer.
func Redirect(response *http.Response) (message string, found bool) {
	location, err := response.Location()
	if err != nil || response.StatusCode/100 != 3 {
		return "", false
	}
	return "it redirects to " + location.Scheme + "://" + location.Host + ": set the URL to that if it is right", true
}
