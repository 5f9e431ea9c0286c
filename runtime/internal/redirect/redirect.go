// Package redirect tells requests that follow a redirect to another host, and keeps those of our own from it. What is meant
// for the host that was asked first must not go along.
package redirect

import (
	"net/http"
	"strings"
)

// Elsewhere reports whether a request follows a redirect, or several, away from the host that was asked first, or from
// one that is not known. http.Client enters the response that redirected.
func Elsewhere(r *http.Request) bool {
	if r.Response == nil {
		return false
	}
	first := r
	for first.Response != nil {
		if first = first.Response.Request; first == nil || first.URL == nil {
			return true
		}
	}
	return r.URL == nil || !strings.EqualFold(first.URL.Host, r.URL.Host)
}
