package vet_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/opikgen/opikgen/generator/vet"
)

// TestCalls looks at direct calls and the fixes for them, in the package that tracks and in one that imports it.
func TestCalls(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), vet.Analyzer, "agent", "caller")
}

// TestFindings looks at what has no fix but a person's or opikgen's.
func TestFindings(t *testing.T) {
	for _, name := range []string{"contexts", "stale"} {
		t.Run(name, func(t *testing.T) {
			analysistest.Run(t, analysistest.TestData(), vet.Analyzer, name)
		})
	}
}

// TestBroken looks at a package that does not compile, as it is between a new directive and go generate.
func TestBroken(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), vet.Analyzer, "broken")
}
