//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package spool

import "io"

// lockFile locks nothing where the standard library has no lock that a dead process loses. Two processes may then
// replay the same file, which the server takes for the same rows.
func lockFile(string) (io.Closer, error) { return io.NopCloser(nil), nil }
