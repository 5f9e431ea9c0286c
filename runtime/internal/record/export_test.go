package record

// Held returns how many bytes of memory are behind the values, for the test that replaced ones are let go of.
func (f *Fields) Held() int { return cap(f.buf) }
