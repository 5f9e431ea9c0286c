package opik

// CaptureCost records what the provider says the call cost, in US dollars. It takes the place of what Opik estimates; 0
// changes nothing.
func CaptureCost[N number](s *Span, dollars N) {
	if s != nil && dollars > 0 {
		cost := float64(dollars)
		s.Update(SpanUpdate{TotalCost: &cost})
	}
}
