package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Comments is the service for the comments on spans, traces and threads.
type Comments struct{ c *Client }

// A Comment is what somebody says about a span, a trace or a thread.
type Comment struct {
	ID            string    `json:"id,omitempty"`
	Text          string    `json:"text"`
	CreatedAt     time.Time `json:"created_at,omitzero"`
	CreatedBy     string    `json:"created_by,omitempty"`
	LastUpdatedAt time.Time `json:"last_updated_at,omitzero"`
	LastUpdatedBy string    `json:"last_updated_by,omitempty"`
}

// commentBody returns the body with the text of a comment.
func commentBody(text string) (any, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("the text of a comment is blank")
	}
	return map[string]string{"text": text}, nil
}

// path returns where the comments on ref are.
func (s *Comments) path(ref Ref) (string, error) {
	if ref.Entity == EntityThread && ref.ModelID == "" {
		return "", errors.New("comments find a thread by its ModelID: take the ref from what Threads.Get returns")
	}
	path, err := ref.path()
	return path + "/comments", err
}

// Add writes a comment and returns its id: POST /v1/private/{spans,traces,traces/threads}/{id}/comments. The error
// matches [ErrNotFound] if there is nothing to comment on.
func (s *Comments) Add(ctx context.Context, ref Ref, text string) (id string, err error) {
	path, err := s.path(ref)
	if err != nil {
		return "", err
	}
	body, err := commentBody(text)
	if err != nil {
		return "", err
	}
	return s.c.create(ctx, request{method: http.MethodPost, path: path, body: body}, "")
}

// Get reads a comment: GET /v1/private/{spans,traces,traces/threads}/{id}/comments/{comment}. The error matches
// [ErrNotFound] if there is none.
func (s *Comments) Get(ctx context.Context, ref Ref, commentID string) (*Comment, error) {
	path, err := s.path(ref)
	if err != nil {
		return nil, err
	}
	return get[Comment](ctx, s.c, path, "comment", commentID)
}

// Update changes the text of a comment: PATCH /v1/private/{spans,traces,traces/threads}/comments/{comment}. The error
// matches [ErrNotFound] if there is none.
func (s *Comments) Update(ctx context.Context, entity Entity, commentID, text string) error {
	path, err := entity.path()
	if err != nil {
		return err
	}
	if path, err = join(path+"/comments", "comment", commentID); err != nil {
		return err
	}
	body, err := commentBody(text)
	if err != nil {
		return err
	}
	return s.c.do(ctx, request{method: http.MethodPatch, path: path, body: body})
}

// Delete deletes comments: POST /v1/private/{spans,traces,traces/threads}/comments/delete, with at most 1000 in a
// request. That there are none is no error.
func (s *Comments) Delete(ctx context.Context, entity Entity, commentIDs ...string) error {
	path, err := entity.path()
	if err != nil {
		return err
	}
	if err := s.c.deleteMany(ctx, path+"/comments/delete", "comment", commentIDs); err != nil {
		return fmt.Errorf("comments on %ss: %w", entity, err)
	}
	return nil
}
