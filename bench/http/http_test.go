package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	opik "github.com/opikgen/opikgen/runtime"
)

// What is compared does the same: within the caller's trace or, if it records nothing, in none.
func TestContestants(t *testing.T) {
	records := map[string]bool{"opikhttp": true, "otelhttp": true}
	for _, of := range contestants {
		t.Run(of.name, func(t *testing.T) {
			c, err := of.make()
			require.NoError(t, err)
			defer func() { require.NoError(t, c.close()) }()
			served := false
			handler := c.handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				served = true
				assert.Equal(t, records[of.name], opik.CurrentSpan(r.Context()) != nil || trace.SpanFromContext(r.Context()).IsRecording())
			}))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			r.Header = headers
			handler.ServeHTTP(&blank{http.Header{}}, r)
			assert.True(t, served)

			asked := &spy{}
			r, err = http.NewRequestWithContext(c.context, http.MethodGet, "http://example.com", http.NoBody)
			require.NoError(t, err)
			response, err := c.transport(asked).RoundTrip(r)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, records[of.name], asked.header.Get("Traceparent") != "" || asked.header.Get("Opik_trace_id") != "")
		})
	}
}

// spy is a server that notes the header of a request.
type spy struct {
	discard
	header http.Header
}

func (s *spy) RoundTrip(r *http.Request) (*http.Response, error) {
	s.header = r.Header.Clone()
	return s.discard.RoundTrip(r)
}

func TestTable(t *testing.T) {
	text := table([]figures{{"opikhttp", cost{1, 2, 3}, cost{4, 5, 6}}})
	assert.Contains(t, text, "| opikhttp | 1 | 2 | 3 | 4 | 5 | 6 |\n")
	assert.Equal(t, cost{2, 0, 0}, median([]cost{{3, 0, 0}, {1, 0, 0}, {2, 0, 0}}))
	assert.Error(t, check([]figures{{"x", cost{}, cost{1, 0, 0}}}))
}
