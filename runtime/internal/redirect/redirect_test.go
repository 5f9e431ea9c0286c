package redirect_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// to returns a request to a host that follows a response to another one.
func to(host string, before *http.Request) *http.Request {
	return &http.Request{URL: &url.URL{Host: host}, Response: &http.Response{Request: before}}
}

func TestElsewhere(t *testing.T) {
	first := &http.Request{URL: &url.URL{Host: "a.example.com"}}
	tests := []struct {
		name    string
		request *http.Request
		want    bool
	}{
		{"no redirect", first, false},
		{"no URL", &http.Request{}, false},
		{"to the same host", to("A.example.com", first), false},
		{"to another host", to("b.example.com", first), true},
		{"on to another path there", to("b.example.com", to("b.example.com", first)), true},
		{"there and back", to("a.example.com", to("b.example.com", first)), false},
		{"from where is not known", to("a.example.com", nil), true},
		{"from no URL", to("a.example.com", &http.Request{}), true},
		{"to no URL", &http.Request{Response: &http.Response{Request: first}}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { assert.Equal(t, test.want, redirect.Elsewhere(test.request)) })
	}
}
