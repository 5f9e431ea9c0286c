package opik

import "errors"

// errResult is what is recorded of a call that says in its result, and not by an error, that it failed.
var errResult = errors.New("the result says that the call failed")

// CaptureFailed records that the call failed, if its result says so. It is for generated code.
func CaptureFailed(s *Span, failed bool) {
	if s != nil && failed {
		s.SetError(errResult)
	}
}
