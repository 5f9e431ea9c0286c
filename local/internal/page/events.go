package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	quiet = 250 * time.Millisecond // between two events, however much is written
	alive = 20 * time.Second       // between two signs of life
)

// events tells the page which traces changed, as server-sent events, until it closes the connection or the server
// ends.
func (p pages) events(w http.ResponseWriter, r *http.Request) {
	listener, stop := p.store.Changes.Listen()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // where the writer cannot, it has none
	ticker := time.NewTicker(alive)
	defer ticker.Stop()
	message := "retry: 1000\n\n"
	for {
		if _, err := fmt.Fprint(w, message); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			message = ": alive\n\n"
		case _, more := <-listener.Wake:
			if !more || !pause(r, quiet) {
				return
			}
			message = event(listener.Take())
		}
	}
}

// pause waits, so that one event tells of many changes. It reports whether the page is still there.
func pause(r *http.Request, duration time.Duration) bool {
	select {
	case <-r.Context().Done():
		return false
	case <-time.After(duration):
		return true
	}
}

// event names the traces that changed, or says null where they are too many to name.
func event(traces []string, many bool) string {
	if many {
		traces = nil
	}
	text, err := json.Marshal(traces)
	if err != nil {
		return ": unreadable\n\n" // a list of ids can always be encoded
	}
	return fmt.Sprintf("event: changed\ndata: %s\n\n", text)
}
