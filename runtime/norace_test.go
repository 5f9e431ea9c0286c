//go:build !race

package opik_test

const raceEnabled = false
