package wire

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Verdict says what is to become of the rows of a request that was answered, or was not.
type Verdict uint8

const (
	// Delivered rows are on the server.
	Delivered Verdict = iota
	// Retry rows may go through as they are, later.
	Retry
	// Divide rows were refused because of one of them, or because they are too many: smaller requests tell which.
	Divide
	// Pause rows are kept until somebody mends the key, the workspace, the quota or the address.
	Pause
	// Refuse rows will never be taken.
	Refuse
	// Await rows change a span that the server does not have yet. Sent now, the update would be kept in place of the span.
	Await
)

// String returns the verdict in a word.
func (v Verdict) String() string {
	names := [...]string{"delivered", "retry", "divide", "pause", "refuse", "await"}
	if int(v) < len(names) {
		return names[v]
	}
	return "verdict " + strconv.Itoa(int(v))
}

// pauseInterval is how often a paused client looks whether it is welcome again.
const pauseInterval = 10 * time.Second

// longestHint bounds what a server may ask for, so that a wrong header does not silence a process for a day.
const longestHint = time.Minute

// Error is a request that did not deliver its rows. Its text never holds the key.
type Error struct {
	Verdict Verdict
	Status  int           // of the answer; 0 if there was none
	After   time.Duration // how long the server, or a pause, asks to wait; 0 leaves it to the caller
	Message string        // what the server said, shortened
	Err     error         // why there was no answer
}

// Error says what happened to the request.
func (e *Error) Error() string {
	switch {
	case e.Err != nil && e.Status != 0: // of another sink, which says by the status how it failed
		return e.Err.Error()
	case e.Err != nil:
		return fmt.Sprintf("request to opik failed: %v", e.Err)
	case e.Message == "":
		return fmt.Sprintf("opik answered %d %s", e.Status, http.StatusText(e.Status))
	default:
		return fmt.Sprintf("opik answered %d %s: %s", e.Status, http.StatusText(e.Status), e.Message)
	}
}

// Unwrap returns the reason why there was no answer.
func (e *Error) Unwrap() error { return e.Err }

// classify turns the status of an answer into a verdict. A conflict says that the row is there already.
// Not Found is what a wrong base address, a wrong workspace or a proxy in the middle of a deployment answers. A redirect
// that is not followed is a wrong address, too, and so is Method Not Allowed, which is what the server of Opik's pages says
// where the address lacks its /api. A proxy that wants a password is for somebody to mend. None says anything against the
// rows.
func classify(status int) Verdict {
	switch status {
	case http.StatusConflict:
		return Delivered
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusMisdirectedRequest, http.StatusTooEarly:
		return Retry
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return Divide
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusProxyAuthRequired:
		return Pause
	}
	switch status / 100 {
	case 2:
		return Delivered
	case 3:
		return Pause
	case 5:
		return Retry
	}
	return Refuse
}
