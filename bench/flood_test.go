package bench

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkFlood reports the largest memory of a process that makes units as fast as it can while the sink takes
// 200 ms for a request.
func BenchmarkFlood(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(flooders)) {
		b.Run(name, func(b *testing.B) {
			url, stop, err := startSink(200 * time.Millisecond)
			require.NoError(b, err)
			defer stop()
			peak := 0 // in KiB
			for range b.N {
				output, err := floodCommand(b.Context(), name, url).Output()
				require.NoError(b, err)
				kib, err := strconv.Atoi(strings.TrimSpace(string(output)))
				require.NoError(b, err)
				peak = max(peak, kib)
			}
			b.ReportMetric(float64(peak)/1024, "peak-MB")
		})
	}
}
