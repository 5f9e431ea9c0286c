package main

import (
	"math"
	"runtime"
	"runtime/debug"
)

const (
	// quietBytes is how much memory a run may take before garbage is collected for the first time. Most runs end before,
	// and save a fifth of their time.
	quietBytes = 96 << 20

	// gcPercent is how much garbage a run may make from then on before it is collected again.
	gcPercent = 100
)

// collectLate puts off the first collection of garbage. What is left by then says how often the others come.
func collectLate() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(quietBytes)
	runtime.AddCleanup(new([16]byte), func(struct{}) {
		debug.SetGCPercent(gcPercent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, struct{}{})
}
