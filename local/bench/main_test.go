package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBench runs the whole of it over few spans: it checks that none is lost or doubled, and prints every figure.
func TestBench(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), bench{out: &out, spans: 1000, large: 50, reads: 2}))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	assert.Contains(t, lines, "| lost or doubled | none of 1000 |")
	for _, line := range lines[2:] {
		assert.Regexp(t, `^\| .+ \| .*\d+.* \|$`, line)
	}
}
