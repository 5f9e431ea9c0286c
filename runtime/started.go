package opik

// tellStarted calls Options.SpanStarted for a span. A trace by itself is none.
func (c *Client) tellStarted(r *recording) {
	s, ok := r.rows.(*Span)
	if !ok {
		return
	}
	defer func() { _ = recover() }() // as with the values that a caller gives: it costs the addition, not the call
	c.spanStarted(r.ctx, s)
}
