//go:build !race

package export_test

const stride = 1
