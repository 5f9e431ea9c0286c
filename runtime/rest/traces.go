package rest

import (
	"context"
	"iter"
	"net/http"
)

// Traces is the service for traces. Their scores, comments and attachments have services of their own.
type Traces struct{ c *Client }

const tracesPath = "/v1/private/traces"

// Create writes one trace and returns its id: POST /v1/private/traces. The error matches [ErrConflict] if Opik has a
// trace with that id. Opik takes 800 single writes of spans and traces a minute; CreateMany counts less.
func (s *Traces) Create(ctx context.Context, trace Trace) (id string, err error) {
	sent, err := trace.sent(s.c.project)
	if err != nil {
		return "", err
	}
	return s.c.create(ctx, request{method: http.MethodPost, path: tracesPath, body: sent}, sent.ID)
}

// CreateMany writes traces: POST /v1/private/traces/batch, with at most 1000 in a request. A trace that Opik has already
// is replaced, unless it has a newer LastUpdatedAt. Opik takes all traces of a request or none; the error says how many
// were sent before. A trace without an id gets one that nobody learns.
func (s *Traces) CreateMany(ctx context.Context, traces []Trace) error {
	rows, err := toSend(traces, s.c.project)
	if err != nil {
		return err
	}
	return sendBatches(ctx, s.c, request{method: http.MethodPost, path: tracesPath + "/batch"}, "traces", rows)
}

// Get reads one trace: GET /v1/private/traces/{id}. The error matches [ErrNotFound] if there is none, or none yet: what
// was just written can take a moment.
func (s *Traces) Get(ctx context.Context, id string) (*Trace, error) {
	return get[Trace](ctx, s.c, tracesPath, "trace", id)
}

// List iterates over the traces that q means, in its order, a page with each request: GET /v1/private/traces. Traces
// that arrive meanwhile shift the pages; Search does not have that. Opik answers 30 such requests a minute.
func (s *Traces) List(ctx context.Context, q Query) iter.Seq2[Trace, error] {
	return listAll[Trace](ctx, s.c, EntityTrace, q)
}

// ListPage reads one page of List, with the number of all traces that q means: GET /v1/private/traces.
func (s *Traces) ListPage(ctx context.Context, q Query) (*Page[Trace], error) {
	return listPage[Trace](ctx, s.c, EntityTrace, q)
}

// Search iterates over all traces that q means, as Opik streams them: POST /v1/private/traces/search. It
// works, and is limited, as [Spans.Search].
func (s *Traces) Search(ctx context.Context, q Query) iter.Seq2[Trace, error] {
	return search[Trace](ctx, s.c, EntityTrace, q)
}

// Update changes one trace: PATCH /v1/private/traces/{id}. An update that comes before its trace makes a row of its own,
// which later hides the trace: change only what Opik has. The error matches [ErrConflict] if the project is another.
func (s *Traces) Update(ctx context.Context, id string, update TraceUpdate) error {
	return s.c.patch(ctx, tracesPath, "trace", id, update.sent(s.c))
}

// UpdateMany changes traces alike: PATCH /v1/private/traces/batch, with at most 1000 in a request. Ids that Opik does not
// know are skipped without a word.
func (s *Traces) UpdateMany(ctx context.Context, ids []string, update TraceUpdate) error {
	return s.c.updateMany(ctx, EntityTrace, ids, update.sent(s.c))
}

// Stats counts the traces that q means and averages their numbers: GET /v1/private/traces/stats.
func (s *Traces) Stats(ctx context.Context, q Query) (Stats, error) {
	return stats(ctx, s.c, EntityTrace, q)
}

// Delete deletes one trace with its spans, scores, comments and attachments: DELETE /v1/private/traces/{id}. That there
// is none is no error.
func (s *Traces) Delete(ctx context.Context, id string) error {
	return s.c.remove(ctx, tracesPath, "trace", id)
}

// DeleteMany deletes traces as Delete does: POST /v1/private/traces/delete, with at most 1000 in a request.
func (s *Traces) DeleteMany(ctx context.Context, ids ...string) error {
	return s.c.deleteMany(ctx, tracesPath+"/delete", "trace", ids)
}
