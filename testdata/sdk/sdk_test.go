// Package sdk_test holds the wrappers of real SDKs to what opikgen generates now.
package sdk_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWrappersAreUpToDate generates everything anew and compares. That it compiles is seen by building this module.
func TestWrappersAreUpToDate(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "tool", "opikgen", "-check", "./...").CombinedOutput()
	require.NoError(t, err, "run go tool opikgen ./... in this folder")
	assert.Empty(t, string(output))
}
