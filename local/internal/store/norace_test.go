//go:build !race

package store_test

// fewer is by how much less is written where the number is not the point.
const fewer = 1
