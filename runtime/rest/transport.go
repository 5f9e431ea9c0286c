package rest

import (
	"errors"
	"net/http"
	"time"
)

var errUnusableURL = errors.New("the URL of Opik cannot be parsed: want something like http://localhost:5173/api")

// waitForHeader bounds how long a transport of our own waits for an answer to begin, so that a call without a deadline
// ends.
func waitForHeader(transport *http.Transport) { transport.ResponseHeaderTimeout = 2 * time.Minute }
