package rest

import (
	"context"
	"iter"
	"net/http"
)

// Spans is the service for spans. Their scores, comments and attachments have services of their own.
type Spans struct{ c *Client }

const spansPath = "/v1/private/spans"

// Create writes one span and returns its id: POST /v1/private/spans. A span that Opik has already stays as it is, which
// is no error; [ErrConflict] says that an update came before it and named another trace, parent or project.
// Opik takes 800 single writes of spans and traces a minute; CreateMany counts less.
func (s *Spans) Create(ctx context.Context, span Span) (id string, err error) {
	sent, err := span.sent(s.c.project)
	if err != nil {
		return "", err
	}
	r := request{method: http.MethodPost, path: spansPath, body: sent, repeatable: sent.ID != ""}
	return s.c.create(ctx, r, sent.ID)
}

// CreateMany writes spans: POST /v1/private/spans/batch, with at most 1000 in a request. A span that Opik has already is
// replaced, unless it has a newer LastUpdatedAt. Opik takes all spans of a request or none; the error says how many
// were sent before. A span without an id gets one that nobody learns.
func (s *Spans) CreateMany(ctx context.Context, spans []Span) error {
	rows, err := toSend(spans, s.c.project)
	if err != nil {
		return err
	}
	return sendBatches(ctx, s.c, request{method: http.MethodPost, path: spansPath + "/batch"}, "spans", rows)
}

// Get reads one span: GET /v1/private/spans/{id}. The error matches [ErrNotFound] if there is none, or none yet: what
// was just written can take a moment. Opik answers 250 such requests a minute.
func (s *Spans) Get(ctx context.Context, id string) (*Span, error) {
	return get[Span](ctx, s.c, spansPath, "span", id)
}

// List iterates over the spans that q means, in its order, a page with each request: GET /v1/private/spans. Spans that
// arrive meanwhile shift the pages; Search does not have that. Opik answers 30 such requests a minute.
func (s *Spans) List(ctx context.Context, q Query) iter.Seq2[Span, error] {
	return listAll[Span](ctx, s.c, EntitySpan, q)
}

// ListPage reads one page of List, with the number of all spans that q means: GET /v1/private/spans.
func (s *Spans) ListPage(ctx context.Context, q Query) (*Page[Span], error) {
	return listPage[Span](ctx, s.c, EntitySpan, q)
}

// Search iterates over all spans that q means, as Opik streams them: POST /v1/private/spans/search. It
// holds one span at a time, so that the result may be as large as it likes. The body of the loop runs while the stream
// is open: one that takes minutes should collect first. A search that breaks off can go on with Query.After, the id
// of the last span. Opik answers 30 such requests a minute, each of up to 2000 spans.
func (s *Spans) Search(ctx context.Context, q Query) iter.Seq2[Span, error] {
	return search[Span](ctx, s.c, EntitySpan, q)
}

// Update changes one span: PATCH /v1/private/spans/{id}. The error matches [ErrConflict] if the span has another trace,
// parent or project than the update says. An update that comes before its span makes a row of its own, which later
// hides the span: change only what Opik has.
func (s *Spans) Update(ctx context.Context, id string, update SpanUpdate) error {
	path, err := join(spansPath, "span", id)
	if err != nil {
		return err
	}
	body, err := update.sent(s.c)
	if err != nil {
		return err
	}
	return s.c.do(ctx, request{method: http.MethodPatch, path: path, body: body})
}

// UpdateMany changes spans alike: PATCH /v1/private/spans/batch, with at most 1000 in a request. Opik wants a TraceID in the
// update and does not compare it. Ids that it does not know are skipped without a word.
func (s *Spans) UpdateMany(ctx context.Context, ids []string, update SpanUpdate) error {
	body, err := update.sent(s.c)
	if err != nil {
		return err
	}
	return s.c.updateMany(ctx, EntitySpan, ids, body)
}

// Stats counts the spans that q means and averages their numbers: GET /v1/private/spans/stats.
func (s *Spans) Stats(ctx context.Context, q Query) (Stats, error) {
	return stats(ctx, s.c, EntitySpan, q)
}

// Delete deletes one span: DELETE /v1/private/spans/{id}. Opik documents that, and answers that it is not implemented:
// the error matches [ErrNotImplemented]. Delete the trace instead.
func (s *Spans) Delete(ctx context.Context, id string) error {
	return s.c.remove(ctx, spansPath, "span", id)
}

// stats asks for the statistics of a query.
func stats(ctx context.Context, c *Client, entity Entity, q Query) (Stats, error) {
	values, err := q.stats(c, entity)
	if err != nil {
		return nil, err
	}
	found, err := call[struct{ Stats Stats }](ctx, c, request{method: http.MethodGet, path: paths[entity] + "/stats", query: values})
	if err != nil {
		return nil, err
	}
	return found.Stats, nil
}
