//go:build race

package generator_test

// raceEnabled says that the golden cases that run are built with the race detector, too.
const raceEnabled = true
