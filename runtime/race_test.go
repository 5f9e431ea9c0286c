//go:build race

package opik_test

// raceEnabled says that pools forget some of what they are given, so that allocations cannot be counted.
const raceEnabled = true
