package opik

// ChanBoth is [Stream.Chan] for a channel whose type lets its reader send, too, which nobody does to a stream.
func (s *Stream[T, A]) ChanBoth(in chan T) chan T {
	if s == nil || in == nil {
		s.called(true)
		return in
	}
	s.Chan(in)
	return s.pumped.pump.out
}
