package rest

import (
	"errors"
	"net/http"
	"net/url"
	"time"
)

var errUnusableURL = errors.New("the URL of Opik cannot be parsed: want something like http://localhost:5173/api")

// headerTimeout is how long our own transport waits for an answer to begin, so that a call without a deadline ends.
const headerTimeout = 2 * time.Minute

// confined copies a client so that it stays with the server it was sent to: the key is meant for that one, and a
// redirected POST would become a GET, whose success would look like the POST's.
func confined(client *http.Client) *http.Client {
	if client == nil {
		client = &http.Client{Transport: ownTransport()}
	}
	copied := *client
	copied.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		first := via[0]
		if len(via) > 3 || next.Method != first.Method || !sameServer(next.URL, first.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &copied
}

// ownTransport is the default transport with connections of our own, as far as nobody has put another in its place.
func ownTransport() http.RoundTripper {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	transport = transport.Clone()
	transport.ResponseHeaderTimeout = headerTimeout
	return transport
}

func sameServer(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }
