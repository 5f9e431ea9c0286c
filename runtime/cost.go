package opik

import "github.com/opikgen/opikgen/runtime/internal/record"

// mostDollars bounds the cost of a call, far beyond any, and far below what the server has digits for.
const mostDollars = 1e12

// setCost enters a cost, or counts it as left out: the server refuses the whole row because of one that is negative,
// and JSON has no infinity. The span is locked.
func (c *Client) setCost(p *record.SpanPart, dollars float64) {
	if dollars >= 0 && dollars < mostDollars {
		p.Cost = &dollars
	} else {
		c.droppedUsage.Add(1)
	}
}

// CaptureCost records what the provider says the call cost, in US dollars. It takes the place of what Opik estimates; 0
// changes nothing.
func CaptureCost[N number](s *Span, dollars N) {
	if s != nil && dollars > 0 {
		cost := float64(dollars)
		s.Update(SpanUpdate{TotalCost: &cost})
	}
}
