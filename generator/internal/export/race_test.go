//go:build race

package export_test

// stride says which objects are compared: under the race detector, which makes it several times as slow, every fourth.
const stride = 4
