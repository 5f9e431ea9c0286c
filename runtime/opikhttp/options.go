package opikhttp

import (
	"net/url"
	"slices"
	"strings"
)

// Options tune [Handler] and [Transport]. The zero value works.
type Options struct {
	// Flush makes a Handler wait, before it gives a request back to the server, until everything that was recorded so
	// far is delivered, or the client's FlushTimeout is over: for processes that are frozen between two requests. What
	// the handler did not flush to its caller waits as long.
	Flush bool

	// Hosts are those to which a Transport sends the headers of a trace: names like "api.example.com" of hosts at any
	// port, "localhost:8080" of one port, "*.example.com" of all hosts below. nil is all hosts, an empty slice none.
	Hosts []string
}

// allows reports whether a host may see where a call is in its trace.
func (o Options) allows(u *url.URL) bool {
	return o.Hosts == nil || slices.ContainsFunc(o.Hosts, func(pattern string) bool { return matches(strings.ToLower(pattern), u) })
}

func matches(pattern string, u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if suffix, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasPrefix(suffix, ".") && strings.HasSuffix(host, suffix)
	}
	return pattern == host || pattern == strings.ToLower(u.Host)
}
