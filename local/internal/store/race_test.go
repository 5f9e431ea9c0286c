//go:build race

package store_test

// fewer is by how much less is written where the number is not the point: the race detector follows every step of the
// SQLite driver, which is Go.
const fewer = 5
