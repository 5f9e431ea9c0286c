package redirect_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

func TestStrip(t *testing.T) {
	tests := []struct {
		name         string
		header, want http.Header
	}{
		{"nothing", nil, nil},
		{"others", http.Header{"Accept": {"*/*"}, "Opik_other": {"1"}}, http.Header{"Accept": {"*/*"}, "Opik_other": {"1"}}},
		{"headers in any case", http.Header{"opik_trace_id": {"1"}, "OPIK_PARENT_SPAN_ID": {"2"}, "Opik_sampled": {"0"}}, http.Header{}},
		{"baggage of others", http.Header{"Baggage": {"a=1, b=2", "c"}}, http.Header{"Baggage": {"a=1, b=2", "c"}}},
		{"baggage of ours", http.Header{"baggage": {"opik.trace_id=1,opik.span_id=2;p=3", "opik.sampled=0"}}, http.Header{}},
		{"baggage of both", http.Header{"Baggage": {"a=1;p, opik.trace_id = 1,,", "opik.other=2", "opik.span_id"}}, http.Header{"Baggage": {"a=1;p,opik.other=2"}}},
		{"baggage that says opik", http.Header{"Baggage": {"a=opik.trace_id"}}, http.Header{"Baggage": {"a=opik.trace_id"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			redirect.Strip(test.header)
			assert.Equal(t, test.want, test.header)
		})
	}
}
