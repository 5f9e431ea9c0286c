package rest

import (
	"context"
	"errors"
	"iter"
	"net/http"
)

// Threads is the service for threads. There is nothing to create: a thread exists when a trace carries its id.
// Scores and comments of threads have services of their own.
type Threads struct{ c *Client }

const threadsPath = "/v1/private/traces/threads"

// A threadBody names threads of a project.
type threadBody struct {
	ProjectName string   `json:"project_name,omitempty"`
	ProjectID   string   `json:"project_id,omitempty"`
	ThreadID    string   `json:"thread_id,omitempty"`
	ThreadIDs   []string `json:"thread_ids,omitempty"`
}

// threadBody returns the body that names the thread of ref.
func (c *Client) threadBody(ref Ref) (threadBody, error) {
	if ref.Entity != EntityThread || ref.ID == "" {
		return threadBody{}, errors.New("found a ref to something else, expected one to a thread, as of ThreadRef, with its id")
	}
	name, id := c.inProject(ref.ProjectName, ref.ProjectID)
	return threadBody{ProjectName: name, ProjectID: id, ThreadID: ref.ID}, nil
}

// Get reads one thread: POST /v1/private/traces/threads/retrieve. The error matches [ErrNotFound] if its project has none
// with that id.
func (s *Threads) Get(ctx context.Context, ref Ref) (*Thread, error) {
	body, err := s.c.threadBody(ref)
	if err != nil {
		return nil, err
	}
	r := request{method: http.MethodPost, path: threadsPath + "/retrieve", body: body, repeatable: true}
	return call[Thread](ctx, s.c, r)
}

// List iterates over the threads that q means, in its order, a page with each request: GET /v1/private/traces/threads.
// Opik answers 30 such requests a minute.
func (s *Threads) List(ctx context.Context, q Query) iter.Seq2[Thread, error] {
	return listAll[Thread](ctx, s.c, EntityThread, q)
}

// ListPage reads one page of List, with the number of all threads that q means: GET /v1/private/traces/threads.
func (s *Threads) ListPage(ctx context.Context, q Query) (*Page[Thread], error) {
	return listPage[Thread](ctx, s.c, EntityThread, q)
}

// Search iterates over all threads that q means, as Opik streams them: POST /v1/private/traces/threads/search. It works,
// and is limited, as [Spans.Search].
func (s *Threads) Search(ctx context.Context, q Query) iter.Seq2[Thread, error] {
	return search[Thread](ctx, s.c, EntityThread, q)
}

// Stats counts the threads that q means and averages their numbers: GET /v1/private/traces/threads/stats.
func (s *Threads) Stats(ctx context.Context, q Query) (Stats, error) {
	return stats(ctx, s.c, EntityThread, q)
}

// Update changes the tags of a thread, by its ModelID: PATCH /v1/private/traces/threads/{id}. The error matches
// [ErrNotFound] if there is no such thread.
func (s *Threads) Update(ctx context.Context, modelID string, update ThreadUpdate) error {
	return s.c.patch(ctx, threadsPath, "thread", modelID, update)
}

// UpdateMany changes the tags of threads alike, by their ModelIDs: PATCH /v1/private/traces/threads/batch, with at most
// 1000 in a request.
func (s *Threads) UpdateMany(ctx context.Context, modelIDs []string, update ThreadUpdate) error {
	return s.c.updateMany(ctx, EntityThread, modelIDs, update)
}

// Open makes a thread active: PUT /v1/private/traces/threads/open.
func (s *Threads) Open(ctx context.Context, ref Ref) error {
	body, err := s.c.threadBody(ref)
	if err != nil {
		return err
	}
	return s.c.do(ctx, request{method: http.MethodPut, path: threadsPath + "/open", body: body})
}

// Close makes a thread inactive, which is when Opik's online rules look at it: PUT /v1/private/traces/threads/close. The
// error matches [ErrNotFound] if there is no such thread.
func (s *Threads) Close(ctx context.Context, ref Ref) error {
	body, err := s.c.threadBody(ref)
	if err != nil {
		return err
	}
	return s.c.do(ctx, request{method: http.MethodPut, path: threadsPath + "/close", body: body})
}

// Delete deletes a thread with all of its traces: POST /v1/private/traces/threads/delete.
func (s *Threads) Delete(ctx context.Context, ref Ref) error {
	body, err := s.c.threadBody(ref)
	if err != nil {
		return err
	}
	body.ThreadID, body.ThreadIDs = "", []string{ref.ID}
	return s.c.do(ctx, request{method: http.MethodPost, path: threadsPath + "/delete", body: body, repeatable: true})
}
