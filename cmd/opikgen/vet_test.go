package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestIsVettool tells the go command's ways to run its tool from those of people.
func TestIsVettool(t *testing.T) {
	for line, want := range map[string]bool{
		"-V=full":                            true,
		"-flags":                             true,
		"/tmp/go-build1/b001/vet.cfg":        true,
		"-json -opik=true /tmp/b001/vet.cfg": true,
		"":                                   false,
		"./...":                              false,
		"-v ./...":                           false,
		"-version":                           false,
		"vet ./...":                          false,
	} {
		assert.Equal(t, want, isVettool(strings.Fields(line)), "%q", line)
	}
}

// TestVetCode turns go vet's exit codes, and its absence, into ours.
func TestVetCode(t *testing.T) {
	for script, want := range map[string]int{"exit 0": exitFine, "exit 1": exitStale, "exit 2": exitFailed, "kill $$": exitFailed} {
		var complaints strings.Builder
		assert.Equal(t, want, vetCode(exec.CommandContext(t.Context(), "sh", "-c", script).Run(), &complaints), script)
		assert.Empty(t, complaints.String())
	}
	var complaints strings.Builder
	assert.Equal(t, exitFailed, vetCode(errors.New("no go command"), &complaints))
	assert.Equal(t, "opikgen: running go vet: no go command\n", complaints.String())
}
