package delta

// AddSlowly adds a chunk without looking at what it has in common with the one before it.
func (a *Answer) AddSlowly(chunk []byte) {
	a.repeat = repeat{}
	a.Add(chunk)
}
