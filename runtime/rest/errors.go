package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// What an [*Error] may match, through errors.Is.
var (
	ErrNotFound       = errors.New("not found")                      // 404
	ErrUnauthorized   = errors.New("unauthorized")                   // 401, 403: the key, the workspace or a permission
	ErrConflict       = errors.New("conflict")                       // 409
	ErrTooLarge       = errors.New("too large")                      // 413, and answers longer than the client holds
	ErrRateLimited    = errors.New("rate limited")                   // 429
	ErrNotImplemented = errors.New("not implemented by this server") // 501
)

var kinds = map[int]error{
	http.StatusNotFound:              ErrNotFound,
	http.StatusUnauthorized:          ErrUnauthorized,
	http.StatusForbidden:             ErrUnauthorized,
	http.StatusConflict:              ErrConflict,
	http.StatusRequestEntityTooLarge: ErrTooLarge,
	http.StatusTooManyRequests:       ErrRateLimited,
	http.StatusNotImplemented:        ErrNotImplemented,
}

// Error is an answer that is no success. Its text never holds the key.
type Error struct {
	Method     string        // of the request
	Path       string        // of the request, below the base URL
	Status     int           // of the answer, or the code of an error in the middle of a stream
	Messages   []string      // what the server said, shortened
	RequestID  string        // by which the server knows the request, if it says
	RetryAfter time.Duration // how long the server asks to wait, if it does
}

// Error says what was asked and what was answered.
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "opik answered %d %s to %s %s", e.Status, http.StatusText(e.Status), e.Method, e.Path)
	if said := strings.Join(e.Messages, "; "); said != "" {
		text.WriteString(": " + said)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&text, " (asks to wait %v)", e.RetryAfter)
	}
	if e.RequestID != "" {
		text.WriteString(" (request " + e.RequestID + ")")
	}
	return text.String()
}

// Is reports whether target is the kind of the error, as [ErrNotFound].
func (e *Error) Is(target error) bool {
	kind := kinds[e.Status]
	return kind != nil && kind == target
}
