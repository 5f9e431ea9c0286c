package wire_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestRedirects(t *testing.T) {
	tests := []struct {
		name     string
		status   int
		location string
		want     wire.Verdict
	}{
		{"same server", http.StatusPermanentRedirect, "https://opik.example.com/moved", wire.Delivered},
		{"same server, for now", http.StatusTemporaryRedirect, "/moved", wire.Delivered},
		{"another host", http.StatusTemporaryRedirect, "https://evil.example.com/moved", wire.Pause},
		{"a subdomain", http.StatusPermanentRedirect, "https://eu.opik.example.com/moved", wire.Pause},
		{"another port", http.StatusPermanentRedirect, "https://opik.example.com:8443/moved", wire.Pause},
		{"no encryption", http.StatusPermanentRedirect, "http://opik.example.com/moved", wire.Pause},
		{"a GET, which would look like success", http.StatusFound, "/login", wire.Pause},
		{"nowhere", http.StatusMovedPermanently, "", wire.Pause},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			asked := map[string]string{}
			client := newClient(t, config, func(w http.ResponseWriter, r *http.Request) {
				asked[r.URL.Scheme+"://"+r.URL.Host] = r.Header.Get("Authorization")
				if r.URL.Path == "/moved" {
					w.WriteHeader(http.StatusNoContent)
					return
				}
				w.Header().Set("Location", test.location)
				w.WriteHeader(test.status)
			})
			assert.Equal(t, test.want, deliver(t.Context(), t, client).Verdict)
			assert.Equal(t, map[string]string{"https://opik.example.com": "s3cret-key"}, asked, "nobody else was asked")
		})
	}
}

func TestARedirectIsExplained(t *testing.T) {
	client := newClient(t, config, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://eu.example.com/api/v1?token=abc", http.StatusPermanentRedirect)
	})
	fault := deliver(t.Context(), t, client)
	assert.EqualError(t, fault, "opik answered 308 Permanent Redirect: it redirects to https://eu.example.com: set the URL to that if it is right")
}

func TestRedirectsEnd(t *testing.T) {
	requests := 0
	client := newClient(t, config, func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, r.URL.Path, http.StatusPermanentRedirect)
	})
	assert.Equal(t, wire.Pause, deliver(t.Context(), t, client).Verdict)
	assert.Equal(t, 4, requests)
}
