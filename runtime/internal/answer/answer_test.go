package answer_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/answer"
)

func TestWait(t *testing.T) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		reset, after string
		want         time.Duration
	}{
		{"", "", 0},
		{"7", "3", 7 * time.Second},
		{"", "0.5", time.Second / 2},
		{"soon", "Sat, 01 Jan 2000 00:00:20 GMT", 20 * time.Second},
		{"-5", "Fri, 31 Dec 1999 23:59:00 GMT", 0},
		{"", "NaN", 0},
		{"Inf", "", 1e6 * time.Second},
		{"1e999", "", 1e6 * time.Second},
	}
	for _, test := range tests {
		header := http.Header{"Ratelimit-Reset": {test.reset}, "Retry-After": {test.after}}
		assert.Equal(t, test.want, answer.Wait(header, now), "%q, %q", test.reset, test.after)
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"\ta\n b":                      "a b",
		"\xff\xfe":                     "?",
		strings.Repeat("ü", 150):       strings.Repeat("ü", 150),
		strings.Repeat("ü", 200):       strings.Repeat("ü", 150) + "...",
		"x" + strings.Repeat("ü", 200): "x" + strings.Repeat("ü", 149) + "...",
	} {
		assert.Equal(t, want, answer.Shorten(text))
	}
}

func TestRedirect(t *testing.T) {
	to := http.Header{"Location": {"https://eu.example.com/api?token=abc"}}
	message, found := answer.Redirect(&http.Response{StatusCode: http.StatusFound, Header: to})
	assert.True(t, found)
	assert.Equal(t, "it redirects to https://eu.example.com: set the URL to that if it is right", message)
	for name, response := range map[string]*http.Response{
		"created":      {StatusCode: http.StatusCreated, Header: to},
		"not modified": {StatusCode: http.StatusNotModified},
	} {
		_, found := answer.Redirect(response)
		assert.False(t, found, name)
	}
}
