package redirect

import (
	"net/http"
	"net/url"
)

// Confined copies a client so that it stays with the server it was sent to: keys and rows are meant for that one.
// net/http by itself would turn a redirected POST into a GET, whose success would look like the POST's. In place of nil
// there is a client of our own, on the default transport with connections of our own, as far as nobody has put another in
// its place; tune sees that transport first.
func Confined(client *http.Client, tune func(*http.Transport)) *http.Client {
	if client == nil {
		client = &http.Client{Transport: ownTransport(tune)}
	}
	copied := *client
	copied.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		first := via[0]
		if len(via) > 3 || next.Method != first.Method || !SameServer(next.URL, first.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &copied
}

// ownTransport is the default transport with connections of our own.
func ownTransport(tune func(*http.Transport)) http.RoundTripper {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	transport = transport.Clone()
	tune(transport)
	return transport
}

// SameServer reports whether two addresses are of one server, as far as their text tells.
func SameServer(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }
