// Package rest reads back what was traced, and works on it: a typed client of Opik's REST API that finds, scores,
// comments, exports, changes and deletes spans, traces and threads, and keeps their attachments.
//
// [New] takes the same settings as the tracing runtime, from [Options], the environment and Opik's configuration file.
// The services of the [Client] are fields:
//
//	client, err := rest.New(rest.Options{})
//	...
//	for span, err := range client.Spans.Search(ctx, rest.Query{Where: `duration > 5000 and tags contains "prod"`}) {
//		...
//	}
//
// # Queries
//
// A [Query] says which spans, traces or threads are meant, with [Filter] values, with Opik's query language, or both.
// It is checked before anything is sent; a [QueryError] tells the position of a mistake.
//
// Search streams everything that matches and holds one item at a time, however many there are. List asks for numbered pages, which can be sorted but shift while new items arrive. Both are iterators. An error is the
// last thing that they yield, and leaving the loop early closes the connection.
//
// # Writing
//
// To trace a program use the runtime, which queues, batches and survives. Here every call is a request, made on the
// caller's goroutine, that has been answered when it returns. Rows are sent without nulls: what is zero is left out.
//
// # Errors
//
// Every answer that is no success is an [*Error]: the status, what the server said and the id of the request. It
// matches [ErrNotFound], [ErrUnauthorized], [ErrConflict], [ErrTooLarge], [ErrRateLimited] and [ErrNotImplemented]
// through errors.Is. Answers 408, 429, 500, 502, 503 and 504 are tried again, four times, after the pause that the
// server asks for or one that grows, unless the context's deadline comes first; a request that could do its work twice
// is tried again after 429 only. A request without an answer is not tried again. No error, log line or printed value
// holds the key.
//
// Any call may match ErrUnauthorized and ErrRateLimited, besides what its documentation says. Requests that Opik is known to
// refuse, or to take and not to understand, are found before they are sent, with an error that is no [*Error].
package rest
