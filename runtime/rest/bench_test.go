package rest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

// BenchmarkSearch reads 10,000 spans of 300 bytes, five pages, from a server on this machine.
func BenchmarkSearch(b *testing.B) {
	const spans = 10_000
	client := connectHandler(b, &shelf{spans: spans})
	b.ReportAllocs()
	for b.Loop() {
		found, err := collect(client.Spans.Search(b.Context(), rest.Query{}))
		require.NoError(b, err)
		require.Len(b, found, spans)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*spans), "ns/span")
}
