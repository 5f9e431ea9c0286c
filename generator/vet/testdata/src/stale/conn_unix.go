//go:build !plan9

package stale

import "context"

//opik:ignore
func (c *Conn) Fd(ctx context.Context) {}
