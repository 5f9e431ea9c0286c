// Package opikhttp carries traces through servers and clients of net/http.
//
//	http.ListenAndServe(addr, opikhttp.Handler(mux, opikhttp.Options{}))
//
//	client := &http.Client{Transport: opikhttp.Transport(nil, opikhttp.Options{})}
//
// What such a client asks of such a server is one trace, also where one of the two is written in another language: the
// headers are those of Opik's other SDKs.
//
// # Headers that do not arrive
//
// Their names have an underscore, opik_trace_id and opik_parent_span_id. Proxies may drop such headers without a word;
// nginx does unless its configuration says
//
//	underscores_in_headers on;
//
// The server then starts a trace of its own for every request. Where the proxy is not yours, let the client's
// [opik.Options] say Baggage: the same is then also in the header baggage, which proxies leave alone and Handler reads.
package opikhttp
