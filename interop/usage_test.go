package interop_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUsageIsWhatPythonSends holds the expectations of testdata/usage.json, which the runtime's own tests meet, to Opik's
// Python SDK.
func TestUsageIsWhatPythonSends(t *testing.T) {
	const python = ".venv/bin/python"
	if _, err := os.Stat("python/" + python); err != nil {
		t.Skip("Opik's Python SDK is not installed; make interop does that")
	}
	text, err := os.ReadFile("../testdata/usage.json")
	require.NoError(t, err)
	var cases []struct {
		Name string
		Want map[string]int
	}
	require.NoError(t, json.Unmarshal(text, &cases))
	command := exec.CommandContext(t.Context(), python, "usage.py")
	command.Dir, command.Stdin, command.Stderr = "python", bytes.NewReader(text), os.Stderr
	output, err := command.Output()
	require.NoError(t, err)
	var got []map[string]int
	require.NoError(t, json.Unmarshal(output, &got))
	require.Len(t, got, len(cases))
	for i, c := range cases {
		assert.Equal(t, c.Want, got[i], c.Name)
	}
}
