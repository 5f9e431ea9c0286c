package opikotel

// ForgetWarning makes the next bad header be told, however many were before.
func ForgetWarning() { warned.Store(0) }
