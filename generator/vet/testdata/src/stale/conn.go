package stale

import "context"

//opik:track
type Conn struct{}

func (c *Conn) Close(ctx context.Context) {}
