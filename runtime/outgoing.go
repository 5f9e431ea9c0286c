package opik

import (
	"context"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// StartOutgoing is [StartRequest] for a request that goes to another process: the request to go on with is a copy whose
// headers say where the span is, see [Inject]. The request itself and its headers stay as they are.
//
// A request that http.Client redirects to another host gets no headers, and loses those it has. But http.Client takes
// along what a request had before it was redirected the first time: to keep that from other hosts, trace the transport
// and not the client.
func StartOutgoing(r *http.Request, name string, o SpanOptions) (*http.Request, *Span) {
	if r == nil {
		return nil, nil
	}
	ctx, span := StartSpan(r.Context(), name, o)
	if _, ok := remoteOf(ctx); !ok && span == nil {
		return r, nil
	}
	return withHeaders(ctx, r.WithContext(ctx)), span
}

// OutgoingRequest returns a copy of a request whose headers say where ctx is, as [StartOutgoing] makes one. It is for
// generated code that has a context beside the request.
func OutgoingRequest(ctx context.Context, r *http.Request) *http.Request {
	if _, ok := remoteOf(ctx); !ok || r == nil {
		return r
	}
	return withHeaders(ctx, r.WithContext(r.Context()))
}

// withHeaders gives the copy of a request headers of its own.
func withHeaders(ctx context.Context, copied *http.Request) *http.Request {
	copied.Header = cloned(copied.Header)
	if redirect.Elsewhere(copied) {
		redirect.Strip(copied.Header)
	} else {
		Inject(ctx, copied.Header)
	}
	return copied
}

// cloned returns a copy to write to.
func cloned(header http.Header) http.Header {
	if header == nil {
		return http.Header{}
	}
	return header.Clone()
}

// Outgoing returns a copy of headers of any type that says where ctx is, see [Inject]. Of the headers of HTTP and MIME
// the names are in their usual form, of all others, like the metadata of gRPC, in small letters. Nil headers, which
// could carry nothing, become new ones. Where nothing is recorded the headers are returned as they are. It is for
// generated code.
func Outgoing[H ~map[string][]string](ctx context.Context, headers H) H {
	if _, ok := remoteOf(ctx); !ok {
		return headers
	}
	header := cloned(http.Header(headers))
	Inject(ctx, header)
	switch any(headers).(type) {
	case http.Header, textproto.MIMEHeader:
	default:
		lowerNames(header)
	}
	return H(header)
}

// lowerNames writes the names that [Inject] sets in small letters.
func lowerNames(header http.Header) {
	for _, name := range [...]string{headerTrace, headerParent, headerSampled, headerBaggage} {
		key := canonical(name)
		if values, ok := header[key]; ok {
			delete(header, key)
			header[name] = values
		}
	}
}

// OutgoingMap is [Outgoing] for headers with one value each, like the attributes of a message. It writes no baggage.
// It is for generated code.
func OutgoingMap[M ~map[string]string](ctx context.Context, headers M) M {
	at, ok := remoteOf(ctx)
	if !ok {
		return headers
	}
	carrying := at.headers()
	for name, value := range headers {
		if !isOwnHeader(name) {
			carrying[name] = value
		}
	}
	return carrying
}

// isOwnHeader reports whether a header belongs to a trace, whichever way its name is written.
func isOwnHeader(name string) bool {
	return strings.EqualFold(name, headerTrace) || strings.EqualFold(name, headerParent) || strings.EqualFold(name, headerSampled)
}
