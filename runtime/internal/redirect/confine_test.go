package redirect_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// TestConfined looks at the transport and at redirects one by one; the tests of the clients see them followed.
func TestConfined(t *testing.T) {
	passed := &http.Client{Timeout: time.Second}
	client := redirect.Confined(passed, func(*http.Transport) { t.Error("the transport is not ours") })
	assert.Equal(t, time.Second, client.Timeout)
	assert.Nil(t, passed.CheckRedirect, "what was passed in stays as it is")

	first := request(t, http.MethodPost, "https://opik.example.com/a")
	for address, want := range map[string]error{
		"https://opik.example.com/b":      nil,
		"http://opik.example.com/a":       http.ErrUseLastResponse,
		"https://opik.example.com:8443/a": http.ErrUseLastResponse,
		"https://eu.opik.example.com/a":   http.ErrUseLastResponse,
	} {
		assert.Equal(t, want, client.CheckRedirect(request(t, http.MethodPost, address), []*http.Request{first}), address)
	}
	require.Error(t, client.CheckRedirect(request(t, http.MethodGet, "https://opik.example.com/b"), []*http.Request{first}), "another method")
	require.NoError(t, client.CheckRedirect(first, []*http.Request{first, first, first}))
	assert.Error(t, client.CheckRedirect(first, []*http.Request{first, first, first, first}), "round in circles")
}

func TestConfinedMakesAClient(t *testing.T) {
	client := redirect.Confined(nil, func(transport *http.Transport) { transport.ResponseHeaderTimeout = time.Second })
	transport, ok := client.Transport.(*http.Transport)
	require.True(t, ok)
	assert.Equal(t, time.Second, transport.ResponseHeaderTimeout)
	assert.NotSame(t, http.DefaultTransport, transport)
}

// stubTransport is a transport that a program put in the place of the default one.
type stubTransport struct{ http.RoundTripper }

func TestConfinedTakesTheTransportOfTheProgram(t *testing.T) {
	old := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = old })
	http.DefaultTransport = stubTransport{old}
	client := redirect.Confined(nil, func(*http.Transport) { t.Error("the transport is not ours") })
	assert.Equal(t, stubTransport{old}, client.Transport)
}

func request(t *testing.T, method, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	require.NoError(t, err)
	return r
}
