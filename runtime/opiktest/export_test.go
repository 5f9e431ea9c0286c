package opiktest

import "net/http"

// Transport returns the server of a recorder, for the tests of the server itself.
func Transport(r *Recorder) http.RoundTripper { return r.server }
