package model

import (
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRuntimeImports holds the list to the stand-in.
func TestRuntimeImports(t *testing.T) {
	var imported []string
	for _, spec := range parseRuntime(token.NewFileSet()).Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		imported = append(imported, path)
	}
	assert.Equal(t, RuntimeImports, imported)
}
